using System.Buffers;
using System.Runtime.CompilerServices;

namespace Holi.Wire.Lanes;

/// <summary>
/// What goes out next on one connection (holi.v1.md §5). Frames wait in five lanes; <see cref="TryFill"/> takes them by priority into
/// one WebSocket message. Not thread-safe: the connection's loop owns it. Empty, it holds about 160 bytes and no array.
/// <para>Invariants: within a lane frames leave in order, and nothing of a lane stands between the parts of its frame; no frame or
/// part begins beyond its lane's credit; of every 16 sent while bulk waits with credit at least one is bulk; one message holds at most
/// one part's bytes of the lanes under credit, so a frame that becomes urgent meanwhile waits for one part and not for a full message; and where
/// it paces, what is on its way in those lanes is no more than the link takes in a moment (<see cref="LinkPace"/>).</para>
/// </summary>
public sealed class LaneScheduler
{
    [InlineArray(LaneSets.Count)]
    private struct Queues
    {
        private LaneQueue _first;
    }

    private readonly int _laneBytesMax;
    private readonly bool _paces;
    private bool _rests;
    private LinkPace? _pace;
    private TimeSpan _now;
    private Queues _queues;
    private long _audioCredit;
    private long _bulkCredit;
    private int _sentSinceBulk;

    /// <param name="laneBytesMax">Bytes that may wait in each lane, 24 per frame included; an empty lane takes one frame of any size.</param>
    /// <param name="paces">Fits audio and bulk to the link, by the credit that comes back (§5.4).</param>
    public LaneScheduler(int laneBytesMax, bool paces = false) => (_laneBytesMax, _paces) = (laneBytesMax, paces);

    /// <summary>When to call <see cref="TryFill"/> again, although neither a frame nor credit came.</summary>
    public TimeSpan NextDeadline => _pace?.Deadline ?? TimeSpan.MaxValue;

    /// <summary>True where <see cref="TryFill"/> would write something: a lane has a frame and the credit for it.</summary>
    public bool HasSendable => TryChoose(out _, out _);

    /// <summary>Bytes that wait in <paramref name="lane"/>.</summary>
    public int PendingBytes(Lane lane) => _queues[(int)lane].Bytes;

    /// <summary>Frames that wait in <paramref name="lane"/>; one partly sent counts.</summary>
    public int PendingFrames(Lane lane) => _queues[(int)lane].Count;

    /// <summary>What may still be sent in a lane under credit.</summary>
    public long CreditOf(Lane lane) => lane.IsCredited() ? CreditRef(lane) : long.MaxValue;

    /// <summary>
    /// Queues one whole frame, header included, by reference: its bytes must not change until they are sent, and may be shared by
    /// many schedulers. False where the lane is full: what that means is the owner's to decide.
    /// </summary>
    public bool TryEnqueue(Lane lane, ReadOnlyMemory<byte> frame)
    {
        if (!HasRoom(lane, frame.Length))
            return false;
        _queues[(int)lane].Add(frame);
        return true;
    }

    /// <summary>Queues a copy, in rented memory, of one whole frame: for small frames written into a buffer that is used again.</summary>
    public bool TryEnqueueCopy(Lane lane, ReadOnlySpan<byte> frame)
    {
        if (!HasRoom(lane, frame.Length))
            return false;
        _queues[(int)lane].AddCopy(frame);
        return true;
    }

    /// <summary>A Credit frame came: so many bytes of the lane were stored or dropped by the receiver. As <see cref="AddCredit"/>.</summary>
    public Violation OnCredit(Lane lane, ulong bytes, TimeSpan now)
    {
        var violation = AddCredit(lane, bytes);
        if (violation.IsNone && _pace is not null)
        {
            _pace.Returned((long)bytes, now);
            ForgetPace();
        }
        return violation;
    }

    /// <summary>Nothing more is to come for a while in the lanes under credit: once all of it has arrived, what was learnt of the link is forgotten, and its memory given back.</summary>
    public void Rest()
    {
        _rests = true;
        ForgetPace();
    }

    /// <summary>Adds credit from Hello or Welcome. A lane without credit, or more than 2³¹ in all, is 4417 (§5.3).</summary>
    public Violation AddCredit(Lane lane, ulong bytes)
    {
        if (!lane.IsCredited())
            return new Violation(HoliCode.BadValue, "5.3");
        ref var credit = ref CreditRef(lane);
        if (bytes > (ulong)(WireLimits.CreditBytesMax - credit))
            return new Violation(HoliCode.BadValue, "5.3");
        credit += (long)bytes;
        return Violation.None;
    }

