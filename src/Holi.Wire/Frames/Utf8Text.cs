using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Holi.Wire.Frames;

/// <summary>The rule for text (holi.v1.md §3): UTF-8 of RFC 3629 without U+0000.</summary>
internal static class Utf8Text
{
    // Longer than any text of a binary frame; only the payload of a rare frame that arrived in pieces goes beyond.
    private const int StackBytes = 256;

    public static bool IsValid(in ReadOnlySequence<byte> text)
    {
        if (text.IsSingleSegment)
            return IsValid(text.FirstSpan);
        Span<byte> whole = text.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[text.Length];
        text.CopyTo(whole);
        return IsValid(whole[..(int)text.Length]);
    }

    public static string ToText(in ReadOnlySequence<byte> text) => Encoding.UTF8.GetString(text);

    private static bool IsValid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) && !text.Contains((byte)0);
}
