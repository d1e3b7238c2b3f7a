using Holi.Client;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Backends;

/// <summary>
/// The gateway that fetches is killed (SIGKILL) in the middle, and so is the one that takes its place: what backends put on each road arrives once, in order,
/// and what is no publication is put aside and in nobody's way.
/// </summary>
public sealed class RoadKillTests
{
    private const int Kills = 3, Publications = 900;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task D_O_of_the_stream_nothing_is_lost_repeated_or_out_of_order_when_gateways_that_fetch_it_are_killed()
    {
        await using var site = await BackendSite.StartAsync(gateways: 2);
        await using var ana = await AppDevice.StartAsync(site.Nodes[1], "ana", change: options => options with { Random = AppDevice.ShortWaits });
        await ana.IsAsync(ConnectionState.Ready);
        var publishing = Task.Run(
            async () =>
            {
                foreach (var key in Keys)
                {
                    await site.AddAsync(key, "ana");
                    if (key.EndsWith("00", StringComparison.Ordinal))
                        await site.AddEntryAsync("tenant", "dev", "key", key, "kind", "nonsense", "content", "{}", "target", "user/ana");
                }
            },
            Cancel);
        await KillInTurnAsync(site, ana);
        await Eventually.EndsAsync(publishing);
        await ana.HasTitlesAsync("user/ana", Keys);
        await site.IsEmptyAsync();
        (await site.DeadEntriesAsync()).ShouldBe(
            Keys.Where(key => key.EndsWith("00", StringComparison.Ordinal)).Select(key => $"4609 kind: this gateway speaks notification, message.post and cancel. {key}"),
            ignoreOrder: true);
        // All of it again, as a backend does that heard no answer.
        foreach (var key in Keys)
            await site.AddAsync(key, "ana");
        await site.AddAsync("last", "ana");
        await ana.HasTitlesAsync("user/ana", [.. Keys, "last"]);
    }

    [Fact]
    public async Task D_O_of_the_outbox_nothing_is_lost_repeated_or_out_of_order_when_gateways_that_fetch_it_are_killed()
    {
        await using var site = await BackendSite.StartAsync(gateways: 2);
        await using var ana = await AppDevice.StartAsync(site.Nodes[1], "ana", change: options => options with { Random = AppDevice.ShortWaits });
        await ana.IsAsync(ConnectionState.Ready);
        var publishing = Task.Run(
            async () =>
            {
                foreach (var keys in Keys.Chunk(5))
                    await site.InsertAsync(keys, "ana");
            },
            Cancel);
        await KillInTurnAsync(site, ana);
        await Eventually.EndsAsync(publishing);
        await ana.HasTitlesAsync("user/ana", Keys);
        await site.IsEmptyAsync();
        (await site.AskAsync<long>("select count(*) from holi_outbox_dead")).ShouldBe(0);
    }

    [Fact]
    public async Task D_O_what_is_scheduled_by_way_of_the_stream_comes_once_though_the_gateway_that_took_it_is_killed_when_it_is_due()
    {
        await using var site = await BackendSite.StartAsync(gateways: 2);
        await using var ana = await AppDevice.StartAsync(site.Nodes[1], "ana");
        await ana.IsAsync(ConnectionState.Ready);
        var due = TimeProvider.System.GetUtcNow().AddSeconds(3);
        for (var i = 0; i < 200; i++)
            await site.AddAsync($"k{i:D3}", "ana", "deliverAt", $"{due.ToUnixTimeMilliseconds() + i}");
        await site.AddAsync("dropped", "ana", "deliverAt", $"{due.ToUnixTimeMilliseconds()}");
        await site.AddEntryAsync("tenant", "dev", "key", "dropped", "kind", "cancel");
        await site.IsEmptyAsync();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow() >= due, "time stands still");
        await site.Nodes[0].KillAsync();
        await ana.HasTitlesAsync("user/ana", Enumerable.Range(0, 200).Select(i => $"k{i:D3}"));
        await site.Nodes[0].RestartAsync(Cancel);
        await site.AddAsync("last", "ana");
        await ana.HasTitlesAsync("user/ana", [.. Enumerable.Range(0, 200).Select(i => $"k{i:D3}"), "last"]);
    }

    private static string[] Keys { get; } = [.. Enumerable.Range(0, Publications).Select(i => $"k{i:D3}")];

    // The first gateway that ran has the turn, and the other one when it is gone.
    private static async Task KillInTurnAsync(BackendSite site, AppDevice device)
    {
        for (var kill = 1; kill <= Kills; kill++)
        {
            var reached = kill * Publications / (Kills + 2);
            await Eventually.HoldsAsync(() => device.Titles("user/ana").Count > reached, () => $"{device.Titles("user/ana").Count} of {reached}");
            var node = site.Nodes[(kill - 1) % site.Nodes.Count];
            await node.KillAsync();
            await node.RestartAsync(Cancel);
        }
    }
}
