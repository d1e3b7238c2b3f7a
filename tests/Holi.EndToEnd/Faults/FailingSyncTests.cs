using System.Net;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Load.Scenarios.Flush;

namespace Holi.EndToEnd.Faults;

/// <summary>
/// Fault 16: an fsync fails. Nothing is acknowledged by then (D); and since the system may have dropped what it could not write, what lay in the
/// log is not taken for safe because the next fsync succeeds: it is written anew, into the database, first.
/// </summary>
public sealed class FailingSyncTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fault_16_a_gateway_whose_fsync_fails_acknowledges_nothing_until_what_it_wrote_is_written_anew()
    {
        using var folder = new TempFolder();
        using var disk = new FailingDisk();
        await using var gateway = await GatewayProcess.StartAsync(Checkout.GatewayWith(folder, disk.Variables), TimeProvider.System, Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ana.CreateAsync(_ben);
        await ana.SaidAsync(id, "before");
        await ben.HasTextsAsync(id, "before");

        disk.Fails = true;
        var sent = await ana.SayAsync(id, "meanwhile");
        await Eventually.HoldsAsync(async () => await ReadinessAsync(gateway) == HttpStatusCode.ServiceUnavailable, "it says that it is ready");
        sent.IsAnswered.ShouldBeFalse("acknowledged without a sync");
        ben.Texts(id).ShouldBe(["before"]);
        var synced = disk.Synced.Length;

        disk.Fails = false;
        await Eventually.EndsAsync(sent.Committed);
        disk.Synced.Skip(synced).ShouldContain("ok holi.db", "what a failed sync left in the log was taken for safe");
        await ana.SaidAsync(id, "after");
        await ben.HasTextsAsync(id, ["before", "meanwhile", "after"]);
        await gateway.KillAsync();
        await gateway.RestartAsync(Cancel);
        await using var tablet = await AppDevice.StartAsync(gateway, _ben);
        await tablet.HasTextsAsync(id, ["before", "meanwhile", "after"]);
    }

    [Fact]
    public async Task Fault_16_a_device_whose_fsync_fails_says_so_and_queues_again_once_its_store_is_safe()
    {
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        using var disk = new FailingDisk();
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ben.CreateAsync(_ana);
        await using var ana = await DeviceProcess.StartAsync(gateway, gateway.Endpoint, _ana, folder.Path, id, environment: disk.Variables);
        ana.Queue(0, 1);
        await Eventually.HoldsAsync(() => ana.Durable == 0, "nothing is queued");

        disk.Fails = true;
        var synced = disk.Synced.Length;
        ana.Queue(1, 1);
        await Eventually.HoldsAsync(() => disk.Synced.Skip(synced).Any(call => call.StartsWith("failed", StringComparison.Ordinal)), "it does not sync");

        disk.Fails = false;
        synced = disk.Synced.Length;
        ana.Queue(2, 1);
        await Eventually.HoldsAsync(() => ana.Durable == 2, "it queues nothing any more");
        disk.Synced.Skip(synced).Any(IsDatabase).ShouldBeTrue("what a failed sync left in the log was taken for safe");
        ana.GoOnline();
        await ben.HasTextsAsync(id, FlushMessages.Text(0), FlushMessages.Text(2));

        static bool IsDatabase(string call) => call.StartsWith("ok ", StringComparison.Ordinal) && call.EndsWith(".holi", StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> ReadinessAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        var ready = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/healthz/ready" }.Uri;
        using var answer = await http.GetAsync(ready, Cancel);
        return answer.StatusCode;
    }
}
