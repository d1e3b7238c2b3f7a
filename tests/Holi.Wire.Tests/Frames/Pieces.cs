using System.Buffers;

namespace Holi.Wire.Tests.Frames;

/// <summary>The same bytes in one or many segments.</summary>
internal static class Pieces
{
    public static ReadOnlySequence<byte> Whole(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>Cut at the given places, which may repeat (empty segments) and need not be in order.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params IEnumerable<int> places)
    {
        var start = 0;
        var first = default(Piece);
        var last = default(Piece);
        foreach (var end in places.Select(place => Math.Clamp(place, 0, bytes.Length)).Order().Append(bytes.Length))
        {
            last = new Piece(bytes[start..end], last);
            first ??= last;
            start = end;
        }
        return new(first!, 0, last!, last!.Memory.Length);
    }

    /// <summary>In two pieces, once for every place; then one byte a piece, with empty pieces between.</summary>
    public static IEnumerable<ReadOnlySequence<byte>> CutEverywhere(ReadOnlyMemory<byte> bytes)
    {
        yield return Whole(bytes);
        // A long message is long because of one text in it: its ends tell as much as each place in between.
        for (var place = 0; place <= bytes.Length; place += place is > 400 && place < bytes.Length - 400 ? 97 : 1)
            yield return Cut(bytes, place);
        yield return Cut(bytes, Enumerable.Range(0, bytes.Length));
        yield return Cut(bytes, Enumerable.Range(0, 2 * bytes.Length).Select(place => place / 2));
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }
}
