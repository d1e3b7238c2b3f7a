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

    private readonly Dictionary<int, FaultProxy> _behind;

    private ChaosSite(GatewaySite site, Dictionary<int, FaultProxy> behind, FakeClocks clocks, SmallDisk? disk, string diskMissing, TimeProvider time)
    {
        (Site, _behind, Clocks, Disk, DiskMissing, Time) = (site, behind, clocks, disk, diskMissing, time);
        Fronts = [.. site.Nodes.Select(node => new FaultProxy(node.Endpoint))];
    }

    public GatewaySite Site { get; }

    public TimeProvider Time { get; }

    /// <summary>In front of the gateways, in their order.</summary>
    public IReadOnlyList<FaultProxy> Fronts { get; }

    /// <summary>Between the gateways and Postgres.</summary>
    public FaultProxy ToPostgres => _behind[Site.Postgres!.Port];

    /// <summary>Between the gateways and Redis; null where there is none.</summary>
    public FaultProxy? ToRedis => Site.Redis is null ? null : _behind[Site.Redis.Port];

    /// <summary>The gateways' wall clocks.</summary>
    public FakeClocks Clocks { get; }

    /// <summary>Under Postgres; null where none can be mounted, and <see cref="DiskMissing"/> says why.</summary>
    public SmallDisk? Disk { get; }

    public string DiskMissing { get; }

    public LoadTokens Tokens => Site.Nodes[0].Tokens;

    /// <summary>Where devices may connect.</summary>
    public IReadOnlyList<Uri> Endpoints => [.. Fronts.Select(front => front.Endpoint)];

    public static async Task<ChaosSite> StartAsync(SitePlan plan, TimeProvider time, CancellationToken cancel)
    {
        var behind = new Dictionary<int, FaultProxy>();
        var clocks = new FakeClocks(plan.Postgres);
        var programs = new List<string>();
        for (var n = 0; n < plan.Gateways; n++)
            programs.Add(await clocks.ProgramAsync(n, plan.Program(n), cancel));
        var why = "";
        var disk = plan.Postgres ? SmallDisk.TryMount(DiskMegabytes, out why) : null;
        try
        {
            var site = await GatewaySite.StartAsync(
                plan with
                {
                    Program = n => programs[n],
                    // A device that says nothing is noticed soon, so that a run of a minute sees it.
                    Settings = new Dictionary<string, string> { ["Limits__HeartbeatSeconds"] = "3" },
                    Via = port => (behind[port] = new FaultProxy(port)).Port,
                    PostgresFolder = disk?.Path,
                },
                time, cancel);
            return new ChaosSite(site, behind, clocks, disk, why, time);
        }
        catch
        {
            disk?.Dispose();
            clocks.Delete();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var front in Fronts)
            await front.DisposeAsync();
        await Site.DisposeAsync();
        foreach (var proxy in _behind.Values)
            await proxy.DisposeAsync();
        Disk?.Dispose();
        Clocks.Delete();
    }
}
