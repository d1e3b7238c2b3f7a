using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>A piece of a frame whose body is too large for one frame (holi.v1.md §5.2).</summary>
/// <param name="Lane">The lane of the frame that is cut up.</param>
/// <param name="Last">True on the part that completes it.</param>
/// <param name="Bytes">At least one byte; a slice of the message.</param>
public readonly record struct PartFrame(Lane Lane, bool Last, ReadOnlySequence<byte> Bytes)
{
    private const byte LastBit = 0x80;

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out PartFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "5.2");
        var laneAndLast = fields.U8();
        var lane = (Lane)(laneAndLast & ~LastBit);
        frame = new(lane, (laneAndLast & LastBit) != 0, fields.Rest());
        // An empty part would be work without progress.
        if (lane > Lane.Bulk || frame.Bytes.IsEmpty)
            fields.Fail(HoliCode.BadPart);
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Part, 1 + Bytes.Length);
        fields.U8((byte)((byte)Lane | (Last ? LastBit : 0)));
        fields.Bytes(Bytes);
        fields.End();
    }
}
