using System.Buffers;
using System.Numerics;

namespace Holi.Wire;

/// <summary>Unsigned LEB128 of at most nine bytes, shortest form only (holi.v1.md §3).</summary>
public static class Varint
{
    /// <summary>The longest form, for values below 2⁶³.</summary>
    public const int BytesMax = 9;

    /// <summary>The largest value that can travel.</summary>
    public const ulong MaxValue = long.MaxValue;

    /// <summary>How many bytes <paramref name="value"/> takes (1 to 9).</summary>
    public static int LengthOf(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Writes <paramref name="value"/> to the front of <paramref name="output"/>; returns the bytes written.</summary>
    public static int Write(Span<byte> output, ulong value)
    {
        var count = 0;
        while (value >= 0x80)
        {
            output[count++] = (byte)(value | 0x80);
            value >>= 7;
        }
        output[count++] = (byte)value;
        return count;
    }

    /// <summary>Reads a varint. False where it is truncated, longer than nine bytes or not in its shortest form.</summary>
    public static bool TryRead(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * BytesMax; shift += 7)
        {
            if (!reader.TryRead(out var next))
                return false;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return next != 0 || shift == 0;
        }
        return false;
    }

    /// <summary>Maps a signed number to an unsigned one, small magnitudes first.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>The inverse of <see cref="ZigZag"/>.</summary>
    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
