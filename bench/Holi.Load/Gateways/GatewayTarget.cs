using Holi.Load.Reports;

namespace Holi.Load.Gateways;

/// <summary>Where a scenario finds its gateways: one that is running, or a private site.</summary>
internal sealed class GatewayTarget : IAsyncDisposable
{
    private readonly RedisTrouble? _trouble;
    private int _next = -1;

    /// <param name="endpoints">Of gateways that are running.</param>
    /// <param name="tokens">For their people.</param>
    /// <param name="site">The private site that they are of; this owns it.</param>
    /// <param name="trouble">That its Redis is in.</param>
    public GatewayTarget(IReadOnlyList<Uri> endpoints, LoadTokens tokens, GatewaySite? site, RedisTrouble? trouble = null) =>
        (Endpoints, Tokens, Site, _trouble) = (endpoints, tokens, site, trouble);

    /// <summary>A private site's target; it owns the site, and the trouble its Redis is in.</summary>
    public GatewayTarget(GatewaySite site, RedisTrouble? trouble)
        : this([.. site.Nodes.Select(node => node.Endpoint)], site.Nodes[0].Tokens, site, trouble)
    {
    }

    /// <summary>All WebSocket addresses.</summary>
    public IReadOnlyList<Uri> Endpoints { get; }

    /// <summary>The next WebSocket address: each gateway's in turn, as a balancer in front of them would choose.</summary>
    public Uri Endpoint => EndpointOf((int)((uint)Interlocked.Increment(ref _next) % (uint)Endpoints.Count));

    /// <summary>Tokens for its people.</summary>
    public LoadTokens Tokens { get; }

    /// <summary>The private site; null where <c>--url</c> named a gateway, whose process can be neither measured nor killed.</summary>
    public GatewaySite? Site { get; }

    /// <summary>Processor time of all private gateways so far; null where there are none.</summary>
    public TimeSpan? Cpu => Site?.Nodes.Aggregate(TimeSpan.Zero, (sum, node) => sum + node.Cpu);

    /// <summary>The address of one of them, whatever the number: one beyond the last is the first again.</summary>
    public Uri EndpointOf(int number) => Endpoints[number % Endpoints.Count];

    /// <summary>A report that begins with what was loaded.</summary>
    public Report Report(string scenario) => new Report(scenario).Add("gateways", Endpoints.Count, "gateways");

    public async ValueTask DisposeAsync()
    {
        if (_trouble is not null)
            await _trouble.DisposeAsync();
        if (Site is not null)
            await Site.DisposeAsync();
    }
}
