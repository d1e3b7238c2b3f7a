using System.Buffers;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

public sealed class LaneSchedulerTests
{
    private const int LaneBytesMax = 1 << 20;

    private static LaneScheduler WithCredit(ulong bytes = 1 << 30)
    {
        var scheduler = new LaneScheduler(LaneBytesMax);
        scheduler.AddCredit(Lane.Audio, bytes).IsNone.ShouldBeTrue();
        scheduler.AddCredit(Lane.Bulk, bytes).IsNone.ShouldBeTrue();
        return scheduler;
    }

    private static void Add(LaneScheduler scheduler, Lane lane, int bytes = 100) =>
        scheduler.TryEnqueue(lane, WireFrames.Frame(WireFrames.KindOf(lane), bytes)).ShouldBeTrue();

    [Fact]
    public void Lanes_leave_in_order_of_priority_and_share_a_message()
    {
        var scheduler = WithCredit();
        foreach (var lane in Enum.GetValues<Lane>().Reverse())
            Add(scheduler, lane);
        WireFrames.Read(scheduler.Fill()).Select(frame => frame.Kind).ShouldBe(
            Enum.GetValues<Lane>().Select(WireFrames.KindOf));
    }

    [Fact]
    public void An_urgent_frame_waits_for_at_most_one_part_of_bulk()
    {
        var scheduler = WithCredit();
        Add(scheduler, Lane.Bulk, WireLimits.FrameBytesMax);
        scheduler.Fill().Length.ShouldBe(LaneSets.PieceBytesMax);
        Add(scheduler, Lane.Urgent);
        WireFrames.Read(scheduler.Fill())[0].Kind.ShouldBe(FrameKind.Event);
    }

    [Fact]
    public void Of_16_frames_sent_while_bulk_waits_one_is_bulk()
    {
        var scheduler = WithCredit();
        for (var i = 0; i < 200; i++)
            Add(scheduler, Lane.Interactive);
        for (var i = 0; i < 200; i++)
            Add(scheduler, Lane.Bulk);
        var kinds = WireFrames.Read(scheduler.Fill()).Select(frame => frame.Kind).Take(160).ToArray();
        for (var i = 0; i < kinds.Length; i++)
            (kinds[i] == FrameKind.HistoryPage).ShouldBe(i % 16 == 15);
    }

    [Fact]
    public void A_body_of_PartBytesMax_goes_whole_and_one_byte_more_in_parts()
    {
        var scheduler = WithCredit();
        Add(scheduler, Lane.Interactive, LaneSets.PieceBytesMax);
        Add(scheduler, Lane.Interactive, LaneSets.PieceBytesMax + 1);
        WireFrames.Read(scheduler.Fill()).Select(frame => (frame.Kind, frame.Body.Length)).ShouldBe(
            [(FrameKind.Roster, 16_384), (FrameKind.Part, 16_384), (FrameKind.Part, 7)]);
    }

    [Fact]
    public void Without_credit_audio_and_bulk_wait_and_the_others_go()
    {
        var scheduler = new LaneScheduler(LaneBytesMax);
        Add(scheduler, Lane.Bulk);
        Add(scheduler, Lane.Audio);
        scheduler.HasSendable.ShouldBeFalse();
        Add(scheduler, Lane.Interactive);
        WireFrames.Read(scheduler.Fill()).Single().Kind.ShouldBe(FrameKind.Roster);

        scheduler.AddCredit(Lane.Bulk, 99);
        scheduler.HasSendable.ShouldBeFalse("a frame costs its header too");
        scheduler.AddCredit(Lane.Bulk, 1);
        scheduler.Fill().Length.ShouldBe(100);
        scheduler.CreditOf(Lane.Bulk).ShouldBe(0);
    }

    [Theory]
    [InlineData(Lane.Control)]
    [InlineData(Lane.Urgent)]
    [InlineData(Lane.Interactive)]
    [InlineData((Lane)5)]
    [InlineData((Lane)255)]
    public void Credit_for_a_lane_without_credit_is_4417(Lane lane) =>
        new LaneScheduler(LaneBytesMax).AddCredit(lane, 1).ShouldBe(new Violation(HoliCode.BadValue, "5.3"));

