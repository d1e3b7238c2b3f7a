using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Scenarios.Flush;

namespace Holi.EndToEnd.Faults;

/// <summary>Faults 1 and 2: a device's process is killed right before, in the middle of, and right after a write of its store. Invariants D, O, S.</summary>
public sealed class NamedPointTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    [Theory]
    [InlineData("before-commands:2")]
    [InlineData("during-commands:2")]
    [InlineData("after-commands:2")]
    public async Task Fault_1_a_device_killed_around_its_outbox_commit_keeps_all_that_it_told_as_queued_and_sends_it_once(string point)
    {
        const int each = 20;
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ben.CreateAsync(_ana);
        int durable;
        await using (var first = await DeviceProcess.StartAsync(gateway, gateway.Endpoint, _ana, folder.Path, id, point))
        {
            // One command is one write. More could be cut into two, and the second write is the one it dies at.
            first.Queue(0, 1);
            await Eventually.HoldsAsync(() => first.Durable >= 0, "nothing is queued");
            first.Queue(1, each);
            await first.DiedAsync();
            durable = first.Durable + 1;
        }

        await using var second = await DeviceProcess.StartAsync(gateway, gateway.Endpoint, _ana, folder.Path, id);
        (await second.Queued).ShouldBeGreaterThanOrEqualTo(durable, "what was told as queued is gone");
        second.GoOnline();
        await Eventually.EndsAsync(second.Flushed);
        await Eventually.HoldsAsync(() => ben.Texts(id).Count >= durable, () => $"{ben.Texts(id).Count} of {durable} arrived");
        // What was never told as queued may be there or not; there is no gap, and nothing comes twice.
        ben.Texts(id).Select(FlushMessages.NumberOf).ShouldBe(Enumerable.Range(0, ben.Texts(id).Count));
    }

    [Theory]
    [InlineData("before-events:3")]
    [InlineData("during-events:3")]
    [InlineData("after-events:3")]
    public async Task Fault_2_a_device_killed_around_the_storing_of_events_has_a_prefix_without_a_gap_and_then_everything_once(string point)
    {
        const int after = 5;
        var gateway = await shared.StartedAsync();
        using var folder = new TempFolder();
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ben.CreateAsync(_ana);
        await using var people = await ben.WatchAsync(id);
        var before = 0;
        await using (var first = await DeviceProcess.StartAsync(gateway, gateway.Endpoint, _ana, folder.Path, id, point))
        {
            first.GoOnline();
            await people.ShowsAsync(_ana, p => p.IsOnline, "ana does not come");
            // One at a time, so that each is a write of its own.
            for (; !first.HasDied; before++)
            {
                await ben.SaidAsync(id, $"{before}");
                await Eventually.HoldsAsync(
                    () => first.HasDied || people.Now(_ana)!.Delivered == ben.Shown(id)[^1].Offset, () => $"{people.Now(_ana)} does not store {before}");
            }
            await first.DiedAsync();
        }

        // What it has told the gateway to have stored, it has.
        await people.ShowsAsync(_ana, p => !p.IsOnline, "ana does not go");
        await using (var offline = await AppDevice.StartAsync(gateway, _ana, folder.Path, online: false))
        {
            var stored = (await offline.Client.Conversation(id).ReadBackAsync(0, 100, TestContext.Current.CancellationToken)).Select(e => e.Offset).ToArray();
            stored.ShouldBe(Enumerable.Range(1, stored.Length).Select(n => (ulong)n));
            people.Of(_ana).Max(p => p.Delivered).ShouldBeLessThanOrEqualTo((ulong)stored.Length, "it acknowledged what it does not have");
        }
        for (var n = before; n < before + after; n++)
            await ben.SaidAsync(id, $"{n}");
        await using var second = await AppDevice.StartAsync(gateway, _ana, folder.Path);
        await people.ShowsAsync(_ana, p => p.Delivered == ben.Shown(id)[^1].Offset, "ana's cursor does not reach the head");
        var all = await second.Client.Conversation(id).ReadBackAsync(0, 100, TestContext.Current.CancellationToken);
        all.Select(e => e.Offset).ShouldBe(Enumerable.Range(1, all.Count).Select(n => (ulong)n));
        all.Select(e => e.Text).OfType<string>().ShouldBe(Enumerable.Range(0, before + after).Select(n => $"{n}"));
    }
}
