using CsCheck;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

public sealed class LaneSchedulerPropertyTests
{
    private const int NoLimit = int.MaxValue;

    private abstract record Step;

    private sealed record Enqueue(Lane Lane, int Bytes, bool Copy) : Step;

    private sealed record Credit(Lane Lane, int Bytes) : Step;

    private sealed record Fill(int BytesMax) : Step;

    // Sizes at each edge: a body that just goes whole, one that just does not, one whose last part is a byte, the largest.
    private static readonly Gen<int> Sizes = Gen.Frequency(
        (12, Gen.Int[3, 300]),
        (3, Gen.Int[10_000, 20_000]),
        (2, Gen.OneOf(16_387, 16_388, 16_389, 16_390, (2 * 16_383) - 1, 2 * 16_383, (2 * 16_383) + 1)),
        (1, Gen.OneOf(100_000, WireLimits.FrameBytesMax)));

    private static readonly Gen<Lane> Lanes = Gen.Frequency(
        (1, Gen.Const(Lane.Control)), (1, Gen.Const(Lane.Urgent)), (3, Gen.Const(Lane.Interactive)),
        (2, Gen.Const(Lane.Audio)), (3, Gen.Const(Lane.Bulk)));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Gen.Select(Lanes, Sizes, Gen.Bool, (lane, bytes, copy) =>
            (Step)new Enqueue(lane, lane == Lane.Control ? Math.Min(bytes, LaneSets.PieceBytesMax) : bytes, copy))),
        (2, Gen.Select(Gen.OneOf(Lane.Audio, Lane.Bulk), Gen.Int[0, 40_000], (lane, bytes) => (Step)new Credit(lane, bytes))),
        (3, Gen.Int[LaneSets.PieceBytesMax, WireLimits.MessageBytesMax].Select(bytes => (Step)new Fill(bytes))));

    [Fact]
    public void Whatever_is_queued_arrives_whole_in_order_within_credit_by_priority_and_bulk_never_starves()
    {
        var (parts, floors) = (0, 0);
        Steps.Array[0, 120].Sample(steps =>
        {
            var (scheduler, model) = (new LaneScheduler(NoLimit), new SchedulerModel());
            var mark = 0;
            foreach (var step in steps)
                Apply(scheduler, model, step, ref mark);
            Drain(scheduler, model);
            Interlocked.Add(ref parts, model.PartsSeen);
            Interlocked.Add(ref floors, model.FloorsSeen);
        }, iter: 400);
        parts.ShouldBeGreaterThan(100);
        floors.ShouldBeGreaterThan(10);
    }

    private static void Apply(LaneScheduler scheduler, SchedulerModel model, Step step, ref int mark)
    {
        switch (step)
        {
            case Enqueue(var lane, var bytes, var copy):
                var frame = WireFrames.Frame(WireFrames.KindOf(lane), bytes, mark++);
                (copy ? scheduler.TryEnqueueCopy(lane, frame) : scheduler.TryEnqueue(lane, frame)).ShouldBeTrue();
                model.Enqueued(lane, frame);
                break;
            case Credit(var lane, var bytes):
                scheduler.AddCredit(lane, (ulong)bytes).ShouldBe(Violation.None);
                model.Credited(lane, bytes);
                break;
            case Fill(var bytesMax):
                model.Sent(scheduler.Fill(bytesMax), bytesMax);
                break;
        }
        scheduler.CreditOf(Lane.Bulk).ShouldBe(model.CreditOf(Lane.Bulk));
        scheduler.CreditOf(Lane.Audio).ShouldBe(model.CreditOf(Lane.Audio));
    }

    private static void Drain(LaneScheduler scheduler, SchedulerModel model)
    {
        foreach (var lane in new[] { Lane.Audio, Lane.Bulk })
        {
            var owed = model.Owed(lane);
            scheduler.AddCredit(lane, (ulong)owed).ShouldBe(Violation.None);
            model.Credited(lane, owed);
        }
        while (scheduler.HasSendable)
            model.Sent(scheduler.Fill(), WireLimits.MessageBytesMax);
        model.Waiting.ShouldBe(0);
        scheduler.Fill().IsEmpty.ShouldBeTrue();
        foreach (var lane in Enum.GetValues<Lane>())
            (scheduler.PendingBytes(lane), scheduler.PendingFrames(lane)).ShouldBe((0, 0));
    }
}
