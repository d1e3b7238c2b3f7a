using StackExchange.Redis;

namespace Holi.Gateway.Tests.Ingress.Redis;

/// <summary>Fault 14 on the backends' road: Redis absent, flushed, killed, hung, and back. The road goes on by itself; what Redis still has is published once.</summary>
public sealed class RedisFaultTests
{
    [Fact]
    public async Task Fault_14_FLUSHALL_takes_what_was_not_fetched_and_nothing_else()
    {
        await using var scene = await RedisScene.StartAsync();
        for (var round = 0; round < 5; round++)
        {
            await scene.NotifyAsync($"k{round}");
            await scene.IsEmptyAsync();
            await FlushAsync(scene);
        }
        await scene.HasTitlesAsync(Enumerable.Range(0, 5).Select(i => $"k{i}"));
    }

    [Fact]
    public async Task Fault_14_a_backend_that_adds_again_what_a_flush_took_is_heard_once_and_in_its_order()
    {
        await using var scene = await RedisScene.StartAsync();
        var keys = Enumerable.Range(0, 300).Select(i => $"k{i:D3}").ToArray();
        var at = 0;
        for (var flushes = 0; flushes < 5; flushes++)
        {
            // It goes back to what it knows to have arrived.
            at = (await scene.TitlesAsync()).Count;
            for (var n = 0; n < 60 && at + n < keys.Length; n++)
                await scene.NotifyAsync(keys[at + n]);
            await FlushAsync(scene);
        }
        await scene.IsEmptyAsync();
        for (at = (await scene.TitlesAsync()).Count; at < keys.Length; at++)
            await scene.NotifyAsync(keys[at]);
        await scene.HasTitlesAsync(keys);
    }

    [Fact]
    public async Task Fault_14_Redis_killed_and_restarted_is_fetched_from_again()
    {
        await using var scene = await RedisScene.StartAsync();
        for (var round = 0; round < 2; round++)
        {
            await scene.NotifyAsync($"k{round}");
            await scene.IsEmptyAsync();
            await scene.Server.Process.KillAsync();
            await scene.Server.RestartAsync(TestContext.Current.CancellationToken);
        }
        await scene.NotifyAsync("last");
        await scene.HasTitlesAsync("k0", "k1", "last");
    }