    /// <summary>
    /// Writes one WebSocket message of at most <paramref name="bytesMax"/> bytes: whole frames and parts, best first. False where
    /// nothing may be sent. <paramref name="bytesMax"/> is at least <see cref="LaneSets.PieceBytesMax"/>, so that any piece fits.
    /// </summary>
    /// <param name="message">What is sent at once when this returns.</param>
    /// <param name="bytesMax">What it may hold.</param>
    /// <param name="now">Since any fixed start; needed only where this paces.</param>
    public bool TryFill(IBufferWriter<byte> message, int bytesMax, TimeSpan now = default)
    {
        _now = now;
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, LaneSets.PieceBytesMax);
        var room = bytesMax;
        // A message arrives as one: on a slow link it holds no more than a piece may.
        var creditedRoom = _pace?.PieceBytes ?? (_paces ? LinkPace.PieceBytesLeast : LaneSets.PieceBytesMax);
        while (TryChoose(out var lane, out var piece) && piece.WireBytes <= room)
        {
            if (lane.IsCredited() && (creditedRoom -= piece.WireBytes) < 0)
                break;
            ref var queue = ref _queues[(int)lane];
            piece.Write(message, lane, queue.Head);
            queue.Sent(piece.FrameBytes);
            Account(lane, piece.WireBytes);
            room -= piece.WireBytes;
        }
        return room < bytesMax;
    }

    /// <summary>Drops everything that waits and gives rented memory back: the connection is over.</summary>
    public void Clear()
    {
        for (var lane = 0; lane < LaneSets.Count; lane++)
            _queues[lane].Clear();
    }

    private void ForgetPace()
    {
        if (_rests && _pace is { IsIdle: true } && PendingFrames(Lane.Bulk) == 0 && PendingFrames(Lane.Audio) == 0)
            _pace = null;
    }

    private bool HasRoom(Lane lane, int frameBytes)
    {
        // A frame that no receiver would take is a mistake of this program, not of the peer (§5.2, FrameBytesMax).
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frameBytes, WireLimits.FrameBytesMax);
        ArgumentOutOfRangeException.ThrowIfZero(frameBytes);
        if (lane == Lane.Control)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(frameBytes, LaneSets.PieceBytesMax);
        ref var queue = ref _queues[(int)lane];
        return queue.Count == 0
            || queue.Bytes + (long)frameBytes + ((queue.Count + 1L) * LaneQueue.EntryBytes) <= _laneBytesMax;
    }

    private bool TryChoose(out Lane lane, out LanePiece piece)
    {
        var bulkMaySend = MaySend(Lane.Bulk, out var bulk);
        if (!bulkMaySend || _sentSinceBulk < WireLimits.BulkFloorFrames - 1)
        {
            for (lane = Lane.Control; lane < Lane.Bulk; lane++)
            {
                if (MaySend(lane, out piece))
                    return true;
            }
        }
        lane = Lane.Bulk;
        piece = bulk;
        return bulkMaySend;
    }

    private bool MaySend(Lane lane, out LanePiece piece)
    {
        ref var queue = ref _queues[(int)lane];
        piece = default;
        if (queue.Count == 0)
            return false;
        if (!lane.IsCredited())
        {
            piece = LanePiece.Next(queue.Head.Length, queue.BytesSentOfHead);
            return true;
        }
        if (_paces && _pace is null)
            (_pace, _rests) = (new LinkPace(), false);
        piece = LanePiece.Next(queue.Head.Length, queue.BytesSentOfHead, _pace?.PieceBytes ?? LaneSets.PieceBytesMax);
        return piece.WireBytes <= CreditRef(lane) && _pace?.MaySend(piece.WireBytes, _now) != false;
    }

    private void Account(Lane lane, int wireBytes)
    {
        if (lane.IsCredited())
        {
            CreditRef(lane) -= wireBytes;
            _pace?.Sent(wireBytes, _now);
        }
        if (lane == Lane.Bulk)
            _sentSinceBulk = 0;
        else if (MaySend(Lane.Bulk, out _))
            _sentSinceBulk++;
    }

    private ref long CreditRef(Lane lane) => ref lane == Lane.Audio ? ref _audioCredit : ref _bulkCredit;
}
