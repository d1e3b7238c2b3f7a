using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>presence (holi.v1.md §9.3).</summary>
/// <param name="Online">Whether any device of the person is connected.</param>
/// <param name="LastSeenMs">When the last one was; 0 if never.</param>
public readonly record struct PresenceSignal(bool Online, long LastSeenMs) : IPayload<PresenceSignal>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out PresenceSignal value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new PresenceSignal(reader.Boolean(), reader.Time()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Boolean(Online);
        writer.Whole(LastSeenMs);
        writer.Flush();
    }
}
