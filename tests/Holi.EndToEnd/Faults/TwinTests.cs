using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;

namespace Holi.EndToEnd.Faults;

/// <summary>Faults 4 and 5: a device's store that was cloned, restored or damaged. Invariants D and O.</summary>
public sealed class TwinTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana");

    [Fact]
    public async Task Fault_5_what_was_queued_in_a_store_and_its_copy_arrives_once_and_both_go_on()
    {
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var witness = await AppDevice.StartAsync(gateway, SharedGateway.Somebody("witness"));
        var id = await QueueAndCopyAsync(gateway, witness, folder);
        await using (var first = await AppDevice.StartAsync(gateway, _ana, folder.In("first")))
        {
            await first.SaidAsync(id, "only in the first");
            await first.FlushedAsync();
        }
        await using (var second = await AppDevice.StartAsync(gateway, _ana, folder.In("second")))
        {
            await second.FlushedAsync();
            await second.SaidAsync(id, "only in the second");
            await second.HasTextsAsync(id, witness.Texts(id));
        }
        await witness.HasTextsAsync(
            id, "committed before", "queued in both 0", "queued in both 1", "queued in both 2", "only in the first", "only in the second");
    }

    // The twins gave one seq to two messages: only their content tells them apart (§7.2).
    [Fact]
    public async Task Fault_5_twins_that_gave_the_same_seq_to_different_messages_lose_neither()
    {
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var witness = await AppDevice.StartAsync(gateway, SharedGateway.Somebody("witness"));
        var id = await QueueAndCopyAsync(gateway, witness, folder);
        await using (var first = await AppDevice.StartAsync(gateway, _ana, folder.In("first")))
            await first.SaidAsync(id, "only in the first");
        await using (var second = await AppDevice.StartAsync(gateway, _ana, folder.In("second"), online: false))
        {
            await second.SayAsync(id, "only in the second");
            await second.SayAsync(id, "only in the second, too");
            second.GoOnline();
            await second.FlushedAsync();
        }
        await witness.HasTextsAsync(
            id, "committed before", "queued in both 0", "queued in both 1", "queued in both 2", "only in the first", "only in the second", "only in the second, too");
    }

    // Nobody had given it a generation yet, so what both copies hold has only the identity that the store itself gave it (§6.4).
    [Fact]
    public async Task Fault_5_what_was_queued_before_the_first_connection_arrives_once_though_the_store_was_copied()
    {
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var witness = await AppDevice.StartAsync(gateway, SharedGateway.Somebody("witness"));
        var id = await witness.CreateAsync(_ana);
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, folder.In("first"), online: false))
        {
            for (var n = 0; n < 3; n++)
                await ana.SayAsync(id, $"queued in both {n}");
        }
        await TempFolder.CopyAsync(folder.In("first"), folder.In("second"));
        await using (var first = await AppDevice.StartAsync(gateway, _ana, folder.In("first")))
            await first.FlushedAsync();
        await using (var second = await AppDevice.StartAsync(gateway, _ana, folder.In("second")))
        {
            await second.FlushedAsync();
            await second.SaidAsync(id, "only in the second");
        }
        await witness.HasTextsAsync(id, "queued in both 0", "queued in both 1", "queued in both 2", "only in the second");
    }

    [Fact]
    public async Task Fault_5_of_two_twins_that_run_at_once_one_is_fenced_and_tells_its_person()
    {
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        string id;
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, folder.In("first")))
            id = await ana.CreateAsync();
        await TempFolder.CopyAsync(folder.In("first"), folder.In("second"));

        await using var first = await AppDevice.StartAsync(gateway, _ana, folder.In("first"));
        await first.SaidAsync(id, "first");
        await using var second = await AppDevice.StartAsync(gateway, _ana, folder.In("second"));
        await second.SaidAsync(id, "second");

        // Usually the older stops; where the network lost the gateway's last word to it, it came back and the newer stops.
        var stopped = await StoppedAsync(first, second);
        stopped.Client.Status.LastError!.Code.ShouldBe(HoliCode.Fenced);
        var kept = await stopped.SayAsync(id, "again");

        // The person picks it up again: it repairs itself, and one of them stops once more.
        stopped.Client.ConnectNow();
        await Eventually.EndsAsync(kept.Committed);
        await StoppedAsync(first, second);
        await using var tablet = await AppDevice.StartAsync(gateway, _ana);
        await tablet.HasTextsAsync(id, "first", "second", "again");
    }

    [Fact]
    public async Task Fault_4_a_damaged_outbox_is_noticed_and_the_rest_is_sent()
    {
        const int queued = 300;
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var witness = await AppDevice.StartAsync(gateway, SharedGateway.Somebody("witness"));
        var id = await witness.CreateAsync(_ana);
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, folder.Path))
        {
            await ana.SaidAsync(id, "before");
            ana.GoOffline();
            for (var n = 0; n < queued; n++)
                await ana.SayAsync(id, $"{n} {new string('x', 200)}");
        }
        var database = Directory.EnumerateFiles(folder.Path).MaxBy(file => new FileInfo(file).Length)!;
        await using (var file = File.OpenWrite(database))
        {
            // A whole page of the newest rows.
            file.Position = file.Length - (file.Length / 4 / 4096 * 4096) - 2_048;
            file.Write(new byte[1_024]);
        }

        await using var again = await AppDevice.StartAsync(gateway, _ana, folder.Path);
        var lost = again.Client.Damage.LostCommands.Count;
        again.Client.Damage.Any.ShouldBeTrue("the damage was not noticed");
        await again.FlushedAsync();
        await again.SaidAsync(id, "after");
        await Eventually.HoldsAsync(() => witness.Texts(id).Contains("after"), "nothing comes after the damage");
        var numbers = witness.Texts(id).Where(text => text.Contains('x', StringComparison.Ordinal)).Select(text => int.Parse(text.Split(' ')[0], null)).ToArray();
        numbers.ShouldBe(numbers.Distinct().Order());
        (queued - numbers.Length).ShouldBe(lost, "more was lost than was told");
        lost.ShouldBeLessThan(queued);
    }

    private static async Task<AppDevice> StoppedAsync(params AppDevice[] twins)
    {
        await Eventually.HoldsAsync(
            () => twins.Any(twin => twin.State == ConnectionState.Stopped), () => string.Join('\n', twins.Select(twin => twin.Client.Status.Current)));
        return twins.First(twin => twin.State == ConnectionState.Stopped);
    }

    private async Task<string> QueueAndCopyAsync(GatewayProcess gateway, AppDevice witness, TempFolder folder)
    {
        var id = await witness.CreateAsync(_ana);
        await using (var ana = await AppDevice.StartAsync(gateway, _ana, folder.In("first")))
        {
            await ana.SaidAsync(id, "committed before");
            ana.GoOffline();
            for (var n = 0; n < 3; n++)
                await ana.SayAsync(id, $"queued in both {n}");
        }
        await TempFolder.CopyAsync(folder.In("first"), folder.In("second"));
        return id;
    }
}
