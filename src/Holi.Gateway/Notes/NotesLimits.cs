namespace Holi.Gateway.Notes;

/// <summary>Bounds of what may be asked of the writer of notes over HTTP. Those of the writing itself are CoPilotLimits.</summary>
public sealed record NotesLimits
{
    /// <summary>Bytes of one request: three hours of transcript in any script, with times and a full record.</summary>
    public int BodyBytes { get; init; } = 4 << 20;

    /// <summary>Requests of one caller at a time. A backend of a hospital writes a few dozen notes at once; what has no room is sent again.</summary>
    public int RequestsPerCaller { get; init; } = 32;

    /// <summary>Requests in all, at a time: 256 × about 2 MB while they are being written.</summary>
    public int RequestsMax { get; init; } = 256;

    /// <summary>Requests of one caller in <see cref="Window"/>: each costs money at a provider. A whole hospital ends a consultation every few seconds.</summary>
    public int RequestsPerWindow { get; init; } = 120;

    /// <summary>Callers that are remembered for it. Beyond it those with nothing under way are forgotten first.</summary>
    public int Callers { get; init; } = 10_000;

    /// <summary>The window of the limit above.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What a caller waits for who does not say: a long transcript on a small machine takes about a minute.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A reader of events is sent something at least this often, so that no proxy takes it for dead: half of nginx's minute.</summary>
    public TimeSpan EventInterval { get; init; } = TimeSpan.FromSeconds(15);
}
