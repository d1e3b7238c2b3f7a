namespace Holi.CoPilot.Notes;

/// <summary>What was said in one consultation, up to three hours of it.</summary>
/// <param name="Language">Of the words and of the note: <c>en</c>, <c>es</c> or <c>pt</c>.</param>
/// <param name="Segments">In the order in which they were said, each with its own index.</param>
public sealed record Transcript(string Language, IReadOnlyList<TranscriptSegment> Segments);

/// <summary>What one person said without a break.</summary>
/// <param name="Index">By which a note refers to it: its place in the transcript, from 0.</param>
/// <param name="Speaker">One of <see cref="Speakers"/>.</param>
/// <param name="Start">From the beginning of the recording; in JSON in seconds.</param>
/// <param name="End">Not before <paramref name="Start"/>; both are zero where the times are not known.</param>
/// <param name="Text">The words.</param>
public sealed record TranscriptSegment(int Index, string Speaker, TimeSpan Start, TimeSpan End, string Text);

/// <summary>Who speaks in a segment.</summary>
public static class Speakers
{
    /// <summary>The clinician.</summary>
    public const string Doctor = "doctor";

    /// <summary>Whom the note is about.</summary>
    public const string Patient = "patient";

    /// <summary>Somebody who came along: a parent, a partner, an interpreter.</summary>
    public const string Companion = "companion";

    /// <summary>Whoever wrote the transcript down could not tell.</summary>
    public const string Unknown = "unknown";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Doctor, Patient, Companion, Unknown];
}
