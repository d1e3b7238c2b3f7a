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
    // Kind, length and lane byte of a part; the length takes three bytes at most.
    private const int PartHeaderBytes = 5;

    public int WireBytes => IsPart ? 1 + Varint.LengthOf((ulong)FrameBytes + 1) + 1 + FrameBytes : FrameBytes;

    /// <param name="frameBytes">The whole frame's.</param>
    /// <param name="alreadySent">Of those, in parts.</param>
    /// <param name="bytesMax">What the piece may take on the wire.</param>
    public static LanePiece Next(int frameBytes, int alreadySent, int bytesMax = LaneSets.PieceBytesMax)
    {
        if (alreadySent == 0 && frameBytes <= bytesMax)
            return new LanePiece(0, frameBytes, IsPart: false, IsLast: true);
        var left = frameBytes - alreadySent;
        var size = Math.Min(left, bytesMax - PartHeaderBytes);
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
