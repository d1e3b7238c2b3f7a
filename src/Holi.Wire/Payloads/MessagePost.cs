using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>message.post (holi.v1.md §8.8).</summary>
/// <param name="Text">At most <see cref="WireLimits.TextBytesMax"/> bytes; may be empty.</param>
/// <param name="ReplyTo">The offset of an earlier message of the topic.</param>
/// <param name="Attachments">At most <see cref="PayloadLimits.AttachmentsMax"/>; null where there are none.</param>
/// <param name="ComposedAtMs">When it was written, if the device had no connection then.</param>
public sealed record MessagePost(
    string Text, ulong? ReplyTo = null, IReadOnlyList<Attachment>? Attachments = null, long? ComposedAtMs = null) : IPayload<MessagePost>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MessagePost value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(
            new MessagePost(
                reader.Text(WireLimits.TextBytesMax),
                reader.OptionalNumber(min: 1),
                ReadAttachments(ref reader),
                reader.OptionalTime()),
            out value);
    }

    /// <summary>
    /// True where <see cref="TryRead"/> would read it. Allocates nothing: a gateway checks a message and stores its bytes as they came.
    /// </summary>
    public static bool Check(in ReadOnlySequence<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.TextBytes(WireLimits.TextBytesMax);
        reader.OptionalNumber(min: 1);
        if (reader.OptionalArray(PayloadLimits.AttachmentsMax) is { } count)
        {
            for (; count > 0; count--)
                Attachment.Check(ref reader);
            reader.End();
        }
        reader.OptionalTime();
        return reader.IsValid;
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        var attached = Attachments is { Count: > 0 };
        var count = ComposedAtMs is not null ? 4 : attached ? 3 : ReplyTo is not null ? 2 : 1;
        writer.BeginArray(count);
        writer.Text(Text);
        if (count > 1)
            writer.Number(ReplyTo);
        if (count > 2)
            WriteAttachments(ref writer);
        if (count > 3)
            writer.Whole(ComposedAtMs);
        writer.Flush();
    }

    private static Attachment[]? ReadAttachments(ref PayloadReader reader)
    {
        if (reader.OptionalArray(PayloadLimits.AttachmentsMax) is not { } count)
            return null;
        var attachments = new Attachment[count];
        for (var i = 0; i < count; i++)
            attachments[i] = Attachment.Read(ref reader);
        reader.End();
        return count > 0 ? attachments : null;
    }

    private void WriteAttachments(ref PayloadWriter writer)
    {
        if (Attachments is not { Count: > 0 })
        {
            writer.Nil();
            return;
        }
        writer.BeginArray(Attachments.Count);
        foreach (var attachment in Attachments)
            attachment.Write(ref writer);
    }
}
