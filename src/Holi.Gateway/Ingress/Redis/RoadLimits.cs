namespace Holi.Gateway.Ingress.Redis;

/// <summary>The bounds of the road over Redis.</summary>
public sealed record RoadLimits
{
    /// <summary>Entries taken at a time; that many are in flight at most.</summary>
    public int Entries { get; init; } = 128;

    /// <summary>Bytes that are to come at a time, going by what came before: as many as a gateway can spare, and two seconds at 64 Mbit/s.</summary>
    public long PortionBytes { get; init; } = 16L << 20;

    /// <summary>How long a read waits for something to come. Also the longest that a stop waits for it.</summary>
    public TimeSpan Block { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a gateway's turn lasts unless it asks for more: after so long without a word of it another goes on.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it asks for more while it has one, and for one while it has not.</summary>
    public TimeSpan TurnInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often it looks for entries that somebody has taken and not finished. It does so anyway at the beginning of its turn, and after each failure.</summary>
    public TimeSpan ClaimInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Entries kept of what cannot be published: enough to see what a backend does wrong.</summary>
    public int DeadEntries { get; init; } = 10_000;

    /// <summary>Bytes of the fields of such an entry; of a larger one only the names are kept.</summary>
    public int DeadEntryBytes { get; init; } = 262_144;

    /// <summary>Bytes of those names.</summary>
    public int DeadNamesBytes { get; init; } = 4_096;

    /// <summary>First wait after a failure, or while there is no room; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait between attempts: so long after Redis is back this road is, too.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After failing for so long the connection is thrown away and made anew, for what the client may not notice.</summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromSeconds(10);
}
