using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Asks for older events (holi.v1.md §8.7).</summary>
/// <param name="Request">The device's own number, 1 or more; comes back in the answer.</param>
/// <param name="Topic">The topic's number.</param>
/// <param name="Before">Events with a smaller offset; 0: from the head.</param>
/// <param name="Count">1 to <see cref="WireLimits.HistoryEventsMax"/>.</param>
public readonly record struct HistoryRequestFrame(uint Request, uint Topic, ulong Before, uint Count)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out HistoryRequestFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.7");
        frame = new(fields.Request(), fields.Number(), fields.Varint(), (uint)fields.Varint(1, WireLimits.HistoryEventsMax));
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Request) + FieldSize.Varint(Topic) + FieldSize.Varint(Before) + FieldSize.Varint(Count);
        var fields = new FieldWriter(output, FrameKind.HistoryRequest, bodyBytes);
        fields.Varint(Request);
        fields.Varint(Topic);
        fields.Varint(Before);
        fields.Varint(Count);
        fields.End();
    }
}

/// <summary>The answer: whole Event and Skip frames, ascending (holi.v1.md §8.7).</summary>
/// <param name="Request">The request's number.</param>
/// <param name="Topic">The topic's number.</param>
/// <param name="Last">True where nothing visible is older.</param>
/// <param name="Frames">The frames as they travel; a slice of the message.</param>
public readonly record struct HistoryPageFrame(uint Request, uint Topic, bool Last, ReadOnlySequence<byte> Frames)
{
    /// <summary>Goes through the frames, whose headers are sound; their bodies are checked as they are read.</summary>
    public FrameReader ReadFrames() => new(Frames, WireLimits.FrameBytesMax);

    /// <summary>
    /// Reads a body. The frames inside must be Event or Skip (4410); an unknown kind with the optional bit is skipped as anywhere.
    /// </summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out HistoryPageFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.7");
        frame = new(fields.Number(), fields.Number(), fields.Choice(1) == 1, fields.Rest());
        if (!fields.End(out violation))
            return false;

        var frames = frame.ReadFrames();
        while (frames.TryRead(out var inner, out violation))
        {
            if (inner.Kind is FrameKind.Event or FrameKind.Skip)
                continue;
            violation = new(HoliCode.UnexpectedFrame, "8.7");
            return false;
        }
        return violation.IsNone;
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Request) + FieldSize.Varint(Topic) + 1 + Frames.Length;
        var fields = new FieldWriter(output, FrameKind.HistoryPage, bodyBytes);
        fields.Varint(Request);
        fields.Varint(Topic);
        fields.U8(Last ? (byte)1 : (byte)0);
        fields.Bytes(Frames);
        fields.End();
    }
}
