using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>message.react (holi.v1.md §8.8).</summary>
/// <param name="Offset">The message reacted to.</param>
/// <param name="Emoji">1 to <see cref="WireLimits.EmojiBytesMax"/> bytes.</param>
/// <param name="On">False takes the reaction back.</param>
public sealed record MessageReact(ulong Offset, string Emoji, bool On) : IPayload<MessageReact>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MessageReact value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(
            new MessageReact(reader.Number(min: 1), reader.Text(WireLimits.EmojiBytesMax, bytesMin: 1), reader.Boolean()),
            out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(3);
        writer.Number(Offset);
        writer.Text(Emoji);
        writer.Boolean(On);
        writer.Flush();
    }
}
