using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>
/// Writes the frames whose body is MessagePack. They are rare (a few for each connection), so their payload is first written
/// aside: its length stands in front of it.
/// </summary>
internal static class PayloadFrames
{
    public static void Write(IBufferWriter<byte> output, FrameKind kind, ArrayBufferWriter<byte> payload)
    {
        var bytes = new ReadOnlySequence<byte>(payload.WrittenMemory);
        var fields = new FieldWriter(output, kind, bytes.Length);
        fields.Bytes(bytes);
        fields.End();
    }
}