    [Fact]
    public async Task Fault_14_Redis_that_hangs_costs_time_and_nothing_else()
    {
        await using var scene = await RedisScene.StartAsync();
        var keys = Enumerable.Range(0, 400).Select(i => $"k{i}").ToArray();
        foreach (var key in keys[..300])
            await scene.NotifyAsync(key);
        await RedisScene.UntilAsync(async () => (await scene.TitlesAsync()).Count > 20);
        await scene.Server.Process.PauseAsync();
        // What is submitted comes to its end meanwhile; then every call fails, until it does not.
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Health.Health.FailingSince is not null));
        await scene.Server.Process.ResumeAsync();
        foreach (var key in keys[300..])
            await scene.NotifyAsync(key);
        await scene.HasTitlesAsync(keys);
        await scene.IsEmptyAsync();
        (await scene.DeadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Fault_14_a_gateway_starts_and_stops_without_Redis_and_fetches_when_it_comes()
    {
        await using var scene = await RedisScene.StartAsync(withNode: false);
        await scene.Server.Process.KillAsync();
        await scene.AddNodeAsync();
        await scene.RemoveAsync(scene.Node).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await scene.AddNodeAsync();
        await scene.Server.RestartAsync(TestContext.Current.CancellationToken);
        await scene.NotifyAsync("a");
        await scene.HasTitlesAsync("a");
    }

    [Fact]
    public async Task Where_somebody_put_something_else_at_the_streams_name_it_goes_on_when_that_is_gone()
    {
        await using var scene = await RedisScene.StartAsync(withNode: false);
        var redis = await scene.AskAsync();
        await redis.StringSetAsync("holi:publish", "not a stream");
        await scene.AddNodeAsync();
        await RedisScene.UntilAsync(() => redis.KeyExistsAsync("holi:publish:turn"));
        await redis.KeyDeleteAsync("holi:publish");
        await scene.NotifyAsync("a");
        await scene.HasTitlesAsync("a");
    }

    [Fact]
    public async Task Order_holds_though_another_gateway_believes_that_it_is_its_turn_and_takes_entries_before_ours()
    {
        await using var scene = await RedisScene.StartAsync();
        await scene.NotifyAsync("first");
        await scene.IsEmptyAsync();
        var redis = await scene.AskAsync();
        for (var round = 0; round < 3; round++)
        {
            // At one moment: added, and taken by somebody who then does nothing with them.
            var taken = redis.CreateTransaction();
            for (var i = 0; i < 5; i++)
                _ = taken.StreamAddAsync("holi:publish", RedisScene.ValuesOf($"{round}{i}"));
            _ = taken.StreamReadGroupAsync("holi:publish", "holi", "gateways", ">");
            (await taken.ExecuteAsync()).ShouldBeTrue();
            for (var i = 5; i < 10; i++)
                await scene.NotifyAsync($"{round}{i}");
        }
        await scene.HasTitlesAsync(["first", .. Enumerable.Range(0, 30).Select(i => $"{i:D2}")]);
        await scene.IsEmptyAsync();
    }

    [Fact]
    public async Task L_a_Redis_whose_memory_is_full_of_entries_is_emptied_and_what_cannot_be_put_aside_waits()
    {
        await using var scene = await RedisScene.StartAsync(withNode: false);
        var keys = Enumerable.Range(0, 300).Select(i => $"k{i}").ToArray();
        foreach (var key in keys[..150])
            await scene.NotifyAsync(key);
        await scene.AddAsync("nonsense", "x");
        foreach (var key in keys[150..])
            await scene.NotifyAsync(key);
        // Gateways were here before.
        await (await scene.AskAsync()).StreamCreateConsumerGroupAsync("holi:publish", "holi", "0-0");
        await LimitMemoryAsync(scene, "1mb");
        await scene.AddNodeAsync(limits: new GatewayLimits { RedisRoad = new() { ClaimInterval = TimeSpan.FromMilliseconds(200) } });
        await scene.HasTitlesAsync(keys);
        await RedisScene.UntilAsync(async () => await scene.WaitingAsync() == 1);
        (await scene.DeadAsync()).ShouldBeEmpty();
        await LimitMemoryAsync(scene, "0");
        await scene.IsEmptyAsync();
        (await scene.DeadAsync()).ShouldBe(["4606"]);
    }

    [Fact]
    public async Task An_id_that_somebody_made_up_holds_up_nobody()
    {
        await using var scene = await RedisScene.StartAsync();
        await (await scene.AskAsync()).StreamAddAsync("holi:publish", RedisScene.ValuesOf("a"), "18446744073709551614-7");
        await scene.NotifyAsync("b");
        await scene.HasTitlesAsync("a", "b");
        await scene.IsEmptyAsync();
    }

    [Fact]
    public async Task What_fails_is_told_as_this_roads_dependency_and_works_again_when_it_does()
    {
        await using var scene = await RedisScene.StartAsync();
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Health.Health is { FailingSince: null, Lag: not null }));
        await scene.Server.Process.KillAsync();
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Health.Health.Reason is "it cannot be reached" or "it did not answer in time"));
        await scene.Server.RestartAsync(TestContext.Current.CancellationToken);
        await RedisScene.UntilAsync(() => Task.FromResult(scene.Health.Health.FailingSince is null));
    }

    private static async Task LimitMemoryAsync(RedisScene scene, string memory) =>
        await (await scene.AskAsync()).ExecuteAsync("CONFIG", "SET", "maxmemory", memory);

    private static async Task FlushAsync(RedisScene scene) => await (await scene.AskAsync()).ExecuteAsync("FLUSHALL");
}
