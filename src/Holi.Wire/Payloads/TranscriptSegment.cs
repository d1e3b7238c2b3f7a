using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>transcript.segment (holi.v1.md §8.8).</summary>
/// <param name="Recording">The recording it comes from.</param>
/// <param name="Segment">Which one, from 1; a later event with the same number takes its place.</param>
/// <param name="Speaker">Who speaks, if known.</param>
/// <param name="FromMs">Milliseconds since the recording began.</param>
/// <param name="ToMs">Not before <paramref name="FromMs"/>.</param>
/// <param name="Text">At most <see cref="WireLimits.TextBytesMax"/> bytes.</param>
/// <param name="Final">False while it may still change.</param>
public sealed record TranscriptSegment(
    string Recording, ulong Segment, string? Speaker, long FromMs, long ToMs, string Text, bool Final) : IPayload<TranscriptSegment>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out TranscriptSegment value)
    {
        var reader = new PayloadReader(payload);
        var segment = new TranscriptSegment(
            reader.Id(),
            reader.Number(min: 1),
            reader.OptionalText(PayloadLimits.SpeakerBytesMax),
            reader.Whole(0, long.MaxValue),
            reader.Whole(0, long.MaxValue),
            reader.Text(WireLimits.TextBytesMax),
            reader.Boolean());
        reader.Require(segment.FromMs <= segment.ToMs);
        return reader.Finish(segment, out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(7);
        writer.Text(Recording);
        writer.Number(Segment);
        writer.Text(Speaker);
        writer.Whole(FromMs);
        writer.Whole(ToMs);
        writer.Text(Text);
        writer.Boolean(Final);
        writer.Flush();
    }
}
