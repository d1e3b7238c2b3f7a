using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

/// <summary>holi.v1.md §5.4: bulk fits itself to the link, so that what is urgent waits for a moment, however slow the link and however deep its queue.</summary>
public sealed class LinkPaceTests
{
    private const int Window = 1 << 20;
    private static readonly TimeSpan Learning = S(5), End = S(35);

    /// <summary>kbit/s, ms each way, ms until it is stored.</summary>
    public static TheoryData<int, int, int> Links => new()
    {
        { 32, 20, 0 }, { 64, 1, 0 }, { 64, 50, 2 }, { 64, 300, 5 }, { 256, 20, 2 }, { 1_000, 5, 20 }, { 1_000, 100, 5 }, { 20_000, 20, 5 },
    };

    [Theory]
    [MemberData(nameof(Links))]
    public void What_is_urgent_waits_for_a_moment_while_bulk_fills_the_link(int kbits, int wayMs, int storingMs)
    {
        var bytesPerSecond = kbits * 1000.0 / 8;
        var link = LinkOf(bytesPerSecond, wayMs, storingMs, new CreditWindow(Window));
        link.RunUntil(Learning);
        link.Urgent.Clear();
        var before = link.BulkBytes;
        link.RunUntil(End);
        // Its own way and size, and the part that is just being sent; then what has queued up, and is noticed a way later.
        var part = Math.Max(LinkPace.PieceBytesLeast / bytesPerSecond, LinkPace.PieceTime.TotalSeconds);
        var own = (125 / bytesPerSecond) + (wayMs / 1000.0);
        (link.Urgent.Max().TotalSeconds - own - part).ShouldBeLessThan((wayMs / 1000.0) + (3.5 * Math.Max(part, LinkPace.QueueTime.TotalSeconds)));
        ((link.BulkBytes - before) / (bytesPerSecond * (End - Learning).TotalSeconds)).ShouldBeGreaterThan(0.6);
        link.BulkFrames.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1_000)]
    public void From_the_first_byte_on_nothing_urgent_waits_longer_than_a_second(int kbits)
    {
        var link = LinkOf(kbits * 1000.0 / 8, 10, 0, new CreditWindow(Window));
        link.RunUntil(Learning);
        link.Urgent.Max().ShouldBeLessThan(S(1));
    }

    [Fact]
    public void A_fast_link_is_filled_within_a_few_round_trips()
    {
        const double bytesPerSecond = 125e6;
        var link = LinkOf(bytesPerSecond, 1, 0, new CreditWindow(8 << 20));
        link.RunUntil(MS(100));
        link.BulkBytes.ShouldBeGreaterThan((long)(bytesPerSecond * 0.07));
    }

    [Fact]
    public void A_receiver_that_pays_back_in_large_steps_is_not_starved()
    {
        var link = LinkOf(1e6, 10, 0, window: null);
        link.RunUntil(S(10));
        link.BulkBytes.ShouldBeGreaterThan(Window - LaneSets.PieceBytesMax);
    }

    [Fact]
    public void It_holds_nothing_back_and_cuts_nothing_where_it_is_not_asked_to_pace()
    {
        var lanes = new LaneScheduler(1 << 20);
        lanes.AddCredit(Lane.Bulk, 100_000);
        lanes.TryEnqueue(Lane.Bulk, WireFrames.Frame(FrameKind.HistoryPage, 16_000));
        lanes.TryEnqueue(Lane.Bulk, WireFrames.Frame(FrameKind.HistoryPage, 16_000));
        WireFrames.Fill(lanes, WireLimits.MessageBytesMax).Length.ShouldBe(16_000);
        lanes.NextDeadline.ShouldBe(TimeSpan.MaxValue);
    }

    private static SimulatedLink LinkOf(double bytesPerSecond, int wayMs, int storingMs, CreditWindow? window)
    {
        var lanes = new LaneScheduler(1 << 20, paces: true);
        lanes.AddCredit(Lane.Bulk, (ulong)(window?.AvailableBytes ?? Window));
        return new SimulatedLink(lanes, bytesPerSecond, MS(wayMs), MS(storingMs), window);
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan MS(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
