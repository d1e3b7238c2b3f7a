using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Asks for a topic's state instead of its whole log (holi.v1.md §10.3).</summary>
/// <param name="Request">The device's own number, 1 or more; comes back in the answer.</param>
/// <param name="Topic">The topic's number.</param>
/// <param name="Have">The offset the device's state is as of; 0: none.</param>
public readonly record struct SnapshotRequestFrame(uint Request, uint Topic, ulong Have)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out SnapshotRequestFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.3");
        frame = new(fields.Request(), fields.Number(), fields.Varint());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Request) + FieldSize.Varint(Topic) + FieldSize.Varint(Have);
        var fields = new FieldWriter(output, FrameKind.SnapshotRequest, bodyBytes);
        fields.Varint(Request);
        fields.Varint(Topic);
        fields.Varint(Have);
        fields.End();
    }
}

/// <summary>How a snapshot's payload is packed.</summary>
public enum SnapshotEncoding : byte
{
    /// <summary>As it is.</summary>
    Plain = 0,
}

/// <summary>A topic's state (holi.v1.md §10.3). Events continue from <paramref name="AsOf"/> + 1.</summary>
/// <param name="Request">The request's number.</param>
/// <param name="Topic">The topic's number.</param>
/// <param name="AsOf">The last offset that the state contains.</param>
/// <param name="Encoding">How the payload is packed.</param>
/// <param name="Payload">One MessagePack array, not yet checked; a slice of the message.</param>
public readonly record struct SnapshotFrame(
    uint Request, uint Topic, ulong AsOf, SnapshotEncoding Encoding, ReadOnlySequence<byte> Payload)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out SnapshotFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.3");
        frame = new(
            fields.Number(), fields.Number(), fields.Varint(),
            (SnapshotEncoding)fields.Choice((byte)SnapshotEncoding.Plain), fields.Rest());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Request) + FieldSize.Varint(Topic) + FieldSize.Varint(AsOf) + 1 + Payload.Length;
        var fields = new FieldWriter(output, FrameKind.Snapshot, bodyBytes);
        fields.Varint(Request);
        fields.Varint(Topic);
        fields.Varint(AsOf);
        fields.U8((byte)Encoding);
        fields.Bytes(Payload);
        fields.End();
    }
}
