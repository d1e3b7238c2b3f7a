namespace Holi.Gateway.Commit;

/// <summary>How the committer fares; for readiness and status. A snapshot.</summary>
/// <param name="FailingSince">When the store began to fail; null while it works.</param>
/// <param name="Reason">What failed last; never contains content. Null while the store works.</param>
/// <param name="Ended">True once the loop is over: stopped, or by a fault.</param>
public sealed record CommitHealth(DateTimeOffset? FailingSince, string? Reason, bool Ended)
{
    /// <summary>True while what is submitted is being committed.</summary>
    public bool IsHealthy => FailingSince is null && !Ended;
}

/// <summary>Counts since the committer began; for status. A snapshot.</summary>
/// <param name="Batches">Batches on disk.</param>
/// <param name="Inputs">Inputs in them.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Failures">Attempts that the store failed.</param>
/// <param name="Waiting">Inputs in the queue now.</param>
public readonly record struct CommitCounts(long Batches, long Inputs, long Events, long Failures, int Waiting);
