using Holi.Gateway.Commit;

namespace Holi.Gateway.Ops.Health;

/// <summary>May devices come, and if not, why and since when.</summary>
/// <param name="State">ready, failing (a required dependency fails), failed (only a restart helps) or draining.</param>
/// <param name="Reason">For people; null where nothing is wrong.</param>
/// <param name="Since">When that began; null where nothing is wrong, or nobody noted it.</param>
public readonly record struct Readiness(string State, string? Reason, DateTimeOffset? Since)
{
    public bool IsReady => State == Ready;

    public const string Ready = "ready", Failing = "failing", Failed = "failed", Draining = "draining";
}

/// <summary>
/// How the gateway and what it leans on fare. The log is always the first dependency: it is read now and then (<see cref="DependencyProbe"/>), and written
/// by the committer, and fails if either does. Others are added as the gateway is put together.
/// </summary>
public sealed class GatewayHealth(string logName, Func<CommitHealth> commits, TimeProvider time)
{
    private volatile Func<DependencyHealth>[] _others = [];

    /// <summary>Reading the log.</summary>
    public Dependency Log { get; } = new(logName, isRequired: true, time);

    public Fallbacks Fallbacks { get; } = new();

    /// <summary>Names one more dependency, which whoever talks to it keeps up to date.</summary>
    public Dependency Add(string name, bool isRequired)
    {
        var added = new Dependency(name, isRequired, time);
        Add(() => added.Health);
        return added;
    }

    /// <summary>One more dependency, whose health somebody keeps anyway.</summary>
    public void Add(Func<DependencyHealth> look) => _others = [.. _others, look];

    /// <summary>All of them now, the log first.</summary>
    public IReadOnlyList<DependencyHealth> Dependencies() => [OfLog(Log.Health, commits()), .. _others.Select(look => look())];

    public Readiness Readiness(bool isDraining)
    {
        if (isDraining)
            return new Readiness(Health.Readiness.Draining, null, null);
        if (commits().Ended)
            return new Readiness(Health.Readiness.Failed, "the committer has ended; restart the gateway", null);
        foreach (var dependency in Dependencies())
        {
            if (dependency is { IsRequired: true, FailingSince: { } since })
                return new Readiness(Health.Readiness.Failing, dependency.Reason, since);
        }
        return new Readiness(Health.Readiness.Ready, null, null);
    }

    // What fails to be written is the graver half, so its reason is told; the time is when the first of the two began.
    private static DependencyHealth OfLog(DependencyHealth reads, CommitHealth writes)
    {
        if (writes.FailingSince is not { } since)
            return reads;
        return reads with { FailingSince = reads.FailingSince < since ? reads.FailingSince : since, Reason = writes.Reason };
    }
}
