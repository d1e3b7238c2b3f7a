using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>
/// Takes the frames out of one message (holi.v1.md §4). Invariant: the bytes of a frame are looked at only after its declared
/// length was held against both the limit and what the message still has; nothing is copied or allocated.
/// </summary>
public ref struct FrameReader
{
    private readonly int _bodyBytesMax;
    private readonly string _limitSection;
    private ReadOnlySequence<byte> _rest;
    private Violation _violation;

    /// <summary>Reads a WebSocket message: at least one frame, at most <see cref="WireLimits.MessageBytesMax"/> bytes.</summary>
    public FrameReader(scoped in ReadOnlySequence<byte> message)
    {
        _rest = message;
        _bodyBytesMax = WireLimits.PartBytesMax;
        _limitSection = "4";
        if (message.IsEmpty)
            _violation = new(HoliCode.EmptyMessage, "2.2");
        else if (message.Length > WireLimits.MessageBytesMax)
            _violation = new(HoliCode.TooLarge, "2.2");
    }

    /// <summary>
    /// Reads frames that do not come straight from a message: one put together from parts (§5.2), or those inside a history
    /// page (§8.7). There may be none, and together they are at most <see cref="WireLimits.FrameBytesMax"/> bytes.
    /// </summary>
    public FrameReader(scoped in ReadOnlySequence<byte> frames, int bodyBytesMax)
    {
        _rest = frames;
        _bodyBytesMax = bodyBytesMax;
        _limitSection = "5.2";
        if (frames.Length > WireLimits.FrameBytesMax)
            _violation = new(HoliCode.TooLarge, "5.2");
    }

    /// <summary>
    /// The next frame of a known kind. False at the end (<paramref name="violation"/> is none) and at a mistake, after which
    /// every call reports the same mistake. Unknown kinds with the optional bit are skipped.
    /// </summary>
    public bool TryRead(out Frame frame, out Violation violation)
    {
        while (_violation.IsNone && !_rest.IsEmpty)
        {
            _violation = Take(out frame);
            if (!_violation.IsNone)
                break;
            if (FrameKinds.IsKnown(frame.Kind))
            {
                violation = default;
                return true;
            }
        }
        frame = default;
        violation = _violation;
        return false;
    }

    private Violation Take(out Frame frame)
    {
        frame = default;
        if (!TryReadHeader(out var kind, out var headerBytes, out var bodyBytes))
            return new(HoliCode.BadVarint, "3");
        if (!FrameKinds.IsKnown(kind) && !FrameKinds.IsOptional(kind))
            return new(HoliCode.UnknownFrame, "4");
        if (bodyBytes > (ulong)_bodyBytesMax)
            return new(HoliCode.TooLarge, _limitSection);
        var wireBytes = headerBytes + (int)bodyBytes;
        if (wireBytes > _rest.Length)
            return new(HoliCode.Truncated, "4");

        var bodyEnd = _rest.GetPosition(wireBytes);
        frame = new(kind, _rest.Slice(_rest.GetPosition(headerBytes), bodyEnd), wireBytes);
        _rest = _rest.Slice(bodyEnd);
        return default;
    }

    // One or two bytes of length are nearly every frame; the general way is for the rest and for headers cut by a segment's end.
    private readonly bool TryReadHeader(out FrameKind kind, out int headerBytes, out ulong bodyBytes)
    {
        var first = _rest.FirstSpan;
        if (first.Length > 2)
        {
            kind = (FrameKind)first[0];
            if (first[1] < 0x80)
            {
                headerBytes = 2;
                bodyBytes = first[1];
                return true;
            }
            if (first[2] is > 0 and < 0x80)
            {
                headerBytes = 3;
                bodyBytes = (first[1] & 0x7Fu) | ((uint)first[2] << 7);
                return true;
            }
        }
        var reader = new SequenceReader<byte>(_rest);
        reader.TryRead(out var kindByte);
        kind = (FrameKind)kindByte;
        var read = Varint.TryRead(ref reader, out bodyBytes);
        headerBytes = (int)reader.Consumed;
        return read;
    }
}
