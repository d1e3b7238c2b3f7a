using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Transcripts;

/// <summary>
/// Splits what is longer than a model's context into parts that fit, between segments; a single segment that does not fit is split between words.
/// Each part begins with the last segments of the one before. Pure.
/// </summary>
internal static class TranscriptParts
{
    // What the number of the segment, its speaker and the line's end take.
    private const int LineChars = 24;

    /// <param name="segments">All of them.</param>
    /// <param name="charsMax">Of one part, at least a few hundred.</param>
    /// <param name="overlap">Segments repeated at the beginning of the next part, while they leave half of it free.</param>
    public static IReadOnlyList<IReadOnlyList<TranscriptSegment>> Split(IReadOnlyList<TranscriptSegment> segments, int charsMax, int overlap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(charsMax, 4 * LineChars);
        var parts = new List<IReadOnlyList<TranscriptSegment>>();
        List<TranscriptSegment> part = [];
        var chars = 0;
        foreach (var piece in segments.SelectMany(segment => Pieces(segment, charsMax - LineChars)))
        {
            if (part.Count > 0 && chars + Size(piece) > charsMax)
            {
                parts.Add(part);
                part = Overlap(part, overlap, Math.Min(charsMax / 2, charsMax - Size(piece)));
                chars = part.Sum(Size);
            }
            part.Add(piece);
            chars += Size(piece);
        }
        parts.Add(part);
        return parts;
    }

    private static int Size(TranscriptSegment segment) => segment.Text.Length + LineChars;

    private static List<TranscriptSegment> Overlap(List<TranscriptSegment> part, int overlap, int charsMax)
    {
        List<TranscriptSegment> kept = [];
        for (var i = part.Count - 1; i >= 0 && kept.Count < overlap && kept.Sum(Size) + Size(part[i]) <= charsMax; i--)
            kept.Insert(0, part[i]);
        return kept;
    }

    private static IEnumerable<TranscriptSegment> Pieces(TranscriptSegment segment, int charsMax)
    {
        var text = segment.Text;
        while (text.Length > charsMax)
        {
            var end = text.LastIndexOf(' ', charsMax - 1);
            if (end <= 0)
                end = char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax;
            yield return segment with { Text = text[..end] };
            text = text[end..].TrimStart();
        }
        yield return segment with { Text = text };
    }
}
