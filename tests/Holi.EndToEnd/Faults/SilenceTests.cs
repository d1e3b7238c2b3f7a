using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Load.Network;

namespace Holi.EndToEnd.Faults;

/// <summary>Faults 6, 7 and 12: the socket is open and nobody is there. Noticed by the heartbeat, then recovered. Invariants D, O, S, L.</summary>
public sealed class SilenceTests(SharedGateway shared)
{
    private static readonly Dictionary<string, string> QuickHeartbeat = new() { ["Limits__HeartbeatSeconds"] = "1" };

    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fault_7_a_half_open_connection_is_noticed_by_the_heartbeat_and_replaced(bool bothWays)
    {
        var gateway = await shared.StartedAsync();
        await using var network = new FaultProxy(gateway.Endpoint);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        await using var ana = await StartAsync(gateway, network);
        var id = await ben.CreateAsync(_ana);
        await ana.SaidAsync(id, "before");

        if (bothWays)
            network.Swallowing = true;
        else
            network.SwallowingDown = true;
        var meanwhile = await ana.SayAsync(id, "meanwhile");
        await ben.SaidAsync(id, "to nobody");
        await Eventually.HoldsAsync(() => ana.State != ConnectionState.Ready, "the silence is not noticed");
        network.Swallowing = false;
        await Eventually.EndsAsync(meanwhile.Committed);
        await ana.SaidAsync(id, "after");
        // Which of the two came first nobody can say; both have the same answer.
        await Eventually.HoldsAsync(() => ben.Texts(id).Count >= 4, () => string.Join(", ", ben.Texts(id)));
        ben.Texts(id).Order().ShouldBe(["after", "before", "meanwhile", "to nobody"]);
        await ana.HasTextsAsync(id, ben.Texts(id));
    }

    [Fact]
    public async Task Fault_7_after_a_change_of_network_a_dead_connection_is_found_out_at_once()
    {
        var gateway = await shared.StartedAsync();
        await using var network = new FaultProxy(gateway.Endpoint);
        await using var ana = await AppDevice.StartAsync(
            gateway, _ana, change: options => options with { Endpoint = network.Endpoint, HeartbeatMax = TimeSpan.FromMinutes(10) });
        var id = await ana.CreateAsync();
        network.Swallowing = true;
        await ana.SayAsync(id, "from another address");
        ana.Client.NetworkAvailable();
        // The heartbeat would take minutes: only the question asked at once finds out.
        await Eventually.HoldsAsync(() => ana.State != ConnectionState.Ready, "the dead connection is not noticed");
        network.Swallowing = false;
        await ana.HasTextsAsync(id, "from another address");
    }

    [Fact]
    public async Task Fault_6_a_suspended_app_is_let_go_and_goes_on_when_it_wakes()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, cancel, QuickHeartbeat);
        using var folder = new TempFolder();
        await using var ben = await AppDevice.StartAsync(gateway, "ben");
        var id = await ben.CreateAsync("ana");
        await using var people = await ben.WatchAsync(id);
        await using var ana = await DeviceProcess.StartAsync(gateway, gateway.Endpoint, "ana", folder.Path, id);
        ana.GoOnline();
        ana.Queue(0, 200);
        await Eventually.HoldsAsync(() => ben.Texts(id).Count > 0, "nothing comes");
        await ana.SignalAsync("STOP");
        try
        {
            await people.ShowsAsync("ana", p => !p.IsOnline, "the gateway keeps a device that is silent");
            await ben.SaidAsync(id, "0.5.");
        }
        finally
        {
            await ana.SignalAsync("CONT");
        }
        await people.ShowsAsync("ana", p => p.IsOnline, "ana does not come back");
        ana.Queue(200, 100);
        await Eventually.HoldsAsync(() => ben.Texts(id).Count >= 301, () => $"{ben.Texts(id).Count} of 301 came");
        ben.Texts(id).Where(text => text != "0.5.").Select(Holi.Load.Scenarios.Flush.FlushMessages.NumberOf).ShouldBe(Enumerable.Range(0, 300));
    }

    [Fact]
    public async Task Fault_12_a_gateway_that_was_paused_wakes_to_devices_that_moved_on()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, cancel);
        await using var network = new FaultProxy(gateway.Endpoint);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        await using var ana = await StartAsync(gateway, network);
        var id = await ben.CreateAsync(_ana);
        await ana.SaidAsync(id, "before");
        await gateway.PauseAsync();
        try
        {
            // They lie in the paused gateway's sockets, and are said again on each connection that ana tries.
            for (var n = 0; n < 20; n++)
                await ana.SayAsync(id, $"paused {n}");
            await Eventually.HoldsAsync(() => ana.State != ConnectionState.Ready, "the pause is not noticed");
        }
        finally
        {
            await gateway.ResumeAsync();
        }
        await ana.FlushedAsync();
        await ana.SaidAsync(id, "after");
        string[] expected = ["before", .. Enumerable.Range(0, 20).Select(n => $"paused {n}"), "after"];
        await ben.HasTextsAsync(id, expected);
        await ana.HasTextsAsync(id, expected);
    }

    private Task<AppDevice> StartAsync(GatewayProcess gateway, FaultProxy network) => AppDevice.StartAsync(
        gateway, _ana, change: options => options with { Endpoint = network.Endpoint, HeartbeatMax = TimeSpan.FromSeconds(1), Random = AppDevice.ShortWaits });
}
