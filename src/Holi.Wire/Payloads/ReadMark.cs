using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>read.mark (holi.v1.md §8.8): this user has read the topic through <paramref name="Offset"/>.</summary>
public readonly record struct ReadMark(ulong Offset) : IPayload<ReadMark>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out ReadMark value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new ReadMark(reader.Number(min: 1)), out value);
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
