using Holi.Load.Chaos.Faults;
using Holi.Load.Gateways;
using Holi.Load.Network;
using Holi.Servers;

namespace Holi.Load.Chaos;

/// <summary>
/// A private site in which everything can fail: a proxy in front of each gateway, which the devices and backends use, and one each in front of
/// Postgres and Redis, which the gateways use.
/// </summary>
internal sealed class ChaosSite : IAsyncDisposable
{
    // Room for a cluster, its log files and what a run of some minutes writes.
    private const int DiskMegabytes = 1_024;

    private readonly Dictionary<int, FaultProxy> _behind = [];

    private ChaosSite(ChaosPlan plan, TimeProvider time) => (EarlierGateway, Time) = (plan.EarlierGateway, time);

    public GatewaySite Site { get; private set; } = null!;

    public TimeProvider Time { get; }

    /// <summary>In front of the gateways, in their order.</summary>
    public IReadOnlyList<FaultProxy> Fronts { get; private set; } = [];

    /// <summary>Between the gateways and Postgres.</summary>
    public FaultProxy ToPostgres => _behind[Site.Postgres!.Port];

    /// <summary>Between the gateways and Redis; null where there is none.</summary>
    public FaultProxy? ToRedis => Site.Redis is null ? null : _behind[Site.Redis.Port];

    /// <summary>The gateways' wall clocks.</summary>
    public WallClocks Clocks { get; } = new();

    /// <summary>Postgres's fsyncs.</summary>
    public FailingSyncs Syncs { get; } = new();

    /// <summary>Under Postgres; null where none can be mounted, and <see cref="DiskMissing"/> says why.</summary>
    public SmallDisk? Disk { get; private set; }

    public string DiskMissing { get; private set; } = "";

    /// <summary>The gateway of the version before; null where none was named.</summary>
    public string? EarlierGateway { get; }

    /// <summary>What there is to be struck.</summary>
    public FaultNeeds Has => NeedsOf(Site.Postgres is not null, Site.Redis is not null, EarlierGateway is not null);

    public LoadTokens Tokens => Site.Nodes[0].Tokens;

    /// <summary>Where devices may connect.</summary>
    public IReadOnlyList<Uri> Endpoints => [.. Fronts.Select(front => front.Endpoint)];

    public static FaultNeeds NeedsOf(bool postgres, bool redis, bool earlierGateway) =>
        (postgres ? FaultNeeds.Postgres : 0) | (redis ? FaultNeeds.Redis : 0) | (earlierGateway ? FaultNeeds.EarlierGateway : 0);

    public static async Task<ChaosSite> StartAsync(SitePlan site, ChaosPlan plan, TimeProvider time, CancellationToken cancel)
    {
        var chaos = new ChaosSite(plan, time);
        try
        {
            await chaos.StartAsync(site, cancel);
            return chaos;
        }
        catch
        {
            await chaos.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var front in Fronts)
            await front.DisposeAsync();
        if (Site is not null)
            await Site.DisposeAsync();
        foreach (var proxy in _behind.Values)
            await proxy.DisposeAsync();
        Disk?.Dispose();
        Clocks.Dispose();
        Syncs.Dispose();
    }

    private async Task StartAsync(SitePlan site, CancellationToken cancel)
    {
        if (site.Postgres)
        {
            Disk = SmallDisk.TryMount(DiskMegabytes, out var why);
            DiskMissing = why;
        }
        Site = await GatewaySite.StartAsync(
            site with
            {
                // A device that says nothing is noticed soon, so that a run of a minute sees it.
                Settings = new Dictionary<string, string> { ["Limits__HeartbeatSeconds"] = "3" },
                Environment = Clocks.EnvironmentOf,
                Via = port => (_behind[port] = new FaultProxy(port)).Port,
                PostgresFolder = Disk?.Path,
                PostgresEnvironment = Syncs.Environment,
            },
            Time, cancel);
        Fronts = [.. Site.Nodes.Select(node => new FaultProxy(node.Endpoint))];
    }
}
