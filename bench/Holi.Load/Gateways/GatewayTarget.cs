namespace Holi.Load.Gateways;

/// <summary>Where a scenario finds its gateways: one that is running, or a private site.</summary>
internal sealed class GatewayTarget(IReadOnlyList<Uri> endpoints, LoadTokens tokens, GatewaySite? site) : IAsyncDisposable
{
    private int _next = -1;

    /// <summary>A private site's target; it owns the site.</summary>
    public GatewayTarget(GatewaySite site)
        : this([.. site.Nodes.Select(node => node.Endpoint)], site.Nodes[0].Tokens, site)
    {
    }

    /// <summary>All WebSocket addresses.</summary>
    public IReadOnlyList<Uri> Endpoints => endpoints;

    /// <summary>The next WebSocket address: each gateway's in turn, as a balancer in front of them would choose.</summary>
    public Uri Endpoint => endpoints[(int)((uint)Interlocked.Increment(ref _next) % (uint)endpoints.Count)];

    /// <summary>Tokens for its people.</summary>
    public LoadTokens Tokens => tokens;

    /// <summary>The private site; null where <c>--url</c> named a gateway, whose process can be neither measured nor killed.</summary>
    public GatewaySite? Site => site;

    /// <summary>Processor time of all private gateways so far; null where there are none.</summary>
    public TimeSpan? Cpu => site?.Nodes.Aggregate(TimeSpan.Zero, (sum, node) => sum + node.Cpu);

    public ValueTask DisposeAsync() => site?.DisposeAsync() ?? ValueTask.CompletedTask;
}
