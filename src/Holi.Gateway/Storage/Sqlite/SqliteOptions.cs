namespace Holi.Gateway.Storage.Sqlite;

/// <summary>Where the embedded log lives and how it behaves.</summary>
public sealed record SqliteOptions
{
    /// <summary>The database file. Its folder is made where it is missing; beside it stand the WAL and the marker (<see cref="StoreMarker"/>).</summary>
    public required string Path { get; init; }
    /// <summary>
    /// Announce a new epoch at this start, whatever the marker says: for an operator who restored a whole machine or folder, so that nothing
    /// in it could notice.
    /// </summary>
    public bool Restored { get; init; }
    /// <summary>How long a write waits for another process (a backup, a shell) before the store counts as unavailable.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>Connections that read beside the writer. More than the cores that could use them only cost memory.</summary>
    public int ReadersMax { get; init; } = 4;
    /// <summary>Pages of the WAL after which the writer copies them into the database: 16 MiB, so that a burst does not pay for it often.</summary>
    public int CheckpointPages { get; init; } = 4_096;
    /// <summary>Batches after which the marker is written again, if its interval has not passed before.</summary>
    public int MarkerBatches { get; init; } = 256;
    /// <summary>How old the marker may become while batches are committed.</summary>
    public TimeSpan MarkerInterval { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>Most pages the database may have; 0 for no limit. A quota, and how tests fill a disk.</summary>
    public int PagesMax { get; init; }
}
