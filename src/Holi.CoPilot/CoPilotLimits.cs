namespace Holi.CoPilot;

/// <summary>Every bound of the writing of notes, in one place, with its reason.</summary>
public sealed record CoPilotLimits
{
    // ---- What may be asked -----------------------------------------------------------------------------------------------------

    /// <summary>Characters of a transcript. Three hours at 150 words a minute are 27,000 words, about 160,000 characters; twice that fits.</summary>
    public int TranscriptChars { get; init; } = 320_000;

    /// <summary>Segments of a transcript: one every three seconds for three hours.</summary>
    public int Segments { get; init; } = 3_600;

    /// <summary>Where the last segment may end. A consultation that is longer is two.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Entries of each list of the patient's context: far above what a record shows at a time.</summary>
    public int ContextEntries { get; init; } = 200;

    /// <summary>Characters of one text of the patient's context.</summary>
    public int ContextTextChars { get; init; } = 500;

    /// <summary>The longest budget of time. Beyond it a caller should ask in the background and come again: the note is cached.</summary>
    public TimeSpan BudgetMax { get; init; } = TimeSpan.FromMinutes(15);

    // ---- What goes to a model --------------------------------------------------------------------------------------------------

    /// <summary>Parts into which a transcript is split at most: three hours in a context of 8,192 tokens are about 20.</summary>
    public int Parts { get; init; } = 48;

    /// <summary>Segments of the part before that a part begins with, so that an answer is not parted from its question.</summary>
    public int OverlapSegments { get; init; } = 2;

    /// <summary>Bytes of one answer of a provider, as they travel. A note is about 20 kB; a provider that sends without end is cut here.</summary>
    public int AnswerBytes { get; init; } = 4 << 20;

    /// <summary>Characters of an answer's text: what is longer is no note.</summary>
    public int AnswerChars { get; init; } = 256 * 1024;

    /// <summary>Characters of an answer that is sent back to be repaired. The rest would cost and not help.</summary>
    public int RepairChars { get; init; } = 32 * 1024;

    /// <summary>What is wrong with an answer is told to the model up to this many times: the first few name the pattern.</summary>
    public int RepairProblems { get; init; } = 12;

    // ---- How often and how long ------------------------------------------------------------------------------------------------

    /// <summary>A call is made again this often after a failure that may pass, while its share of the time lasts.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>The first wait before a retry; it doubles, with jitter. A provider's <c>Retry-After</c> comes first.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Failures of this share of the calls within <see cref="CircuitWindow"/> open a provider's circuit.</summary>
    public double CircuitRatio { get; init; } = 0.5;

    /// <summary>Calls within <see cref="CircuitWindow"/> below which no circuit opens: one bad minute of a quiet clinic is no outage.</summary>
    public int CircuitCalls { get; init; } = 5;

    /// <summary>Over what the failures are counted.</summary>
    public TimeSpan CircuitWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a provider is left alone once its circuit is open, before one call tries it; longer where it said so.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A provider's wish to be left alone is honoured up to this long.</summary>
    public TimeSpan CircuitBreakMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A provider that a caller gave up on counts as failed only after it had this long and said nothing: a caller in a hurry must not close it to
    /// all others.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a health check may take.</summary>
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How old a health check may be before it is made again when somebody looks. It costs no tokens, but it is a request.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long reading or writing the shared cache may take: a note is not held up by what should make it quicker.</summary>
    public TimeSpan CacheTimeout { get; init; } = TimeSpan.FromSeconds(1);

    // ---- What waits in memory --------------------------------------------------------------------------------------------------

    /// <summary>Different requests being written at a time. What has no room gets a template at once. 256 × about 1 MB.</summary>
    public int Runs { get; init; } = 256;

    /// <summary>Updates kept of one run for those who join it: statements of a long note, told twice.</summary>
    public int RunUpdates { get; init; } = 4_096;

    /// <summary>Bytes of one sealed note in the cache.</summary>
    public int CachedNoteBytes { get; init; } = 512 * 1024;

    /// <summary>Bytes of all sealed notes kept in this process.</summary>
    public long CacheBytes { get; init; } = 64L << 20;
}
