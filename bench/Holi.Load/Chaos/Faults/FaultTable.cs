using Holi.Load.Chaos.Workload;

namespace Holi.Load.Chaos.Faults;

/// <summary>All faults that a site can be struck with.</summary>
internal static class FaultTable
{
    /// <summary>Every kind, in the order of its row.</summary>
    public static IReadOnlyList<FaultKind> Kinds { get; } =
    [
        new("reset", 7, "a gateway's connections are reset"),
        new("half-open", 7, "nothing goes through, and nobody is told"),
        new("one-way", 7, "what the gateway says is lost: also acknowledgements of what it committed (9)"),
        new("one-way-up", 7, "what devices say is lost"),
        new("address", 7, "devices' addresses change: old connections lead nowhere"),
        new("slow", 8, "64 kbit/s, 100 to 200 ms"),
        new("loss", 8, "10 to 30 % of packets vanish in the kernel"),
        new("cut", 9, "each connection is cut somewhere in its first bytes"),
        new("mixed", 9, "messages come twice or in another order"),
        new("storm", 10, "all connections are cut, and a crowd of strangers comes at once"),
        new("kill", 11, "SIGKILL of a gateway"),
        new("kill-commit", 11, "SIGKILL of a gateway as the answer to a COMMIT arrives", FaultNeeds.Postgres),
        new("pause", 12, "a gateway stands still and wakes up"),
        new("heap", 13, "a gateway that may have little memory"),
        new("roll", 13, "a gateway is stopped and started"),
        new("mixed-versions", 13, "a gateway is an earlier one for a while", FaultNeeds.EarlierGateway),
        new("redis-flush", 14, "FLUSHALL", FaultNeeds.Redis),
        new("redis-kill", 14, "SIGKILL", FaultNeeds.Redis),
        new("redis-hang", 14, "SIGSTOP", FaultNeeds.Redis),
        new("redis-cut", 14, "all connections to it are reset", FaultNeeds.Redis),
        new("redis-pubsub", 14, "CLIENT KILL of the pub/sub connections", FaultNeeds.Redis),
        new("redis-lies", 14, "old wake-ups come again, in any order, and others that are nonsense", FaultNeeds.Redis),
        new("postgres-kill", 15, "SIGKILL", FaultNeeds.Postgres),
        new("postgres-restart", 15, "a fast shutdown and a start", FaultNeeds.Postgres),
        new("postgres-hang", 15, "SIGSTOP", FaultNeeds.Postgres),
        new("postgres-terminate", 15, "its backends are ended", FaultNeeds.Postgres),
        new("postgres-commit", 15, "one answer in four to a COMMIT is lost", FaultNeeds.Postgres),
        new("postgres-reply", 15, "each connection to it is cut somewhere in its answers", FaultNeeds.Postgres),
        new("postgres-lock", 15, "a table is locked", FaultNeeds.Postgres),
        new("postgres-full", 15, "its connections are used up", FaultNeeds.Postgres),
        new("disk-full", 16, "its disk is full", FaultNeeds.Postgres),
        new("sync-fails", 16, "its fsync fails", FaultNeeds.Postgres),
        new("clock", 18, "a gateway's clock is an hour off"),
        new("revoke", 19, "a token is revoked while it is used; others expire all the time"),
    ];

    /// <param name="site">What is to be struck.</param>
    /// <param name="devices">Its people's.</param>
    /// <param name="wanted">Names, or empty for all.</param>
    /// <param name="random">Of what is left to chance.</param>
    /// <param name="skipped">What this machine or this order cannot do, and why.</param>
    public static IReadOnlyList<Fault> Of(
        ChaosSite site, IReadOnlyList<ChaosDevice> devices, IReadOnlyCollection<string> wanted, Random random, out IReadOnlyList<string> skipped)
    {
        var all = NetworkFaults.Of(site, random).Concat(GatewayFaults.Of(site, devices, random)).Concat(site.Clocks.Of(site.Site.Nodes, random)).ToList();
        if (site.Site.Redis is { } redis)
            all.AddRange(RedisFaults.Of(redis, site.ToRedis!, random));
        if (site.Site.Postgres is { } postgres)
            all.AddRange([.. PostgresFaults.Of(postgres, site.ToPostgres, random), .. DiskFaults.Of(postgres, site)]);
        var chosen = all.Where(fault => wanted.Count == 0 || wanted.Contains(fault.Name)).ToList();
        skipped =
        [
            .. Kinds.Where(kind => wanted.Count == 0 && kind.Lacks(site.Has) is not null).Select(kind => $"{kind.Name}: add {kind.Lacks(site.Has)}"),
            .. chosen.Where(fault => fault.Missing is not null).Select(fault => $"{fault.Name}: {fault.Missing} is missing").Distinct(),
        ];
        return [.. chosen.Where(fault => fault.Missing is null)];
    }
}
