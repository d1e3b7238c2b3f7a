using System.Buffers;
using System.Text.Unicode;

namespace Holi.Wire.Payloads;

/// <summary>The rule for all text of the protocol (holi.v1.md §3): strict UTF-8 as in RFC 3629, without U+0000.</summary>
public static class Utf8Text
{
    /// <summary>True where <paramref name="text"/> may stand in a frame or payload.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) && !text.Contains((byte)0);

    /// <summary>True where <paramref name="text"/> may stand in a frame or payload, however it is cut into segments.</summary>
    public static bool IsValid(in ReadOnlySequence<byte> text)
    {
        if (text.IsSingleSegment)
            return IsValid(text.FirstSpan);

        // A character that spans segments is put together here; all others are checked where they lie.
        Span<byte> split = stackalloc byte[4];
        var held = 0;
        foreach (var segment in text)
        {
            var rest = segment.Span;
            if (held > 0)
            {
                var taken = Math.Min(SequenceLength(split[0]) - held, rest.Length);
                rest[..taken].CopyTo(split[held..]);
                held += taken;
                rest = rest[taken..];
                if (held < SequenceLength(split[0]))
                    continue;
                if (!IsValid(split[..held]))
                    return false;
                held = 0;
            }
            var whole = rest.Length - UnfinishedAtEnd(rest);
            if (!IsValid(rest[..whole]))
                return false;
            rest[whole..].CopyTo(split);
            held = rest.Length - whole;
        }
        return held == 0;
    }

    /// <summary>How many bytes at the end belong to a character that goes on in the next segment: 0 to 3.</summary>
    private static int UnfinishedAtEnd(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= 3 && back <= text.Length; back++)
        {
            var unit = text[^back];
            if ((unit & 0xC0) != 0x80)
                return SequenceLength(unit) > back ? back : 0;
        }
        return 0;
    }

    /// <summary>
    /// How many bytes a character has by its first byte. Bytes that cannot stand first count as one; the check refuses them.
    /// </summary>
    private static int SequenceLength(byte first) => first switch
    {
        >= 0xF0 and <= 0xF4 => 4,
        >= 0xE0 and < 0xF0 => 3,
        >= 0xC2 and < 0xE0 => 2,
        _ => 1,
    };
}
