using System.Buffers;
using Holi.Wire.Frames;

namespace Holi.Wire.Lanes;

/// <summary>What a lane sends next: its whole first frame, or the next part of it (holi.v1.md §5.2).</summary>
/// <param name="FrameOffset">Where in the frame the piece begins.</param>
/// <param name="FrameBytes">How many of the frame's bytes it carries.</param>
/// <param name="IsPart">True where a part's header goes before them.</param>
/// <param name="IsLast">True where the frame ends with it.</param>
internal readonly record struct LanePiece(int FrameOffset, int FrameBytes, bool IsPart, bool IsLast)
{
    // The lane byte is in the part's body, so a full part carries one byte less than PartBytesMax.
    private const int PartFrameBytesMax = WireLimits.PartBytesMax - 1;

    public int WireBytes => IsPart ? 1 + Varint.LengthOf((ulong)FrameBytes + 1) + 1 + FrameBytes : FrameBytes;

    public static LanePiece Next(int frameBytes, int alreadySent)
    {
        if (frameBytes <= LaneSets.PieceBytesMax)
            return new LanePiece(0, frameBytes, IsPart: false, IsLast: true);
        var left = frameBytes - alreadySent;
        var size = Math.Min(left, PartFrameBytesMax);
        return new LanePiece(alreadySent, size, IsPart: true, IsLast: size == left);
    }

    public void Write(IBufferWriter<byte> message, Lane lane, ReadOnlyMemory<byte> frame)
    {
        if (IsPart)
            new PartFrame(lane, IsLast, new ReadOnlySequence<byte>(frame.Slice(FrameOffset, FrameBytes))).Write(message);
        else
            message.Write(frame.Span);
    }
}
