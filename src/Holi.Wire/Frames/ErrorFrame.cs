using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Something was refused; the connection goes on (holi.v1.md §11.4). Zero where a field does not apply.</summary>
public readonly record struct ErrorFrame(HoliCode Code, uint Request, uint Topic, ulong Seq)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out ErrorFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "11.4");
        frame = new(fields.Code(), fields.Number(), fields.Number(), fields.Varint());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Code(Code) + FieldSize.Varint(Request) + FieldSize.Varint(Topic) + FieldSize.Varint(Seq);
        var fields = new FieldWriter(output, FrameKind.Error, bodyBytes);
        fields.Code(Code);
        fields.Varint(Request);
        fields.Varint(Topic);
        fields.Varint(Seq);
        fields.End();
    }
}
