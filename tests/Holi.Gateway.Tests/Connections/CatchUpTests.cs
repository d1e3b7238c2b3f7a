using System.Buffers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

public sealed class CatchUpTests
{
    private World _world = new();

    [Fact]
    public void Thousands_of_events_come_in_order_with_at_most_a_page_in_memory()
    {
        var (topic, ben) = Backlog(3_000, 300);
        ben.SayHello(h => (h.Generation, h.Backlog, h.BulkCredit) = (1, 100_000, 1 << 22));
        var most = 0;
        do
        {
            var message = new ArrayBufferWriter<byte>();
            while (ben.Connection.TryFill(message, _world.Now))
            {
                ben.Take(message);
                message.Clear();
                most = Math.Max(most, ben.Connection.PendingBytes(Lane.Bulk));
            }
        }
        while (_world.AnswerReads() | _world.Commit());
        ben.ShouldHave(topic, 1, 3_002);
        ben.All<CompleteFrame>().Last().Offset.ShouldBe(3_002ul);
        most.ShouldBeLessThan(_world.Limits.PageBytes + 4_096);
        ben.Messages.Max().ShouldBeLessThanOrEqualTo(2 * LaneSets.PieceBytesMax);
    }

    [Fact]
    public void Without_credit_nothing_comes_in_bulk_and_with_credit_it_goes_on()
    {
        var (topic, ben) = Backlog(200, 1_000);
        ben.SayHello(h => (h.Generation, h.BulkCredit) = (1, 0), withSettle: true);
        ben.Topics.Keys.ShouldContain(topic);
        ben.All<EventFrame>().ShouldBeEmpty();
        ben.All<CompleteFrame>().ShouldBeEmpty();

        var sent = 0;
        for (var i = 0; i < 40; i++)
        {
            var before = ben.EventsOf(topic).Length;
            ben.Put(new CreditFrame(Lane.Bulk, 8_000).Write);
            _world.Settle();
            (ben.EventsOf(topic).Length - before).ShouldBeLessThanOrEqualTo(9);
            sent += 8_000;
        }
        ben.EventsOf(topic).Length.ShouldBe(202);
        sent.ShouldBeGreaterThan(200_000);
    }

    [Fact]
    public void Bulk_waits_for_what_is_on_its_way_and_goes_on_as_it_arrives_or_when_nobody_says_so()
    {
        _world = new World(paces: true);
        var (topic, ben) = Backlog(40, 1_000);
        ben.SayHello(h => (h.Generation, h.Backlog, h.BulkCredit) = (1, 100_000, 1 << 20), withSettle: true);
        // Two kilobytes at first, in parts that are smaller than the events.
        ben.EventsOf(topic).Length.ShouldBeInRange(1, 5);
        ben.Messages.Max().ShouldBeLessThan(1_000);

        var before = ben.EventsOf(topic).Length;
        _world.Advance(TimeSpan.FromMilliseconds(10));
        ben.Put(new CreditFrame(Lane.Bulk, 2_000).Write);
        _world.Settle();
        ben.EventsOf(topic).Length.ShouldBeGreaterThan(before, "it has arrived");

        (_world, before) = (new World(paces: true), 0);
        (topic, ben) = Backlog(40, 1_000);
        ben.SayHello(h => (h.Generation, h.Backlog, h.BulkCredit) = (1, 100_000, 1 << 20), withSettle: true);
        ben.Connection.NextDeadline.ShouldBeLessThanOrEqualTo(_world.Now.Since + TimeSpan.FromSeconds(3));
        _world.Advance(TimeSpan.FromSeconds(3));
        _world.Settle();
        ben.ShouldHave(topic, 1, 42);
    }

