using System.Buffers;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Wire.Lanes;

/// <summary>
/// Puts frames together from their parts (holi.v1.md §5.2): at most one per lane at a time. Not thread-safe. Idle, it holds nothing.
/// <para>What a frame declares is judged by its first part, before anything is rented: its kind, sender, lane and length. Memory
/// then grows with the bytes that came, never with what was declared.</para>
/// </summary>
public sealed class PartAssembler
{
    private struct Slot
    {
        public byte[]? Bytes;
        public int Count;
        public int Total;

        public readonly bool IsOpen => Count < Total;
    }

    private readonly Side _from;
    private Slot[]? _slots;
    private LaneSet _open;

    /// <param name="from">Whose frames these are: the other side's.</param>
    public PartAssembler(Side from) => _from = from;

    /// <summary>The lanes with a frame begun and not complete.</summary>
    public LaneSet Open => _open;

    /// <summary>
    /// Adds a part. True where it completes its frame: <paramref name="frame"/> is then the whole frame, header included, until
    /// <see cref="Release"/> or the lane's next part. False with no violation: more parts are to come.
    /// </summary>
    public bool TryAdd(Lane lane, bool last, in ReadOnlySequence<byte> bytes, out ReadOnlySequence<byte> frame, out Violation violation)
    {
        frame = default;
        violation = _open.Has(lane) ? Violation.None : Begin(lane, bytes);
        if (!violation.IsNone)
            return false;
        ref var slot = ref _slots![(int)lane];
        var left = slot.Total - slot.Count;
        // A part without bytes would be endless; one that runs over, ends early or ends late is not the declared length.
        if (bytes.IsEmpty || bytes.Length > left || last != (bytes.Length == left))
        {
            violation = Bad;
            return false;
        }
        Append(ref slot, bytes);
        if (slot.IsOpen)
            return false;
        _open &= (LaneSet)~(1 << (int)lane);
        frame = new ReadOnlySequence<byte>(slot.Bytes!, 0, slot.Count);
        return true;
    }

    /// <summary>
    /// A whole frame came: 4411 where it must be of a lane whose frame is still in parts. For a kind that travels in its topic's lane
    /// that is known only if all three are.
    /// </summary>
    public Violation OnWhole(FrameKind kind)
    {
        var lanes = FrameTable.LanesOf(kind);
        return kind != FrameKind.Part && lanes != LaneSet.None && (lanes & ~_open) == LaneSet.None ? Bad : Violation.None;
    }

    /// <summary>The lane's complete frame was read: its memory is given back.</summary>
    public void Release(Lane lane)
    {
        if (_slots is null || _open.Has(lane))
            return;
        Free(ref _slots[(int)lane]);
        if (_open == LaneSet.None && Array.TrueForAll(_slots, slot => slot.Bytes is null))
            _slots = null;
    }

    /// <summary>Gives all memory back: the connection is over.</summary>
    public void Clear()
    {
        for (var lane = 0; lane < _slots?.Length; lane++)
            Free(ref _slots[lane]);
        _slots = null;
        _open = LaneSet.None;
    }

    private static Violation Bad => new(HoliCode.BadPart, "5.2");

    private Violation Begin(Lane lane, in ReadOnlySequence<byte> bytes)
    {
        if (!LaneSet.Parted.Has(lane))
            return Bad;
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryRead(out var kindByte))
            return Bad;
        var violation = CheckKind((FrameKind)kindByte, lane);
        if (!violation.IsNone)
            return violation;
        // The first part holds the frame's whole header, so a varint that its end cuts off is as bad as anywhere.
        if (!Varint.TryRead(ref reader, out var length))
            return new Violation(HoliCode.BadVarint, "3");
        if (length > (ulong)(WireLimits.FrameBytesMax - reader.Consumed))
            return new Violation(HoliCode.TooLarge, "5.2");

        _slots ??= new Slot[LaneSets.Count];
        Free(ref _slots[(int)lane]);
        _slots[(int)lane].Total = (int)(reader.Consumed + (long)length);
        _open |= (LaneSet)(1 << (int)lane);
        return Violation.None;
    }

    private Violation CheckKind(FrameKind kind, Lane lane)
    {
        var senders = FrameTable.SendersOf(kind);
        if (senders == Side.None)
            return FrameKinds.IsOptional(kind) ? Violation.None : new Violation(HoliCode.UnknownFrame, "4");
        if (kind == FrameKind.Part || !FrameTable.LanesOf(kind).Has(lane))
            return Bad;
        return (senders & _from) == Side.None ? new Violation(HoliCode.UnexpectedFrame, "4") : Violation.None;
    }

    private static void Append(ref Slot slot, in ReadOnlySequence<byte> bytes)
    {
        var needed = slot.Count + (int)bytes.Length;
        if (slot.Bytes is null || slot.Bytes.Length < needed)
        {
            var grown = ArrayPool<byte>.Shared.Rent(Math.Min(slot.Total, Math.Max(needed, 2 * slot.Count)));
            slot.Bytes.AsSpan(0, slot.Count).CopyTo(grown);
            if (slot.Bytes is not null)
                ArrayPool<byte>.Shared.Return(slot.Bytes);
            slot.Bytes = grown;
        }
        bytes.CopyTo(slot.Bytes.AsSpan(slot.Count));
        slot.Count = needed;
    }

    private static void Free(ref Slot slot)
    {
        if (slot.Bytes is not null)
            ArrayPool<byte>.Shared.Return(slot.Bytes);
        slot = default;
    }
}
