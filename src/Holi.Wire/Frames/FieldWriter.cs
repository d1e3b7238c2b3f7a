using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>
/// Writes one whole frame into one span of the output. The body's exact size is given first (<see cref="FieldSize"/>), because
/// it stands in the header; <see cref="End"/> checks that the fields kept the promise.
/// </summary>
internal ref struct FieldWriter
{
    private readonly IBufferWriter<byte> _output;
    private readonly Span<byte> _span;
    private int _count;

    public FieldWriter(IBufferWriter<byte> output, FrameKind kind, long bodyBytes)
    {
        var wireBytes = 1 + Wire.Varint.LengthOf((ulong)bodyBytes) + bodyBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wireBytes, WireLimits.FrameBytesMax);
        _output = output;
        _span = output.GetSpan((int)wireBytes)[..(int)wireBytes];
        U8((byte)kind);
        Varint((ulong)bodyBytes);
    }

    public void U8(byte value) => _span[_count++] = value;

    public void Varint(ulong value) => _count += Wire.Varint.Write(_span[_count..], value);

    public void Code(HoliCode code) => Varint((ulong)code);

    public void TimeMs(long time) => Varint((ulong)time);

    public void Milliseconds(TimeSpan duration) => Varint(FieldSize.WholeMilliseconds(duration));

    public void Text(in ReadOnlySequence<byte> text)
    {
        Varint((ulong)text.Length);
        Bytes(text);
    }

    public void TopicName(uint topic, in ReadOnlySequence<byte> name)
    {
        if (topic == 0)
            Text(name);
    }

    /// <summary>A number with the type in its low three bits (§7.1, §8.2); the type itself follows by <see cref="PackedType"/>.</summary>
    public void Packed(uint number, ushort type) => Varint(FieldSize.Pack(number, type));

    public void PackedType(ushort type)
    {
        if (type >= 7)
            Varint(type);
    }

    public void Bytes(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(_span[_count..]);
        _count += (int)bytes.Length;
    }

    public readonly void End()
    {
        if (_count != _span.Length)
            throw new InvalidOperationException("A frame's fields do not fill the body size that was computed for it.");
        _output.Advance(_count);
    }
}

/// <summary>How many bytes a field takes.</summary>
internal static class FieldSize
{
    /// <summary>Throws where the value cannot travel: a number of 2⁶³ or more, or a negative time.</summary>
    public static int Varint(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Wire.Varint.MaxValue);
        return Wire.Varint.LengthOf(value);
    }

    public static int Code(HoliCode code) => Wire.Varint.LengthOf((ulong)code);

    public static int TimeMs(long time) => Varint((ulong)time);

    public static int Milliseconds(TimeSpan duration) => Varint(WholeMilliseconds(duration));

    public static long Text(in ReadOnlySequence<byte> text) => Wire.Varint.LengthOf((ulong)text.Length) + text.Length;

    public static long TopicName(uint topic, in ReadOnlySequence<byte> name) => topic == 0 ? Text(name) : 0;

    public static int Packed(uint number, ushort type) => Wire.Varint.LengthOf(Pack(number, type));

    public static int PackedType(ushort type) => type >= 7 ? Wire.Varint.LengthOf(type) : 0;

    public static ulong Pack(uint number, ushort type) => ((ulong)number << 3) | Math.Min(type, (ushort)7);

    /// <summary>At most 2³² − 1, as the reader takes it.</summary>
    public static ulong WholeMilliseconds(TimeSpan duration) =>
        (ulong)Math.Clamp(duration.Ticks / TimeSpan.TicksPerMillisecond, 0, uint.MaxValue);
}