    [Fact]
    public void Live_events_do_not_wait_for_another_topic_that_catches_up_without_credit()
    {
        var (deep, ben) = Backlog(300, 1_000);
        var ana = _world.Devices[0];
        ana.Send("conversation/live", MessageTypes.ConversationCreate, new ConversationCreate(null, [new NewMember("ben", MemberRole.Member)]));
        _world.Settle();
        ben.SayHello(h => (h.Generation, h.BulkCredit) = (1, 17_000), withSettle: true);
        // The topic became complete before the deep one used up the credit, or is followed once more at its head.
        if (!ben.All<CompleteFrame>().Any(c => c.Topic == ben.Topics["conversation/live"].Number))
        {
            ben.Put(new CreditFrame(Lane.Bulk, 400_000).Write);
            _world.Settle();
        }
        ana.Post("conversation/live", "now");
        _world.Settle();
        ben.TextsOf("conversation/live").ShouldBe(["now"]);
        ben.Topics.Keys.ShouldContain(deep);
    }

    [Fact]
    public void What_is_written_while_one_catches_up_comes_behind_it()
    {
        var (topic, ben) = Backlog(500, 1_000);
        ben.SayHello(h => (h.Generation, h.BulkCredit) = (1, 1 << 24));
        var ana = _world.Devices[0];
        for (var i = 0; i < 200; i++)
        {
            ana.Post(topic, $"live {i}");
            _world.Commit();
            _world.Fill();
            _world.AnswerReads();
        }
        _world.Settle();
        ben.ShouldHave(topic, 1, 702);
    }

    [Fact]
    public void A_reader_that_falls_behind_the_tail_is_brought_up_from_the_log_without_a_gap()
    {
        _world = new World(new GatewayLimits { TailEvents = 4 });
        var (topic, devices) = _world.Conversation("ben");
        var (ana, ben) = (devices[0], devices[1]);
        ben.Reads = false;
        for (var i = 0; i < 100; i++)
        {
            ana.Post(topic, $"message {i}");
            _world.Settle();
        }
        ben.Connection.PendingBytes(Lane.Interactive).ShouldBe(0);
        ben.Reads = true;
        _world.Settle();
        ben.ShouldHave(topic, 3, 102);
        ana.Post(topic, "live again");
        _world.Settle();
        ben.TextsOf(topic)[^1].ShouldBe("live again");
    }

