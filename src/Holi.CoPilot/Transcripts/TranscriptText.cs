using System.Globalization;
using System.Text;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Transcripts;

/// <summary>
/// Reads a transcript that is plain text: one segment a line, <c>Doctor: …</c>, with an optional time before it (<c>[00:01:05]</c>, <c>01:05</c>). A line that
/// names nobody belongs to the one before. Pure.
/// </summary>
public static class TranscriptText
{
    private static readonly (string Speaker, string[] Labels)[] Labels =
    [
        (Speakers.Doctor, ["doctor", "dr", "dr.", "physician", "clinician", "gp", "nurse", "d", "médico", "médica", "medico", "medica", "doctora", "doutor", "doutora"]),
        (Speakers.Patient, ["patient", "pt", "p", "paciente"]),
        (Speakers.Companion, ["companion", "mother", "father", "wife", "husband", "daughter", "son", "acompañante", "acompanante", "acompanhante", "madre", "padre", "mãe", "pai"]),
        (Speakers.Unknown, ["unknown", "speaker", "desconocido", "desconhecido"]),
    ];

    /// <summary>The transcript; its segments may be none.</summary>
    /// <param name="language">As it is said; it is not checked here.</param>
    /// <param name="text">Lines.</param>
    public static Transcript Read(string language, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var segments = new List<TranscriptSegment>();
        // Of the last segment; added up only once, or a long text without speakers would be copied with each of its lines.
        var words = new StringBuilder();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var rest = line.AsSpan();
            var start = ReadTime(ref rest);
            if (ReadSpeaker(ref rest) is { } speaker)
                Begin(segments, words, speaker, start ?? LastStart(segments));
            else if (segments.Count == 0 || start is not null)
                Begin(segments, words, Speakers.Unknown, start ?? default);
            words.Append(words.Length > 0 && rest.Length > 0 ? " " : "").Append(rest);
        }
        End(segments, words);
        return new Transcript(language, WithEnds(segments));
    }

    private static void Begin(List<TranscriptSegment> segments, StringBuilder words, string speaker, TimeSpan start)
    {
        End(segments, words);
        segments.Add(new TranscriptSegment(segments.Count, speaker, start, start, ""));
    }

    private static void End(List<TranscriptSegment> segments, StringBuilder words)
    {
        if (segments.Count > 0)
            segments[^1] = segments[^1] with { Text = words.ToString() };
        words.Clear();
    }

    // A segment ends where the next one begins.
    private static List<TranscriptSegment> WithEnds(List<TranscriptSegment> segments)
    {
        for (var i = 0; i + 1 < segments.Count; i++)
        {
            if (segments[i + 1].Start > segments[i].End)
                segments[i] = segments[i] with { End = segments[i + 1].Start };
        }
        return segments;
    }

    private static TimeSpan LastStart(List<TranscriptSegment> segments) => segments.Count == 0 ? default : segments[^1].Start;

    private static TimeSpan? ReadTime(ref ReadOnlySpan<char> line)
    {
        var end = line.IndexOf(' ');
        if (end < 0 || !char.IsAsciiDigit(line.TrimStart('[')[0]))
            return null;
        var word = line[..end].Trim("[]-");
        string[] forms = [@"h\:mm\:ss", @"m\:ss", @"mm\:ss", @"hh\:mm\:ss", @"h\:mm\:ss\.fff", @"hh\:mm\:ss\.fff"];
        if (!TimeSpan.TryParseExact(word, forms, CultureInfo.InvariantCulture, out var time))
            return null;
        line = line[end..].TrimStart(" -");
        return time;
    }

    private static string? ReadSpeaker(ref ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        if (colon <= 0)
            return null;
        // "Speaker 1" is somebody, too.
        var label = line[..colon].Trim(" *").TrimEnd("0123456789 ").ToString().ToLowerInvariant();
        foreach (var (speaker, labels) in Labels)
        {
            if (!labels.Contains(label))
                continue;
            line = line[(colon + 1)..].Trim(" *");
            return speaker;
        }
        return null;
    }
}
