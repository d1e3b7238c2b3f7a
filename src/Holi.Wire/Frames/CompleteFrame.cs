using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>The device has been sent everything through an offset that was the head at a time (holi.v1.md §8.5).</summary>
/// <param name="Topic">0, with offset 0: every topic that was ever complete on this connection.</param>
/// <param name="Offset">The head at <paramref name="TimeMs"/>.</param>
/// <param name="TimeMs">The gateway's time.</param>
public readonly record struct CompleteFrame(uint Topic, ulong Offset, long TimeMs)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out CompleteFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.5");
        frame = new(fields.Number(), fields.Varint(), fields.TimeMs());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Topic) + FieldSize.Varint(Offset) + FieldSize.TimeMs(TimeMs);
        var fields = new FieldWriter(output, FrameKind.Complete, bodyBytes);
        fields.Varint(Topic);
        fields.Varint(Offset);
        fields.TimeMs(TimeMs);
        fields.End();
    }
}
