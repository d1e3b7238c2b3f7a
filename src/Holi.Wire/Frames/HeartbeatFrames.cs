using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Asks the other side for a Pong (holi.v1.md §11.1).</summary>
public readonly record struct PingFrame(ulong Nonce)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out PingFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "11.1");
        frame = new(fields.Varint());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Ping, FieldSize.Varint(Nonce));
        fields.Varint(Nonce);
        fields.End();
    }
}

/// <summary>The answer to a Ping (holi.v1.md §11.1).</summary>
/// <param name="Nonce">The Ping's.</param>
/// <param name="TimeMs">The sender's time.</param>
public readonly record struct PongFrame(ulong Nonce, long TimeMs)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out PongFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "11.1");
        frame = new(fields.Varint(), fields.TimeMs());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Pong, FieldSize.Varint(Nonce) + FieldSize.TimeMs(TimeMs));
        fields.Varint(Nonce);
        fields.TimeMs(TimeMs);
        fields.End();
    }
}
