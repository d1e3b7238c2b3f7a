using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Something ephemeral from this device (holi.v1.md §9.3): never stored, never queued offline.</summary>
/// <param name="Topic">The topic's number.</param>
/// <param name="Type">The signal's type: 1 typing.</param>
/// <param name="Payload">One MessagePack array, not yet checked, or nothing; a slice of the message.</param>
public readonly record struct SignalFrame(uint Topic, ushort Type, ReadOnlySequence<byte> Payload)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out SignalFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "9.3");
        frame = new(fields.Number(), fields.Short(), fields.Rest());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Topic) + FieldSize.Varint(Type) + Payload.Length;
        var fields = new FieldWriter(output, FrameKind.Signal, bodyBytes);
        fields.Varint(Topic);
        fields.Varint(Type);
        fields.Bytes(Payload);
        fields.End();
    }
}

/// <summary>Somebody else's signal (holi.v1.md §9.3).</summary>
/// <param name="Topic">The topic's number.</param>
/// <param name="Type">1 typing, 2 presence.</param>
/// <param name="Member">Whose it is.</param>
/// <param name="Ttl">A receiver forgets the signal after this; zero: until the next. Whole milliseconds below 2³².</param>
/// <param name="Payload">One MessagePack array, not yet checked, or nothing; a slice of the message.</param>
public readonly record struct PeerSignalFrame(uint Topic, ushort Type, uint Member, TimeSpan Ttl, ReadOnlySequence<byte> Payload)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out PeerSignalFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "9.3");
        frame = new(fields.Number(), fields.Short(), fields.Number(), fields.Milliseconds(), fields.Rest());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Topic) + FieldSize.Varint(Type) + FieldSize.Varint(Member)
            + FieldSize.Milliseconds(Ttl) + Payload.Length;
        var fields = new FieldWriter(output, FrameKind.PeerSignal, bodyBytes);
        fields.Varint(Topic);
        fields.Varint(Type);
        fields.Varint(Member);
        fields.Milliseconds(Ttl);
        fields.Bytes(Payload);
        fields.End();
    }
}
