using Holi.CoPilot.Answers;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Fallback;

/// <summary>What came of asking one provider.</summary>
internal sealed record AttemptResult(Provider Provider, string Outcome, TimeSpan Elapsed)
{
    /// <summary>An earlier note for the same request.</summary>
    public Note? Cached { get; init; }

    /// <summary>What it wrote: all of it, or, where the time ended, its first parts.</summary>
    public Written? Written { get; init; }

    public bool IsNote => Cached is not null || Written is { PartialUpTo: null };

    public NoteAttempt Attempt => new(Provider.Options.Name, Outcome, Elapsed);
}

/// <summary>What a model wrote.</summary>
/// <param name="Answer">Of all parts, merged.</param>
/// <param name="Redaction">To put back what was taken out; null: nothing was.</param>
/// <param name="Model">As it names itself, or as it was asked for.</param>
/// <param name="Parts">How many there were.</param>
/// <param name="InputTokens">Of all calls.</param>
/// <param name="OutputTokens">Of all calls.</param>
/// <param name="IsRepaired">One of the answers had to be.</param>
/// <param name="PartialUpTo">The last segment that it covers, where the time ended before all parts were written.</param>
internal sealed record Written(
    Answer Answer, Redaction? Redaction, string Model, int Parts, long InputTokens, long OutputTokens, bool IsRepaired, int? PartialUpTo = null);
