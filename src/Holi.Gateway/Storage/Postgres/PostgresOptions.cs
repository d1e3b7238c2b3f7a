namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// Which Postgres, and how long anything may take there. The times fit into each other: who holds a lock loses it before who waits for it gives
/// up, and the server gives up before we stop listening to it.
/// </summary>
public sealed record PostgresOptions
{
    /// <summary>As Npgsql reads it. Holds a password, so it is never written anywhere; <see cref="PostgresSources.Place"/> is.</summary>
    public required string ConnectionString { get; init; }
    /// <summary>Where the mark of this gateway lies (<see cref="PostgresMarker"/>).</summary>
    public required string DataFolder { get; init; }
    /// <summary>Announce a new epoch at this start: for an operator who restored a backup that nothing could notice.</summary>
    public bool Restored { get; init; }
    /// <summary>Connections that read. Each costs the server a process; the writer has one more of its own.</summary>
    public int ReadersMax { get; init; } = 8;
    /// <summary>To open a connection, or to get one of the readers'.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);
    /// <summary>
    /// How long a gateway that stopped in the middle of a batch keeps its locks: far above a pause of the collector, and short enough that others
    /// need not fail meanwhile.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>Waiting for one lock. Above <see cref="IdleTimeout"/>.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(3);
    /// <summary>One statement, its locks included.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>One round trip of several statements: then the connection counts as dead, whatever the server and the network do.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(8);
    /// <summary>
    /// Waiting at start for another gateway that upgrades the schema, and one statement of an upgrade: an index on a large table takes minutes.
    /// </summary>
    public TimeSpan UpgradeTimeout { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>How old the mark may become while batches are committed.</summary>
    public TimeSpan MarkInterval { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>How long the row of a gateway's life is kept after its last batch: a mark older than that proves nothing.</summary>
    public TimeSpan WritersKept { get; init; } = TimeSpan.FromDays(90);
}
