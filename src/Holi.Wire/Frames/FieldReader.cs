using System.Buffers;
using Holi.Wire.Payloads;

namespace Holi.Wire.Frames;

/// <summary>
/// Reads the fields of one body in order. The first mistake sticks: from then on every field reads as zero or empty, and
/// <see cref="End"/> reports it. So a frame's TryRead is a plain list of its fields.
/// </summary>
/// <param name="body">The frame's body.</param>
/// <param name="section">The frame's section of holi.v1.md, for mistakes against the frame's own rules.</param>
internal ref struct FieldReader(scoped in ReadOnlySequence<byte> body, string section)
{
    private readonly string _section = section;
    private SequenceReader<byte> _reader = new(body);
    private Violation _violation;

    /// <summary>True while fields are left and nothing was wrong.</summary>
    public readonly bool HasMore => !_reader.End;

    public byte U8()
    {
        if (!_reader.TryRead(out var value))
            Fail(HoliCode.Truncated, "4");
        return value;
    }

    public ulong Varint()
    {
        var unread = _reader.UnreadSpan;
        if (!unread.IsEmpty && unread[0] < 0x80)
        {
            _reader.Advance(1);
            return unread[0];
        }
        if (Wire.Varint.TryRead(ref _reader, out var value))
            return value;
        Fail(HoliCode.BadVarint, "3");
        return 0;
    }

    /// <summary>A number (topic, member, request, recording, generation, milliseconds of a duration): below 2³².</summary>
    public uint Number() => (uint)Varint(uint.MaxValue);

    /// <summary>A device's number for a request: 0 would say "no request" in an Error (§8.7).</summary>
    public uint Request() => (uint)Varint(1, uint.MaxValue);

    /// <summary>A type or code: below 2¹⁶.</summary>
    public ushort Short() => (ushort)Varint(ushort.MaxValue);

    public HoliCode Code() => (HoliCode)Short();

    /// <summary>A time in milliseconds since 1970.</summary>
    public long TimeMs() => (long)Varint((ulong)PayloadLimits.TimeMsMax);

    /// <summary>A time that travels as its distance from another.</summary>
    public long TimeMs(long timeBaseMs)
    {
        var time = timeBaseMs + Wire.Varint.UnZigZag(Varint());
        if (time is >= 0 and <= PayloadLimits.TimeMsMax)
            return time;
        Fail(HoliCode.BadValue, "3");
        return 0;
    }

    public TimeSpan Milliseconds() => TimeSpan.FromMilliseconds(Number());

    /// <summary>A varint that the frame's own section wants between the two bounds.</summary>
    public ulong Varint(ulong min, ulong max)
    {
        var value = Varint();
        if (value >= min && value <= max)
            return value;
        Fail(HoliCode.BadValue, _section);
        return 0;
    }

    /// <summary>One byte out of 0 … <paramref name="max"/>.</summary>
    public byte Choice(byte max)
    {
        var value = U8();
        if (value <= max)
            return value;
        Fail(HoliCode.BadValue, _section);
        return 0;
    }

    /// <summary>A text of so many bytes, as a slice of the body.</summary>
    public ReadOnlySequence<byte> Text(int bytesMax, int bytesMin = 0)
    {
        var length = Varint();
        if (length < (ulong)bytesMin || length > (ulong)bytesMax)
            return Fail(HoliCode.BadText, _section);
        if ((long)length > _reader.Remaining)
            return Fail(HoliCode.Truncated, "4");
        var text = _reader.UnreadSequence.Slice(0, (long)length);
        if (!Utf8Text.IsValid(text))
            return Fail(HoliCode.BadText, "3");
        _reader.Advance((long)length);
        return text;
    }

    /// <summary>A topic's number; only number 0 is followed by a name.</summary>
    public ReadOnlySequence<byte> TopicName(uint topic) => topic == 0 ? Text(WireLimits.TopicNameBytesMax) : default;

    /// <summary>
    /// The number in front of the low three bits, which hold the type or, as 7, say that the type follows (§7.1, §8.2).
    /// </summary>
    public uint Packed(out int low)
    {
        var packed = Varint();
        low = (int)(packed & 7);
        packed >>= 3;
        if (packed <= uint.MaxValue)
            return (uint)packed;
        Fail(HoliCode.BadValue, "3");
        return 0;
    }

    /// <summary>The type that goes with <see cref="Packed"/>: the escape must not hide a type that the low bits can say.</summary>
    public ushort PackedType(int low) => low < 7 ? (ushort)low : (ushort)Varint(7, ushort.MaxValue);

    /// <summary>Everything that is left.</summary>
    public ReadOnlySequence<byte> Rest()
    {
        var rest = _reader.UnreadSequence;
        _reader.AdvanceToEnd();
        return rest;
    }

    /// <summary>Keeps the first mistake and makes the rest of the body unreadable.</summary>
    public ReadOnlySequence<byte> Fail(HoliCode code, string section)
    {
        if (_violation.IsNone)
            _violation = new(code, section);
        _reader.AdvanceToEnd();
        return default;
    }

    /// <summary>Fails with the frame's own section.</summary>
    public void Fail(HoliCode code) => Fail(code, _section);

    /// <summary>True where every field was sound and no byte is left.</summary>
    public bool End(out Violation violation)
    {
        if (!_reader.End)
            Fail(HoliCode.TrailingBytes, "4");
        violation = _violation;
        return violation.IsNone;
    }

    private ulong Varint(ulong max)
    {
        var value = Varint();
        if (value <= max)
            return value;
        Fail(HoliCode.BadValue, "3");
        return 0;
    }
}
