using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Whether the app is in the foreground (holi.v1.md §11.5).</summary>
public readonly record struct DeviceStateFrame(bool Foreground)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out DeviceStateFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "11.5");
        frame = new(fields.Choice(1) == 1);
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.DeviceState, 1);
        fields.U8(Foreground ? (byte)1 : (byte)0);
        fields.End();
    }
}
