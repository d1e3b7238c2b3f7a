using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>The gateway will close soon (holi.v1.md §11.3). Durations are whole milliseconds below 2³².</summary>
/// <param name="Code">The code it will close with.</param>
/// <param name="RetryAfter">How long the device waits before it reconnects.</param>
/// <param name="Spread">A random part of this is added to the wait.</param>
public readonly record struct GoAwayFrame(HoliCode Code, TimeSpan RetryAfter, TimeSpan Spread)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out GoAwayFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "11.3");
        frame = new(fields.Code(), fields.Milliseconds(), fields.Milliseconds());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Code(Code) + FieldSize.Milliseconds(RetryAfter) + FieldSize.Milliseconds(Spread);
        var fields = new FieldWriter(output, FrameKind.GoAway, bodyBytes);
        fields.Code(Code);
        fields.Milliseconds(RetryAfter);
        fields.Milliseconds(Spread);
        fields.End();
    }
}
