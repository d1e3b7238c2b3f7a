using System.Buffers;
using System.Text;

namespace Holi.Wire.Frames;

/// <summary>The user no longer follows a topic; no later event will come (holi.v1.md §8.1).</summary>
/// <param name="Number">The topic's number, or 0: then <paramref name="Name"/> says which.</param>
/// <param name="Name">UTF-8; a slice of the message.</param>
/// <param name="Code">4600, 4601 or another code of the range.</param>
public readonly record struct TopicGoneFrame(uint Number, ReadOnlySequence<byte> Name, HoliCode Code)
{
    /// <summary><see cref="Name"/> as a new string.</summary>
    public string NameText => Encoding.UTF8.GetString(Name);

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out TopicGoneFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.1");
        var number = fields.Number();
        frame = new(number, fields.TopicName(number), fields.Code());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Number) + FieldSize.TopicName(Number, Name) + FieldSize.Code(Code);
        var fields = new FieldWriter(output, FrameKind.TopicGone, bodyBytes);
        fields.Varint(Number);
        fields.TopicName(Number, Name);
        fields.Code(Code);
        fields.End();
    }
}
