using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>message.delete (holi.v1.md §8.8): the message at <paramref name="Offset"/> is to be erased.</summary>
public readonly record struct MessageDelete(ulong Offset) : IPayload<MessageDelete>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out MessageDelete value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MessageDelete(reader.Number(min: 1)), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(1);
        writer.Number(Offset);
        writer.Flush();
    }
}
