using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Whether the device wants to see a topic's people.</summary>
public enum WatchMode : byte
{
    /// <summary>No longer.</summary>
    Off = 0,
    /// <summary>The roster now, receipts and signals from now on.</summary>
    On = 1,
    /// <summary>The roster now.</summary>
    Once = 2,
}

/// <summary>Asks for a topic's people (holi.v1.md §9.1).</summary>
public readonly record struct WatchFrame(uint Topic, WatchMode Mode)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out WatchFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "9.1");
        frame = new(fields.Number(), (WatchMode)fields.Choice((byte)WatchMode.Once));
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Watch, FieldSize.Varint(Topic) + 1);
        fields.Varint(Topic);
        fields.U8((byte)Mode);
        fields.End();
    }
}
