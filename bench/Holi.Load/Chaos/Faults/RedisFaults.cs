using Holi.Load.Network;
using Holi.Servers;

namespace Holi.Load.Chaos.Faults;

/// <summary>Row 14: Redis flushed, killed, hung, its connections cut, and what travels on it repeated and made up.</summary>
internal static class RedisFaults
{
    private const string Victim = "redis";

    public static IEnumerable<Fault> Of(RedisServer redis, FaultProxy proxy, Random random)
    {
        yield return new Fault("redis-flush", Victim, cancel => redis.SayAsync("FLUSHALL", cancel), _ => Task.CompletedTask);
        yield return new Fault("redis-kill", Victim, _ => redis.Process.KillAsync(), redis.RestartAsync);
        yield return new Fault("redis-hang", Victim, _ => redis.Process.PauseAsync(), _ => redis.Process.ResumeAsync());
        yield return Fault.Now("redis-cut", Victim, proxy.CutAll, () => { });
        yield return new Fault("redis-pubsub", Victim, cancel => redis.SayAsync("CLIENT KILL TYPE pubsub", cancel), _ => Task.CompletedTask);
        var liar = new RedisLiar(redis, random.Next());
        yield return new Fault("redis-lies", Victim, liar.BeginAsync, _ => liar.EndAsync());
    }
}
