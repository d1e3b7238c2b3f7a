using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Tests.Storage.Postgres;
using Holi.Wire.Payloads;
using StackExchange.Redis;

namespace Holi.Gateway.Tests.Ingress.Redis;

/// <summary>Publications from a real Redis (backends.md §8): each once, in order, and nothing in anybody's way.</summary>
public sealed class RedisRoadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_XADD_is_one_event_and_leaves_nothing_behind()
    {
        await using var scene = await RedisScene.StartAsync();
        await scene.NotifyAsync("a", "priority", "3");
        await (await scene.AskAsync()).StreamAddAsync(
            "holi:publish",
            [
                new("tenant", "clinic"), new("key", "b"), new("target", "user/ana"), new("kind", "notification"),
                new("payload", new Notification("n", 5, "b", null, null, null).ToBytes()),
            ]);
        await scene.HasTitlesAsync("a", "b");
        await scene.IsEmptyAsync();
        (await scene.DeadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_added_before_any_gateway_ran_is_fetched_in_order()
    {
        await using var scene = await RedisScene.StartAsync(withNode: false);
        var keys = Enumerable.Range(0, 500).Select(i => $"k{i}").ToArray();
        foreach (var key in keys)
            await scene.NotifyAsync(key);
        await scene.AddNodeAsync();
        await scene.HasTitlesAsync(keys);
        await scene.IsEmptyAsync();
    }

    [Fact]
    public async Task O_the_same_key_is_applied_once_however_often_it_is_added()
    {
        await using var scene = await RedisScene.StartAsync();
        foreach (var key in new[] { "a", "b", "a", "a", "c", "b" })
            await scene.NotifyAsync(key);
        await scene.HasTitlesAsync("a", "b", "c");
        await scene.IsEmptyAsync();
        (await scene.DeadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_published_is_put_aside_with_its_reason_and_stops_nobody()
    {
        await using var scene = await RedisScene.StartAsync();
        await scene.NotifyAsync("a");
        await scene.AddAsync("nonsense", "x");
        await scene.NotifyAsync("a", "priority", "1");
        await scene.AddAsync("tenant", "clinic", "key", "nowhere", "target", "conversation/none", "kind", "message.post", "content", """{"text":"x"}""");
        await scene.NotifyAsync("late", "expires", "1000");
        await scene.AddAsync("tenant", "clinic", "key", "never", "kind", "cancel");
        await scene.NotifyAsync("huge", "content", new string('x', 300_000));
        await scene.NotifyAsync("b");
        await scene.HasTitlesAsync("a", "b");
        await scene.IsEmptyAsync();
        (await scene.DeadAsync()).ShouldBe(["4606", "4607 a", "4604 nowhere", "4611 late", "4604 never", "4606"]);
        var dead = await (await scene.AskAsync()).StreamRangeAsync("holi:publish:dead");
        ((string)dead[0]["nonsense"]!, (string)dead[0]["reason"]!).ShouldBe(
            ("x", "A field is not one of v, tenant, key, target, kind, content, payload, deliverAt, expires, priority."));
        ((string)dead[^1]["fields"]!).ShouldBe("tenant key target kind content content");
        dead.ShouldAllBe(e => ((string)e["entry"]!).Contains('-'));
    }

    [Fact]
    public async Task Scheduled_and_cancelled_by_way_of_the_stream()
    {
        await using var scene = await RedisScene.StartAsync();
        var soon = TimeProvider.System.GetUtcNow().AddMilliseconds(700).ToUnixTimeMilliseconds();
        await scene.NotifyAsync("kept", "deliverAt", $"{soon}");
        await scene.NotifyAsync("dropped", "deliverAt", $"{soon}");
        await scene.AddAsync("tenant", "clinic", "key", "dropped", "kind", "cancel");
        await scene.IsEmptyAsync();
        await scene.HasTitlesAsync("kept");
        await scene.NotifyAsync("last");
        await scene.HasTitlesAsync("kept", "last");
        (await scene.DeadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dead_consumers_entries_are_taken_over_before_what_is_new()
    {
        await using var scene = await RedisScene.StartAsync(withNode: false);
        var redis = await scene.AskAsync();
        await redis.StreamCreateConsumerGroupAsync("holi:publish", "holi", "0-0");
        for (var i = 0; i < 300; i++)
            await scene.NotifyAsync($"k{i}");
        // Another gateway took some and died; some of them were deleted since.
        var taken = await redis.StreamReadGroupAsync("holi:publish", "holi", "somebody", ">", 200);
        await redis.StreamDeleteAsync("holi:publish", [taken[0].Id, taken[100].Id]);
        await scene.AddNodeAsync();
        await scene.HasTitlesAsync(Enumerable.Range(0, 300).Where(i => i is not (0 or 100)).Select(i => $"k{i}"));
        await scene.IsEmptyAsync();
    }

    [Fact]
    public async Task Two_gateways_take_turns_and_when_one_stops_the_other_goes_on()
    {
        await using var scene = await RedisScene.StartAsync(withNode: false);
        await using var log = await PostgresDatabase.CreateAsync();
        using var other = new TempFolder();
        await scene.AddNodeAsync(new PostgresLogStore(log.Options, TimeProvider.System));
        await scene.AddNodeAsync(new PostgresLogStore(log.Options with { DataFolder = other.Path }, TimeProvider.System));
        var keys = Enumerable.Range(0, 400).Select(i => $"k{i}").ToArray();
        foreach (var key in keys[..200])
            await scene.NotifyAsync(key);
        await RedisScene.UntilAsync(async () => (await scene.TitlesAsync()).Count > 100);
        await scene.RemoveAsync(scene.Node);
        foreach (var key in keys[200..])
            await scene.NotifyAsync(key);
        await scene.HasTitlesAsync(keys);
        await scene.IsEmptyAsync();
        await scene.RemoveAsync(scene.Node);
    }

    [Fact]
    public async Task B_D_while_the_log_cannot_be_written_entries_stay_where_they_are_and_few_are_in_flight()
    {
        await using var scene = await RedisScene.StartAsync();
        await scene.NotifyAsync("first");
        await scene.IsEmptyAsync();
        for (var i = 0; i < 20; i++)
            scene.Node.Store.Faults.Enqueue(CommitFault.Lost);
        var keys = Enumerable.Range(0, 400).Select(i => $"k{i}").ToArray();
        foreach (var key in keys)
            await scene.NotifyAsync(key);
        await RedisScene.UntilAsync(() => Task.FromResult(!scene.Node.Committer.Health.IsHealthy));
        (await scene.WaitingAsync()).ShouldBe(keys.Length);
        scene.Node.Committer.Counts.Waiting.ShouldBeLessThanOrEqualTo(new GatewayLimits().RedisRoad.Entries);
        scene.Node.Store.Faults.Clear();
        await scene.HasTitlesAsync(["first", .. keys]);
        await scene.IsEmptyAsync();
    }

    [Fact]
    public async Task Its_lag_is_the_age_of_what_waits_by_Rediss_clock()
    {
        await using var scene = await RedisScene.StartAsync();
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Node.Lag == TimeSpan.Zero));
        var hold = new TaskCompletionSource();
        scene.Node.Store.BeforeCommit = () => hold.Task;
        var anHourAgo = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        await (await scene.AskAsync()).StreamAddAsync("holi:publish", RedisScene.ValuesOf("a"), $"{anHourAgo}-0");
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Node.Lag > TimeSpan.FromMinutes(59)));
        hold.SetResult();
        await scene.HasTitlesAsync("a");
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Node.Lag == TimeSpan.Zero));
    }

    [Fact]
    public async Task What_comes_is_counted_by_what_became_of_it_also_what_is_no_publication()
    {
        await using var scene = await RedisScene.StartAsync();
        await scene.NotifyAsync("a");
        await scene.NotifyAsync("a");
        await scene.AddAsync("nonsense", "x");
        await scene.NotifyAsync("later", "deliverAt", $"{TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()}");
        await scene.IsEmptyAsync();
        scene.Node.Counts().ShouldBe(["redis committed 1", "redis duplicate 1", "redis refused 1", "redis scheduled 1"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_gateway_that_stops_does_not_wait_for_what_may_come()
    {
        await using var scene = await RedisScene.StartAsync();
        await scene.NotifyAsync("a");
        await scene.IsEmptyAsync();
        await scene.RemoveAsync(scene.Node).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        (await (await scene.AskAsync()).KeyExistsAsync("holi:publish:turn")).ShouldBeFalse("it let go of its turn");
    }
}
