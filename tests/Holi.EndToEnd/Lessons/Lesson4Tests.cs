using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Lessons;

/// <summary>"Nothing was replayed downstream: what arrived during a blip was gone until someone refetched."</summary>
public sealed class Lesson4Tests
{
    [Fact]
    public async Task Lesson_4_everything_that_happened_during_a_blip_arrives_after_it_unasked()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana");
        await using var ben = await AppDevice.StartAsync(gateway, "ben");
        var id = await ana.CreateAsync("ben");
        await ana.SaidAsync(id, "before");
        await ben.HasTextsAsync(id, "before");

        ben.GoOffline();
        await Eventually.HoldsAsync(() => ben.State != ConnectionState.Ready, "ben does not notice");
        string[] first = [.. Enumerable.Range(0, 600).Select(n => $"blip {n}")];
        foreach (var text in first)
            await ana.SayAsync(id, text);
        await ana.FlushedAsync();
        var made = await ana.CreateAsync("ben");
        ben.GoOnline();
        await ben.HasTextsAsync(id, ["before", .. first]);
        await Eventually.HoldsAsync(() => ben.Client.Conversation(made).Summary is not null, "the conversation made meanwhile is not known");

        // The same where the gateway's memory is gone, too: cursors and log are all that it takes.
        ben.GoOffline();
        await ana.SaidAsync(id, "into the log");
        await gateway.KillAsync();
        await gateway.RestartAsync(cancel);
        ben.GoOnline();
        await ben.HasTextsAsync(id, ["before", .. first, "into the log"]);
        await Eventually.HoldsAsync(
            () => ben.Client.Conversation(id).Staleness.Freshness == Freshness.Current, "ben is not told that he has everything");
    }
}
