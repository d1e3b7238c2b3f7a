namespace Holi.CoPilot.Notes;

/// <summary>Where a note came from, exactly. Holds nothing of what was said.</summary>
public sealed record NoteProvenance
{
    /// <summary>What wrote it now: a cached note says <see cref="NoteSource.Cache"/>, and <see cref="Provider"/> says who wrote it then.</summary>
    public required NoteSource Source { get; init; }

    /// <summary>The configured name of the provider that wrote it, such as <c>anthropic</c>; null for a template.</summary>
    public string? Provider { get; init; }

    /// <summary>The model that answered, as it names itself; null for a template.</summary>
    public string? Model { get; init; }

    /// <summary>Of the prompt or the template.</summary>
    public required string PromptVersion { get; init; }

    /// <summary>True where it was taken from the cache.</summary>
    public bool IsCached { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>How long before it was handed out it was written; in JSON in seconds.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>From the call to the note, in this call; in JSON in seconds.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Tokens read by the model, of all calls that the note took, as the provider counted them; 0 where it did not.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens written by the model, of all calls that the note took, as the provider counted them; 0 where it did not.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Into how many parts the transcript was split for the model.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>True where an answer was not valid and was repaired.</summary>
    public bool IsRepaired { get; init; }

    /// <summary>True where identifiers were replaced before the request left, and put back afterwards.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>What was tried in this call, in order, and what came of it.</summary>
    public IReadOnlyList<NoteAttempt> Attempts { get; init; } = [];
}

/// <summary>What wrote a note. In JSON in camelCase.</summary>
public enum NoteSource
{
    /// <summary>A provider outside the building.</summary>
    Cloud,

    /// <summary>A model in the building.</summary>
    Local,

    /// <summary>An earlier answer to the very same request.</summary>
    Cache,

    /// <summary>No model: an empty form with what is known from the record.</summary>
    Template,
}

/// <summary>One provider that was asked.</summary>
/// <param name="Provider">Its configured name.</param>
/// <param name="Outcome">A word: <c>written</c>, or why not, such as <c>timeout</c>, <c>refused</c>, <c>throttled</c>, <c>unreachable</c>, <c>invalid</c>, <c>circuitOpen</c>.</param>
/// <param name="Elapsed">In JSON in seconds.</param>
public sealed record NoteAttempt(string Provider, string Outcome, TimeSpan Elapsed);
