namespace Holi.Gateway.Ingress.Sql;

/// <summary>The bounds of the road over SQL.</summary>
public sealed record OutboxLimits
{
    /// <summary>Rows taken at a time; that many are in flight at most.</summary>
    public int Rows { get; init; } = 128;

    /// <summary>How often the table is looked at where nothing is told: a notification may be lost with its connection.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Who has not the turn takes what has been waiting for so long: the gateway whose turn it is may be paused, and keeps its turn then. Taking a
    /// row twice does no harm, so this need not be longer than a slow batch.
    /// </summary>
    public TimeSpan LeftBehindAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>First wait after a failure; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait between attempts.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(1);
}