    [Fact]
    public void Credit_beyond_2_to_the_31_is_4417()
    {
        var scheduler = new LaneScheduler(LaneBytesMax);
        scheduler.AddCredit(Lane.Bulk, Varint.MaxValue).Code.ShouldBe(HoliCode.BadValue);
        scheduler.AddCredit(Lane.Bulk, (ulong)WireLimits.CreditBytesMax).ShouldBe(Violation.None);
        scheduler.AddCredit(Lane.Bulk, 1).Code.ShouldBe(HoliCode.BadValue);
        scheduler.CreditOf(Lane.Bulk).ShouldBe(WireLimits.CreditBytesMax);
    }

    [Fact]
    public void A_full_lane_says_so_and_an_empty_one_takes_any_frame()
    {
        var scheduler = new LaneScheduler(1_000);
        Add(scheduler, Lane.Interactive, 200_000);
        scheduler.TryEnqueue(Lane.Interactive, new byte[2]).ShouldBeFalse();
        scheduler.TryEnqueue(Lane.Urgent, new byte[2]).ShouldBeTrue();

        var tiny = 0;
        while (scheduler.TryEnqueueCopy(Lane.Bulk, [0x1F, 0]))
            tiny++;
        tiny.ShouldBe(1_000 / (24 + 2), "many tiny frames are bounded too");
    }

    [Fact]
    public void A_frame_that_no_receiver_takes_is_a_bug_here()
    {
        var scheduler = WithCredit();
        Should.Throw<ArgumentOutOfRangeException>(() => scheduler.TryEnqueue(Lane.Bulk, new byte[WireLimits.FrameBytesMax + 1]));
        Should.Throw<ArgumentOutOfRangeException>(() => scheduler.TryEnqueue(Lane.Bulk, default));
        Should.Throw<ArgumentOutOfRangeException>(() => scheduler.TryEnqueue(Lane.Control, new byte[LaneSets.PieceBytesMax + 1]));
        Should.Throw<ArgumentOutOfRangeException>(() => scheduler.TryFill(new ArrayBufferWriter<byte>(), LaneSets.PieceBytesMax - 1));
    }

    [Fact]
    public void Clear_leaves_nothing()
    {
        var scheduler = WithCredit();
        Add(scheduler, Lane.Bulk, 100_000);
        scheduler.TryEnqueueCopy(Lane.Urgent, WireFrames.Frame(FrameKind.Event, 50));
        scheduler.Fill();
        Add(scheduler, Lane.Interactive);
        scheduler.Clear();
        scheduler.HasSendable.ShouldBeFalse();
        scheduler.PendingBytes(Lane.Bulk).ShouldBe(0);
        Add(scheduler, Lane.Bulk);
        scheduler.Fill().Length.ShouldBe(100);
    }

    [Fact]
    public void The_steady_state_allocates_nothing_and_an_idle_scheduler_costs_at_most_200_bytes()
    {
        var frames = Enum.GetValues<Lane>().Select(lane => WireFrames.Frame(WireFrames.KindOf(lane), 120)).ToArray();
        var large = WireFrames.Frame(FrameKind.HistoryPage, 50_000);
        var output = new ArrayBufferWriter<byte>(WireLimits.MessageBytesMax);

        // A scheduler that was busy and is quiet again: what it rented went back, so the next one allocates itself alone.
        static void Use(LaneScheduler scheduler, byte[][] frames, byte[] large, ArrayBufferWriter<byte> output)
        {
            for (var lane = Lane.Control; lane <= Lane.Bulk; lane++)
            {
                scheduler.TryEnqueue(lane, frames[(int)lane]);
                scheduler.TryEnqueueCopy(lane, frames[(int)lane]);
            }
            scheduler.TryEnqueue(Lane.Bulk, large);
            do
                output.ResetWrittenCount();
            while (scheduler.TryFill(output, WireLimits.MessageBytesMax));
        }

        var busy = WithCredit();
        for (var i = 0; i < 100; i++)
            Use(busy, frames, large, output);
        LeastAllocated(() =>
        {
            for (var i = 0; i < 200; i++)
                Use(busy, frames, large, output);
        }).ShouldBe(0);
        LeastAllocated(() => Use(WithCredit(), frames, large, output)).ShouldBeLessThanOrEqualTo(200);
    }

    // The least of a few, because a collection that the other tests cause may empty the shared pool meanwhile.
    private static long LeastAllocated(Action action) => Enumerable.Range(0, 10).Min(_ =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
