using System.Net;
using System.Text.Json;
using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Servers;

namespace Holi.EndToEnd.Faults;

/// <summary>Faults 3 and 16: no space left, on the device and on the gateway. Invariants D and O; nothing is ever "probably queued".</summary>
public sealed class DiskTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fault_3_on_a_full_device_sending_fails_loudly_and_works_again_when_there_is_space()
    {
        using var disk = SmallDisks.Mount(megabytes: 8);
        var gateway = await shared.StartedAsync();
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ben.CreateAsync(_ana);
        var told = new List<string> { "before" };
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, disk.In("store")))
        {
            await ana.SaidAsync(id, "before");
            ana.GoOffline();
            disk.Fill();
            DeviceStoreException? full = null;
            for (var n = 0; full is null && n < 10_000; n++)
            {
                try
                {
                    await ana.SayAsync(id, $"{n} {new string('x', 500)}");
                    told.Add($"{n} {new string('x', 500)}");
                }
                catch (DeviceStoreException failed)
                {
                    full = failed;
                }
            }
            full.ShouldNotBeNull("the disk is full, and sending goes on").Failure.ShouldBe(DeviceStoreFailure.DiskFull);
            // What was committed before may still lie in the outbox: even taking it out needs space.
            var queued = ana.Client.Status.QueuedCommands;
            queued.ShouldBeInRange(told.Count - 1, told.Count, "what failed is not queued, what did not is");
            (await Should.ThrowAsync<DeviceStoreException>(ana.SayAsync(id, "still full"))).Failure.ShouldBe(DeviceStoreFailure.DiskFull);
            ana.Client.Status.QueuedCommands.ShouldBeInRange(told.Count - 1, queued);

            // With a network and without space it neither loses nor acknowledges anything.
            ana.GoOnline();
            await ben.SaidAsync(id, "meanwhile");
            disk.Free();
            var last = await ana.SayAsync(id, "after");
            told.Add("after");
            ana.Client.ConnectNow();
            await Eventually.EndsAsync(last.Committed);
            await Eventually.HoldsAsync(() => ana.Texts(id).Count == told.Count + 1, () => $"{ana.Client.Status.Current}: {ana.Texts(id).Count} of {told.Count + 1}");
            ana.Client.Damage.Any.ShouldBeFalse();
        }
        await ben.HasTextsAsync(id, [.. await ReopenedAsync(gateway, disk, id)]);
        ben.Texts(id).Where(text => text != "meanwhile").ShouldBe(told);
    }

    [Fact]
    public async Task Fault_16_a_gateway_whose_disk_is_full_acknowledges_nothing_says_so_and_goes_on_by_itself_when_there_is_space()
    {
        using var disk = SmallDisks.Mount(megabytes: 16);
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel, new Dictionary<string, string> { ["DataFolder"] = disk.In("data") });
        await using var ana = await AppDevice.StartAsync(gateway, _ana, change: options => options with { Random = AppDevice.ShortWaits });
        await using var ben = await AppDevice.StartAsync(gateway, _ben, change: options => options with { Random = AppDevice.ShortWaits });
        var id = await ana.CreateAsync(_ben);
        await ana.SaidAsync(id, "before");
        await ben.HasTextsAsync(id, "before");

        var texts = new List<string> { "before" };
        for (var round = 0; round < 2; round++)
        {
            await StuckAsync(gateway, disk, async () => await SendAsync());
            var waiting = new List<QueuedCommand>();
            for (var n = 0; n < 10; n++)
                waiting.Add(await SendAsync());
            var failures = await CountAsync(gateway, "failures");
            await Eventually.HoldsAsync(async () => await CountAsync(gateway, "failures") > failures + 1, "it has stopped trying");
            waiting.ShouldAllBe(command => !command.IsAnswered);
            ben.Texts(id).Count.ShouldBeLessThanOrEqualTo(texts.Count - waiting.Count, "shown, and not on disk");
            (await ReadyAsync(gateway)).ShouldContain("disk full");

            // The first time it recovers by itself; the second time it is killed, too.
            if (round == 1)
                await gateway.KillAsync();
            disk.Free();
            if (round == 1)
                await gateway.RestartAsync(Cancel);
            await Eventually.EndsAsync(waiting[^1].Committed);
            await Eventually.HoldsAsync(async () => await ReadyAsync(gateway) == "ready", "it is not ready again");
        }
        await ben.HasTextsAsync(id, texts);
        await ana.HasTextsAsync(id, texts);

        async Task<QueuedCommand> SendAsync()
        {
            texts.Add($"{texts.Count} {new string('x', 2_000)}");
            return await ana.SayAsync(id, texts[^1]);
        }
    }

    [Fact]
    public async Task Fault_16_a_gateway_that_cannot_write_ends_in_its_stated_time_and_loses_nothing()
    {
        using var disk = SmallDisks.Mount(megabytes: 16);
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel, new Dictionary<string, string> { ["DataFolder"] = disk.In("data") });
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        var id = await ana.CreateAsync();
        var sent = new List<QueuedCommand>();
        await StuckAsync(gateway, disk, SendAsync);
        await SendAsync();
        var began = TimeProvider.System.GetTimestamp();
        (await gateway.StopAsync(Cancel)).ShouldBe(0);
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeLessThan(DrainTests.StopSeconds);
        sent[^1].IsAnswered.ShouldBeFalse("acknowledged without space");
        disk.Free();
        await gateway.RestartAsync(Cancel);
        await Eventually.EndsAsync(sent[^1].Committed);
        await ana.HasTextsAsync(id, Enumerable.Range(0, sent.Count).Select(n => $"{n} {new string('x', 2_000)}"));

        async Task SendAsync() => sent.Add(await ana.SayAsync(id, $"{sent.Count} {new string('x', 2_000)}"));
    }

    // Fills the disk and sends, until nothing is committed any more: a log finds room for a while, in files that it has.
    private static async Task StuckAsync(GatewayProcess gateway, SmallDisk disk, Func<Task> sendAsync)
    {
        var (batches, failures) = (-1L, 0L);
        await Eventually.HoldsAsync(
            async () =>
            {
                disk.Fill();
                var now = await CountAsync(gateway, "batches");
                if (now != batches)
                {
                    (batches, failures) = (now, await CountAsync(gateway, "failures"));
                    await sendAsync();
                }
                return await CountAsync(gateway, "failures") > failures + 2;
            },
            "the disk does not become full");
    }

    private static async Task<long> CountAsync(GatewayProcess gateway, string name)
    {
        using var status = await gateway.StatusAsync(Cancel);
        return status.RootElement.GetProperty("commits").GetProperty(name).GetInt64();
    }

    // What a store on the disk says when it is opened again.
    private async Task<string[]> ReopenedAsync(GatewayProcess gateway, SmallDisk disk, string id)
    {
        await using var again = await AppDevice.StartAsync(gateway, _ana, disk.In("store"), online: false);
        again.Client.Damage.Any.ShouldBeFalse();
        again.Client.Status.QueuedCommands.ShouldBe(0);
        return [.. (await again.Client.Conversation(id).ReadBackAsync(0, 1_000, Cancel)).Select(e => e.Text).OfType<string>()];
    }

    private static async Task<string> ReadyAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/healthz/ready" }.Uri, Cancel);
        var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
        var state = said.GetProperty("state").GetString()!;
        answer.StatusCode.ShouldBe(state == "ready" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        var log = said.GetProperty("dependencies")[0];
        log.GetProperty("state").GetString().ShouldBe(state == "ready" ? "up" : "failing");
        (log.GetProperty("since").ValueKind == JsonValueKind.String).ShouldBe(state != "ready", "since when");
        return state == "ready" ? state : log.GetProperty("reason").GetString()!;
    }
}
