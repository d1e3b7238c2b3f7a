using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>note.draft (holi.v1.md §8.8): a clinical note as the co-pilot has it so far.</summary>
/// <param name="Recording">The recording it is about.</param>
/// <param name="Revision">Grows; a later draft takes the place of an earlier.</param>
/// <param name="Document">At most <see cref="WireLimits.TextBytesMax"/> bytes.</param>
public sealed record NoteDraft(string Recording, ulong Revision, string Document) : IPayload<NoteDraft>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out NoteDraft value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new NoteDraft(reader.Id(), reader.Number(min: 1), reader.Text(WireLimits.TextBytesMax)), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(3);
        writer.Text(Recording);
        writer.Number(Revision);
        writer.Text(Document);
        writer.Flush();
    }
}
