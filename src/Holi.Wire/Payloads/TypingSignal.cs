using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>typing (holi.v1.md §9.3).</summary>
public readonly record struct TypingSignal(bool On) : IPayload<TypingSignal>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out TypingSignal value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new TypingSignal(reader.Boolean()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(1);
        writer.Boolean(On);
        writer.Flush();
    }
}
