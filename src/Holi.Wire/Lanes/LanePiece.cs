using System.Buffers;

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

    public void Write(IBufferWriter<byte> message, Lane lane, ReadOnlySpan<byte> frame)
    {
        var output = message.GetSpan(WireBytes);
        var header = IsPart ? WritePartHeader(output, lane) : 0;
        frame.Slice(FrameOffset, FrameBytes).CopyTo(output[header..]);
        message.Advance(header + FrameBytes);
    }

    private int WritePartHeader(Span<byte> output, Lane lane)
    {
        output[0] = (byte)FrameKind.Part;
        var length = 1 + Varint.Write(output[1..], (ulong)FrameBytes + 1);
        output[length] = (byte)((byte)lane | (IsLast ? 0x80 : 0));
        return length + 1;
    }
}
