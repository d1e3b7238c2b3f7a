using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Lets the other side send more in a lane (holi.v1.md §5.3).</summary>
/// <param name="Lane">Audio or bulk: no other lane is under credit.</param>
/// <param name="Bytes">At most <see cref="WireLimits.CreditBytesMax"/>.</param>
public readonly record struct CreditFrame(Lane Lane, ulong Bytes)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out CreditFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "5.3");
        frame = new((Lane)fields.U8(), fields.Varint(0, (ulong)WireLimits.CreditBytesMax));
        if (frame.Lane is not (Lane.Audio or Lane.Bulk))
            fields.Fail(HoliCode.BadValue);
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Credit, 1 + FieldSize.Varint(Bytes));
        fields.U8((byte)Lane);
        fields.Varint(Bytes);
        fields.End();
    }
}
