using Holi.Load.Network;
using Holi.Servers;
using StackExchange.Redis;

namespace Holi.Load.Chaos.Faults;

/// <summary>Row 14: Redis flushed, killed, hung, its connections cut.</summary>
internal static class RedisFaults
{
    private const string Victim = "redis";

    public static IEnumerable<Fault> Of(RedisServer redis, FaultProxy proxy)
    {
        yield return new Fault("redis-flush", 14, Victim, _ => FlushAsync(redis), _ => Task.CompletedTask);
        yield return new Fault("redis-kill", 14, Victim, _ => redis.Process.KillAsync(), redis.RestartAsync);
        yield return new Fault("redis-hang", 14, Victim, _ => redis.Process.PauseAsync(), _ => redis.Process.ResumeAsync());
        yield return new Fault("redis-cut", 14, Victim, _ => Cut(proxy), _ => Task.CompletedTask);
    }

    /// <summary>FLUSHALL, as an operator would by mistake.</summary>
    public static async Task FlushAsync(RedisServer redis)
    {
        var options = ConfigurationOptions.Parse(redis.Configuration);
        options.AllowAdmin = true;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    private static Task Cut(FaultProxy proxy)
    {
        proxy.CutAll();
        return Task.CompletedTask;
    }
}
