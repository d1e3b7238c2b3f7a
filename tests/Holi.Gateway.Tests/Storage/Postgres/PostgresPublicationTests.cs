using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Tests.Ingress;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>Two gateways on one log: one key takes effect once, whichever of them is asked, and what is scheduled is delivered by one of them.</summary>
public sealed class PostgresPublicationTests : IAsyncLifetime
{
    private readonly List<IngressNode> _nodes = [];
    private readonly List<TempFolder> _folders = [];
    private PostgresDatabase _database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await PostgresDatabase.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _database.DisposeAsync();
        foreach (var folder in _folders)
            folder.Dispose();
    }

    [Fact]
    public async Task O_one_key_sent_to_both_at_once_takes_effect_once_and_both_say_where()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        for (var round = 0; round < 20; round++)
        {
            var keys = Enumerable.Range(0, 25).Select(i => $"k{round}-{i}").ToArray();
            var first = Task.WhenAll(keys.Select(key => one.NotifyAsync(key)));
            var second = Task.WhenAll(keys.Reverse().Select(key => two.NotifyAsync(key)));
            await Task.WhenAll(first, second);
            (await first).Select(a => a.Offset).ShouldBe((await second).Reverse().Select(a => a.Offset));
            (await first).Concat(await second).Count(a => a.Result == PublicationResult.Committed).ShouldBe(keys.Length);
        }
        (await TitlesAsync(one)).ShouldBeUnique();
        (await TitlesAsync(two)).Count.ShouldBe(500);
    }

    [Fact]
    public async Task O_what_is_scheduled_is_delivered_by_one_of_them_in_order_and_when_its_node_is_gone_by_the_other()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        var soon = TimeProvider.System.GetUtcNow().AddSeconds(2).ToUnixTimeMilliseconds();
        var keys = Enumerable.Range(0, 60).Select(i => $"k{i:D2}").ToArray();
        foreach (var key in keys[..40])
            (await one.NotifyAsync(key, soon)).Result.ShouldBe(PublicationResult.Scheduled);
        foreach (var key in keys[40..])
            await one.NotifyAsync(key, soon + 1_500);
        await UntilAsync(async () => (await TitlesAsync(two)).Count >= 40);
        _nodes.Remove(one);
        await one.DisposeAsync();
        await UntilAsync(async () => (await TitlesAsync(two)).Count >= keys.Length);
        (await TitlesAsync(two)).ShouldBe(keys);
    }

    [Fact]
    public async Task Fault_18_a_node_whose_clock_is_an_hour_ahead_delivers_nothing_early_and_lets_nothing_expire()
    {
        var ahead = await StartAsync(new OffTime(TimeSpan.FromHours(1)));
        var now = TimeProvider.System.GetUtcNow();
        (await ahead.NotifyAsync("later", now.AddMinutes(30).ToUnixTimeMilliseconds())).Result.ShouldBe(PublicationResult.Scheduled);
        var soon = now.AddSeconds(1).ToUnixTimeMilliseconds();
        (await ahead.NotifyAsync("soon", soon)).Result.ShouldBe(PublicationResult.Scheduled);
        await UntilAsync(async () => (await TitlesAsync(ahead)).Count > 0);
        (await TitlesAsync(ahead)).ShouldBe(["soon"]);
        var seen = await ahead.Store.ReadMembershipAsync(Scene.Tenant, "ana", "user/ana", Cancel);
        var delivered = (await ahead.Store.ReadEventsAsync(seen!.TopicId, 0, 1, 1_000, Cancel))[0];
        delivered.TimeMs.ShouldBeInRange(soon, soon + 60_000, "the log's clock counts");
    }

    [Fact]
    public async Task A_stranger_who_asks_for_a_conversation_in_the_same_batch_is_not_in_the_way_of_what_is_published_to_it()
    {
        await using var store = await _database.OpenAsync();
        var scene = new Scene(store);
        var (topic, _) = scene.Conversation();
        var stranger = scene.Connect("eve");
        var lab = new Backend(scene);
        scene.Run(stranger.Post(topic, "let me in"), lab.Post("k", topic, "from the lab"));
        lab.Last.ShouldBe(new PublicationAnswer(PublicationResult.Committed, topic, 2));
        stranger.Refusals.Count.ShouldBe(1);
    }

    private async Task<IngressNode> StartAsync(TimeProvider? time = null)
    {
        var folder = new TempFolder();
        _folders.Add(folder);
        var clock = time ?? TimeProvider.System;
        var node = new IngressNode(new PostgresLogStore(_database.Options with { DataFolder = folder.Path }, clock), new GatewayLimits(), clock);
        _nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    private static async Task<List<string>> TitlesAsync(IngressNode node)
    {
        var seen = await node.Store.ReadMembershipAsync(Scene.Tenant, "ana", "user/ana", Cancel);
        return seen is null ? [] :
        [
            .. (await node.Store.ReadEventsAsync(seen.TopicId, 0, 1_000, 1 << 20, Cancel)).Select(e =>
                Notification.TryRead(new(e.Payload), out var notification) ? notification.Title : "unreadable"),
        ];
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        while (!await reached())
            await Task.Delay(5, Cancel);
    }

    private sealed class OffTime(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + off;
    }
}