    [Fact]
    public void A_missed_notification_is_repaired_from_the_log()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "told");
        _world.Settle();
        devices[0].Post(topic, "not told");
        _world.CommitWithoutTelling();
        devices[0].Post(topic, "told again");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["told", "not told", "told again"]);
    }

    [Fact]
    public void A_quiet_topics_tail_is_dropped_and_nothing_is_missed()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "one");
        _world.Settle();
        _world.Hub.TailBytes.ShouldBeGreaterThan(0);
        _world.Advance(TimeSpan.FromSeconds(31));
        _world.Sweep();
        _world.Hub.TailBytes.ShouldBe(0);
        devices[0].Post(topic, "two");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["one", "two"]);
    }

    [Fact]
    public void An_event_larger_than_a_part_catches_up_in_parts_of_the_bulk_lane()
    {
        var (topic, ben) = Backlog(3, 60_000);
        ben.SayHello(h => (h.Generation, h.BulkCredit) = (1, 1 << 20), withSettle: true);
        ben.EventsOf(topic).Length.ShouldBe(5);
        ben.Frames.Count(f => f.Part == Lane.Bulk).ShouldBe(3);
    }

    [Fact]
    public void A_large_event_begins_with_the_credit_of_one_piece_and_goes_on_part_by_part()
    {
        var (topic, ben) = Backlog(1, 60_000);
        ben.SayHello(h => (h.Generation, h.BulkCredit) = (1, LaneSets.PieceBytesMax + 400), withSettle: true);
        for (var i = 0; i < 8; i++)
        {
            ben.Put(new CreditFrame(Lane.Bulk, LaneSets.PieceBytesMax).Write);
            _world.Settle();
        }
        ben.EventsOf(topic).Length.ShouldBe(3);
    }

    [Fact]
    public void History_goes_backwards_to_the_first_event_that_is_theirs()
    {
        var (topic, ben) = Backlog(120, 100);
        ben.SayHello(h => (h.Generation, h.Backlog) = (1, 0), withSettle: true);
        ben.EventsOf(topic).ShouldBeEmpty();
        var number = ben.Topics[topic].Number;
        var offsets = new List<ulong>();
        var before = 0ul;
        for (var request = 1u; ; request++)
        {
            ben.Forget();
            ben.Put(new HistoryRequestFrame(request, number, before, 50).Write);
            _world.Settle();
            var page = ben.One<HistoryPageFrame>();
            page.Request.ShouldBe(request);
            var read = OffsetsOf(page);
            offsets.InsertRange(0, read);
            if (page.Last)
                break;
            read.Count.ShouldBe(50);
            before = read[0];
        }
        offsets.ShouldBe(Enumerable.Range(1, 122).Select(i => (ulong)i));
    }

    [Fact]
    public void More_history_requests_than_wait_are_answered_busy()
    {
        _world = new World(new GatewayLimits { RequestsWaiting = 2 });
        var (topic, devices) = _world.Conversation("ben");
        var number = devices[0].Topics[topic].Number;
        for (var i = 1u; i <= 5; i++)
            devices[0].Put(new HistoryRequestFrame(i, number, 0, 10).Write);
        _world.Settle();
        devices[0].All<HistoryPageFrame>().Select(p => p.Request).ShouldBe([1u, 2u, 3u]);
        devices[0].All<ErrorFrame>().Select(e => (e.Code, e.Request)).ShouldBe([(HoliCode.Busy, 4u), (HoliCode.Busy, 5u)]);
    }

    [Fact]
    public void Who_asks_and_never_reads_is_closed()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ben = devices[1];
        ben.Reads = false;
        for (var i = 0; i < _world.Limits.RequestsPerWindow; i++)
            ben.Put(new SnapshotRequestFrame(1, ben.Topics[topic].Number, 0).Write);
        _world.Advance(TimeSpan.FromSeconds(11));
        for (var i = 0; i < _world.Limits.RequestsPerWindow; i++)
            ben.Put(new SnapshotRequestFrame(1, ben.Topics[topic].Number, 0).Write);
        ben.Connection.PendingBytes(Lane.Control).ShouldBeLessThanOrEqualTo(_world.Limits.LaneBytes);
        ben.CloseCode.ShouldBe(HoliCode.TooSlow);
    }

    [Fact]
    public void Who_never_reads_costs_a_cursor_and_not_its_messages()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[1].Reads = false;
        for (var i = 0; i < 600; i++)
        {
            devices[0].Post(topic, new string('x', 1_000));
            if (i % 100 == 0)
                _world.Settle();
        }
        _world.Settle();
        devices[1].Connection.PendingBytes(Lane.Interactive).ShouldBe(0);
        _world.Hub.TailBytes.ShouldBeLessThanOrEqualTo(_world.Limits.TailBytes + 4_096);
        devices[0].EventsOf(topic).Length.ShouldBe(600);
        devices[1].Reads = true;
        _world.Settle();
        devices[1].ShouldHave(topic, 3, 602);
    }

    // A conversation with so many messages, and a device of ben that has not said Hello yet.
    private (string Topic, TestDevice Ben) Backlog(int messages, int bytes)
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[1].Connection.Closed();
        for (var i = 0; i < messages; i++)
        {
            devices[0].Post(topic, new string('x', bytes));
            if (i % 500 == 0)
                _world.Settle();
        }
        _world.Settle();
        // Nobody else's tail helps: what is older than the newest events comes from the log.
        devices[0].Forget();
        return (topic, _world.Open("ben"));
    }

    private static List<ulong> OffsetsOf(HistoryPageFrame page)
    {
        var offsets = new List<ulong>();
        var frames = page.ReadFrames();
        while (frames.TryRead(out var frame, out _))
        {
            EventFrame.TryRead(frame.Body, World.TimeBaseMs, out var read, out _).ShouldBeTrue();
            offsets.Add(read.Offset);
        }
        return offsets;
    }
}
