using System.Buffers;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

/// <summary>
/// What §5 asks of a sender, said a second time and slowly: it is told what goes into a scheduler, reads what comes out as a receiver
/// would, and fails at the first piece that breaks a rule.
/// </summary>
internal sealed class SchedulerModel
{
    private readonly Queue<byte[]>[] _waiting = [new(), new(), new(), new(), new()];
    private readonly int[] _sentOfHead = new int[LaneSets.Count];
    private readonly long[] _credit = [long.MaxValue, long.MaxValue, long.MaxValue, 0, 0];
    private readonly PartAssembler _assembler = new(Side.Gateway);
    private int _sinceBulk;

    public int Waiting => _waiting.Sum(lane => lane.Count);

    public int PartsSeen { get; private set; }

    public int FloorsSeen { get; private set; }

    public void Enqueued(Lane lane, byte[] frame) => _waiting[(int)lane].Enqueue(frame);

    public void Credited(Lane lane, long bytes) => _credit[(int)lane] += bytes;

    public long CreditOf(Lane lane) => _credit[(int)lane];

    /// <summary>Bytes the lane still needs to be emptied, headers of parts included.</summary>
    public long Owed(Lane lane) => _waiting[(int)lane].Sum(frame => (long)frame.Length + (8 * ((frame.Length / 16_000) + 1)));

    public void Sent(ReadOnlyMemory<byte> message, int bytesMax)
    {
        message.Length.ShouldBeLessThanOrEqualTo(bytesMax);
        var creditedBytes = 0;
        foreach (var (kind, body, whole) in WireFrames.Read(message))
        {
            var lane = kind == FrameKind.Part ? (Lane)(body[0] & 0x07) : LaneOf(kind);
            CheckPriority(lane);
            CheckCredit(lane, whole.Length, ref creditedBytes);
            if (kind == FrameKind.Part)
                TakePart(lane, body);
            else
                TakeWhole(lane, kind, whole);
        }
    }

    private void CheckPriority(Lane lane)
    {
        var bulkWaits = MaySend(Lane.Bulk);
        if (lane == Lane.Bulk)
        {
            var passedOver = Enumerable.Range(0, 4).Any(higher => MaySend((Lane)higher));
            if (passedOver)
                _sinceBulk.ShouldBe(WireLimits.BulkFloorFrames - 1, "bulk goes ahead of a higher lane only when it is due");
            FloorsSeen += passedOver ? 1 : 0;
            _sinceBulk = 0;
            return;
        }
        for (var higher = Lane.Control; higher < lane; higher++)
            MaySend(higher).ShouldBeFalse($"{lane} went before {higher}");
        if (bulkWaits)
            (++_sinceBulk).ShouldBeLessThan(WireLimits.BulkFloorFrames, "bulk starves");
    }

    private void CheckCredit(Lane lane, int wireBytes, ref int creditedBytes)
    {
        if (!lane.IsCredited())
            return;
        wireBytes.ShouldBeLessThanOrEqualTo((int)Math.Min(int.MaxValue, _credit[(int)lane]), $"{lane} beyond its credit");
        _credit[(int)lane] -= wireBytes;
        creditedBytes += wireBytes;
        creditedBytes.ShouldBeLessThanOrEqualTo(LaneSets.PieceBytesMax, "an urgent frame would wait for more than one part");
    }

    private void TakePart(Lane lane, byte[] body)
    {
        PartsSeen++;
        body.Length.ShouldBeLessThanOrEqualTo(WireLimits.PartBytesMax);
        PartFrame.TryRead(new ReadOnlySequence<byte>(body), out var part, out _).ShouldBeTrue();
        var done = _assembler.TryAdd(part.Lane, part.Last, part.Bytes, out var frame, out var violation);
        violation.ShouldBe(Violation.None);
        _sentOfHead[(int)lane] += body.Length - 1;
        if (!done)
            return;
        frame.FirstSpan.SequenceEqual(_waiting[(int)lane].Dequeue()).ShouldBeTrue();
        _sentOfHead[(int)lane] = 0;
        _assembler.Release(lane);
    }

    private void TakeWhole(Lane lane, FrameKind kind, byte[] whole)
    {
        _assembler.OnWhole(kind).ShouldBe(Violation.None);
        _sentOfHead[(int)lane].ShouldBe(0, "a whole frame among the parts of its lane");
        whole.AsSpan().SequenceEqual(_waiting[(int)lane].Dequeue()).ShouldBeTrue();
    }

    private bool MaySend(Lane lane)
    {
        if (!_waiting[(int)lane].TryPeek(out var frame))
            return false;
        var left = frame.Length - _sentOfHead[(int)lane];
        var piece = frame.Length <= LaneSets.PieceBytesMax ? frame.Length : PartWireBytes(Math.Min(left, WireLimits.PartBytesMax - 1));
        return piece <= _credit[(int)lane];
    }

    private static int PartWireBytes(int bytes) => bytes + 1 + (bytes + 1 < 128 ? 2 : bytes + 1 < 16_384 ? 3 : 4);

    private static Lane LaneOf(FrameKind kind) => Enum.GetValues<Lane>().Single(lane => WireFrames.KindOf(lane) == kind);
}
