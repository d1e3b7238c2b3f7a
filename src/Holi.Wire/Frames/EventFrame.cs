using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>One entry of a topic (holi.v1.md §8.2).</summary>
/// <param name="Topic">The topic's number on this connection.</param>
/// <param name="Offset">From 1, dense.</param>
/// <param name="TimeMs">When it was committed: absolute; travels relative to Welcome's timeBase.</param>
/// <param name="Member">Who did it; 0 is the system.</param>
/// <param name="Type">The event's type (§8.8).</param>
/// <param name="Payload">One MessagePack array, not yet checked, or nothing; a slice of the message.</param>
public readonly record struct EventFrame(
    uint Topic, ulong Offset, long TimeMs, uint Member, ushort Type, ReadOnlySequence<byte> Payload)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, long timeBaseMs, out EventFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.2");
        var topic = fields.Number();
        var offset = fields.Varint(1, Varint.MaxValue);
        var time = fields.TimeMs(timeBaseMs);
        var member = fields.Packed(out var low);
        frame = new(topic, offset, time, member, fields.PackedType(low), fields.Rest());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output, long timeBaseMs)
    {
        var distance = Varint.ZigZag(TimeMs - timeBaseMs);
        var bodyBytes = FieldSize.Varint(Topic) + FieldSize.Varint(Offset) + FieldSize.Varint(distance)
            + FieldSize.Packed(Member, Type) + FieldSize.PackedType(Type) + Payload.Length;
        var fields = new FieldWriter(output, FrameKind.Event, bodyBytes);
        fields.Varint(Topic);
        fields.Varint(Offset);
        fields.Varint(distance);
        fields.Packed(Member, Type);
        fields.PackedType(Type);
        fields.Bytes(Payload);
        fields.End();
    }
}
