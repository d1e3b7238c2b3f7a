using System.Numerics;
using Holi.Gateway.Ops.Traces;

namespace Holi.Gateway.Topics;

/// <summary>An event of a tail.</summary>
/// <param name="Frame">As it travels.</param>
/// <param name="At">When it was published here, on the hub's clock.</param>
/// <param name="Trace">Not null where it is traced.</param>
public readonly record struct TailEvent(ReadOnlyMemory<byte> Frame, TimeSpan At = default, MessageTrace? Trace = null);

/// <summary>
/// The newest events of one topic as they travel: encoded once, sent to all who follow by reference. One writer (the hub, under its
/// lock), any number of readers without a lock.
/// <para>Invariant: a slot holds the frame of the offset it is asked for, or it is not taken for it. So a reader that comes too late
/// finds nothing, never something else, and goes to the log.</para>
/// </summary>
internal sealed class EventTail
{
    private sealed class Slot(ulong offset, in TailEvent tailed)
    {
        public readonly ulong Offset = offset;
        public readonly TailEvent Event = tailed;
    }

    private static readonly Slot?[] Nothing = new Slot?[1];

    private Slot?[] _ring = Nothing;
    private ulong _first = 1;
    private ulong _next = 1;

    /// <summary>Bytes held.</summary>
    public int Bytes { get; private set; }

    /// <summary>The frame of <paramref name="offset"/>; false where the tail does not hold it (any more).</summary>
    public bool TryGet(ulong offset, out TailEvent found)
    {
        var ring = Volatile.Read(ref _ring);
        var slot = Volatile.Read(ref ring[offset & (ulong)(ring.Length - 1)]);
        found = slot is not null && slot.Offset == offset ? slot.Event : default;
        return !found.Frame.IsEmpty;
    }

    /// <summary>Adds the event after the newest. If offsets are missing between, what is held goes: a tail has no holes.</summary>
    public void Append(ulong offset, in TailEvent tailed, int countMax, int bytesMax)
    {
        if (offset != _next)
            Clear(offset);
        while (_first < _next && (_next - _first >= (ulong)countMax || Bytes + tailed.Frame.Length > bytesMax))
            DropFirst();
        if (_ring == Nothing || _next - _first >= (ulong)_ring.Length)
            Grow();
        Put(new Slot(offset, tailed));
        _next = offset + 1;
    }

    /// <summary>Puts another frame in the place of one that is held: the event was erased.</summary>
    public void Replace(ulong offset, ReadOnlyMemory<byte> frame)
    {
        if (!TryGet(offset, out var old))
            return;
        Bytes -= old.Frame.Length;
        Put(new Slot(offset, old with { Frame = frame }));
    }

    /// <summary>Holds nothing; the next event is <paramref name="next"/>.</summary>
    public void Clear(ulong next)
    {
        _ring = Nothing;
        _first = _next = next;
        Bytes = 0;
    }

    private void Put(Slot slot)
    {
        Volatile.Write(ref _ring[slot.Offset & (ulong)(_ring.Length - 1)], slot);
        Bytes += slot.Event.Frame.Length;
    }

    private void DropFirst()
    {
        ref var slot = ref _ring[_first & (ulong)(_ring.Length - 1)];
        Bytes -= slot!.Event.Frame.Length;
        Volatile.Write(ref slot, null);
        _first++;
    }

    private void Grow()
    {
        var held = (int)(_next - _first);
        var grown = new Slot?[BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, held + 1))];
        for (var offset = _first; offset < _next; offset++)
            grown[offset & (ulong)(grown.Length - 1)] = _ring[offset & (ulong)(_ring.Length - 1)];
        Volatile.Write(ref _ring, grown);
    }
}
