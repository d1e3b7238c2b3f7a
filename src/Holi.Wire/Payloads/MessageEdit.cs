using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>message.edit (holi.v1.md §8.8).</summary>
/// <param name="Offset">The message edited.</param>
/// <param name="Text">Its text from now on, at most <see cref="WireLimits.TextBytesMax"/> bytes.</param>
public sealed record MessageEdit(ulong Offset, string Text) : IPayload<MessageEdit>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MessageEdit value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MessageEdit(reader.Number(min: 1), reader.Text(WireLimits.TextBytesMax)), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Number(Offset);
        writer.Text(Text);
        writer.Flush();
    }
}
