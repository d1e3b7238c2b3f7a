using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

public sealed class FollowTests
{
    private readonly World _world = new();

    [Fact]
    public void A_cursor_resumes_behind_itself()
    {
        var (topic, devices) = Talk(5);
        var ben = Reconnect(devices[1], h => h.Cursors.Add(new TopicCursor(topic, devices[1].Topics[topic].Epoch, 5)));
        (ben.Topics[topic].Start, ben.Topics[topic].Head).ShouldBe((5ul, 7ul));
        ben.EventsOf(topic).Select(e => e.Offset).ShouldBe([6ul, 7ul]);
        ben.All<SkipFrame>().ShouldBeEmpty();
    }

    [Fact]
    public void A_cursor_of_another_epoch_counts_for_nothing()
    {
        var (topic, devices) = Talk(5);
        var ben = Reconnect(devices[1], h => h.Cursors.Add(new TopicCursor(topic, 77, 5)));
        ben.EventsOf(topic).Length.ShouldBe(7);
        ben.Topics[topic].Start.ShouldBe(0ul);
    }

    [Fact]
    public void A_backlog_begins_so_many_events_before_the_head_and_says_what_it_left_out()
    {
        var (topic, devices) = Talk(5);
        var ben = Reconnect(devices[1], h => h.Backlog = 2);
        var skip = ben.All<SkipFrame>().Single(s => s.Topic == ben.Topics[topic].Number);
        (skip.Through, skip.Reason).ShouldBe((5ul, SkipReason.BeyondBacklog));
        ben.EventsOf(topic).Select(e => e.Offset).ShouldBe([6ul, 7ul]);
    }

    [Fact]
    public void What_was_before_a_member_came_is_skipped_as_not_visible()
    {
        var (topic, devices) = Talk(3);
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("cleo", MemberRole.Member));
        _world.Settle();
        var cleo = _world.Connect("cleo");
        cleo.Topics[topic].First.ShouldBe(6ul);
        var skip = cleo.All<SkipFrame>().Single(s => s.Topic == cleo.Topics[topic].Number);
        (skip.Through, skip.Reason).ShouldBe((5ul, SkipReason.NotVisible));
        cleo.EventsOf(topic).Select(e => e.Offset).ShouldBe([6ul]);
    }

    [Fact]
    public void Without_a_backlog_topics_are_announced_and_nothing_comes_until_Follow()
    {
        var (topic, devices) = Talk(3);
        var ben = Reconnect(devices[1], h => h.Backlog = -1);
        ben.Topics.Keys.ShouldContain(topic);
        devices[0].Post(topic, "more");
        _world.Settle();
        ben.All<EventFrame>().ShouldBeEmpty();
        ben.All<CompleteFrame>().ShouldBeEmpty();

        ben.Put(new FollowFrame(ben.Topics[topic].Number, default, 0, 0, 2).Write);
        _world.Settle();
        ben.EventsOf(topic).Select(e => e.Offset).ShouldBe([5ul, 6ul]);
        ben.All<CompleteFrame>().Last().Offset.ShouldBe(6ul);
    }

    [Fact]
    public void Unfollow_ends_the_events_and_keeps_the_number()
    {
        var (topic, devices) = Talk(1);
        var number = devices[1].Topics[topic].Number;
        devices[1].Put(new UnfollowFrame(number).Write);
        devices[0].Post(topic, "unseen");
        _world.Settle();
        var gone = devices[1].One<TopicGoneFrame>();
        (gone.Number, gone.Code).ShouldBe((number, HoliCode.Done));
        devices[1].TextsOf(topic).ShouldBeEmpty();

        devices[1].Put(new CommandFrame(1, number, MessageTypes.MessagePost, new(new MessagePost("still mine", null, null, null).ToBytes())).Write);
        devices[1].Put(new FollowFrame(number, default, devices[1].Topics[topic].Epoch, 3, 0).Write);
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["unseen", "still mine"]);
    }

    [Theory]
    [InlineData("conversation/absent")]
    [InlineData("conversation/room")]
    [InlineData("user/ana")]
    [InlineData("not a name")]
    public void What_is_not_theirs_looks_like_what_is_absent(string topic)
    {
        Talk(1);
        var eve = _world.Connect("eve");
        eve.Forget();
        Follow(eve, topic);
        eve.One<ErrorFrame>().ShouldBe(new ErrorFrame(HoliCode.NotFound, 0, 0, 0));
        eve.Frames.Count.ShouldBe(1);
    }

    [Fact]
    public void Repeated_attempts_at_what_is_not_theirs_close_and_are_audited()
    {
        Talk(1);
        var eve = _world.Connect("eve");
        for (var i = 0; i < _world.Limits.ForeignAttempts; i++)
        {
            eve.CloseCode.ShouldBe(HoliCode.None);
            Follow(eve, "conversation/room");
        }
        eve.CloseCode.ShouldBe(HoliCode.TooManyViolations);
        _world.Settle();
        var audit = _world.Memory.Audit[^1];
        (audit.User, audit.Action, audit.Subject).ShouldBe(("eve", "connection.closed", "4503"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void The_alert_that_makes_its_topic_reaches_who_is_connected_whatever_the_backlog(int backlog)
    {
        var ana = _world.Connect("ana", hello: h => h.Backlog = backlog);
        var ben = _world.Connect("ben");
        var lab = new Backend(new Scene(_world.Store));
        _world.Submit(lab.Notify("a", "alert/ana"));
        _world.Submit(lab.Notify("b", "alert/ana"));
        _world.Settle();
        ana.EventsOf("alert/ana").Select(e => (e.Offset, e.Member, e.Type)).ShouldBe([(1ul, 0u, MessageTypes.Notification), (2ul, 0u, MessageTypes.Notification)]);
        ben.Topics.Keys.ShouldNotContain("alert/ana");
        _world.Submit(lab.Notify("c", "alert/ana"));
        _world.Settle();
        ana.EventsOf("alert/ana")[^1].Offset.ShouldBe(3ul);
        ana.All<SkipFrame>().ShouldBeEmpty();
    }

    [Fact]
    public void An_acknowledgement_is_the_delivered_receipt()
    {
        var (topic, devices) = Talk(3);
        devices[1].Put(o => AckFrame.Write(o, [new AckEntry(devices[1].Topics[topic].Number, 4)]));
        _world.Settle();
        _world.See("ben", topic)!.Member.Delivered.ShouldBe(4ul);
    }

    [Fact]
    public void An_acknowledgement_beyond_what_was_sent_closes_and_one_that_goes_back_is_ignored()
    {
        var (topic, devices) = Talk(3);
        var number = devices[1].Topics[topic].Number;
        devices[1].Put(o => AckFrame.Write(o, [new AckEntry(number, 5)]), o => AckFrame.Write(o, [new AckEntry(number, 2)]));
        devices[1].CloseCode.ShouldBe(HoliCode.None);
        _world.Seen.OfType<SubmitDelivered>().Count(d => d.User == "ben" && d.Topic.Name == topic).ShouldBe(1);
        devices[1].Put(o => AckFrame.Write(o, [new AckEntry(number, 6)]));
        devices[1].CloseCode.ShouldBe(HoliCode.AckBeyondSent);
    }

    [Fact]
    public void A_device_that_says_what_it_has_stored_in_Hello_has_delivered_it()
    {
        var (topic, devices) = Talk(3);
        Reconnect(devices[1], h => h.Cursors.Add(new TopicCursor(topic, devices[1].Topics[topic].Epoch, 4)));
        _world.Seen.OfType<SubmitDelivered>().ShouldContain(d => d.User == "ben" && d.Topic.Name == topic && d.Delivered == 4);
    }

    [Fact]
    public void Who_becomes_a_member_while_connected_follows_at_once_from_there_on()
    {
        var (topic, devices) = Talk(2);
        var cleo = _world.Connect("cleo");
        cleo.Forget();
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("cleo", MemberRole.Member));
        devices[0].Post(topic, "welcome");
        _world.Settle();
        cleo.Topics[topic].First.ShouldBe(5ul);
        cleo.EventsOf(topic).Select(e => e.Offset).ShouldBe([5ul, 6ul]);
    }

    [Fact]
    public void A_removed_member_gets_no_later_byte()
    {
        var (topic, devices) = Talk(1);
        var number = devices[1].Topics[topic].Number;
        devices[0].Post(topic, "before");
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        devices[0].Post(topic, "after");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["before"]);
        devices[1].EventsOf(topic).Last().Offset.ShouldBe(4ul);
        var gone = devices[1].All<TopicGoneFrame>().Single();
        (gone.Number, gone.Code).ShouldBe((number, HoliCode.Removed));

        devices[1].Forget();
        devices[1].Put(
            new HistoryRequestFrame(1, number, 0, 50).Write, new WatchFrame(number, WatchMode.On).Write, new FollowFrame(number, default, 0, 0, 50).Write);
        _world.Settle();
        devices[1].All<ErrorFrame>().Select(e => e.Code).ShouldBe([HoliCode.NotFound, HoliCode.NotFound, HoliCode.NotFound]);
        devices[1].Frames.Count.ShouldBe(3);
    }

    [Fact]
    public void A_member_removed_while_catching_up_gets_no_later_byte()
    {
        var (topic, devices) = Talk(1);
        for (var i = 0; i < 100; i++)
            devices[0].Post(topic, new string('x', 2_000));
        _world.Settle();
        devices[1].Connection.Closed();
        var ben = _world.Open("ben");
        ben.SayHello(h => (h.Generation, h.BulkCredit) = (1, 20_000), withSettle: true);
        ben.EventsOf(topic).Length.ShouldBeInRange(3, 12);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        _world.Settle();
        ben.Put(new CreditFrame(Lane.Bulk, 1 << 20).Write);
        _world.Settle();
        ben.EventsOf(topic).Length.ShouldBeInRange(3, 12);
        var number = ben.Topics[topic].Number;
        ben.One<TopicGoneFrame>().ShouldBe(new TopicGoneFrame(number, default, HoliCode.Removed));
        ben.Frames.SkipWhile(f => f.Kind != FrameKind.TopicGone).ShouldNotContain(f => f.Frame is EventFrame && ((EventFrame)f.Frame).Topic == number);
    }

    [Fact]
    public void Who_comes_back_is_announced_again_under_the_same_number()
    {
        var (topic, devices) = Talk(1);
        var before = devices[1].Topics[topic];
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        devices[0].Post(topic, "behind his back");
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member));
        devices[0].Post(topic, "back again");
        _world.Settle();
        var after = devices[1].Topics[topic];
        (after.Number, after.Member, after.First).ShouldBe((before.Number, before.Member, 6ul));
        devices[1].TextsOf(topic).ShouldBe(["back again"]);
        devices[1].Frames.Select(f => f.Kind).Where(k => k is FrameKind.Topic or FrameKind.TopicGone).ShouldBe([FrameKind.TopicGone, FrameKind.Topic]);
    }

    [Fact]
    public void Who_belongs_to_what_another_has_read_before_it_was_published_is_told_all_the_same()
    {
        var ana = _world.Connect("ana");
        ana.Send("conversation/new", MessageTypes.ConversationCreate, new ConversationCreate(null, [new NewMember("ben", MemberRole.Member)]));
        var committed = _world.CommitWithoutTelling();
        var ben = _world.Connect("ben");
        ben.Topics.ShouldContainKey("conversation/new");
        _world.Tell(committed);
        _world.Settle();
        ana.Topics.ShouldContainKey("conversation/new");
    }

    [Fact]
    public void A_removal_that_is_committed_while_the_membership_is_read_counts()
    {
        var (topic, devices) = Talk(1);
        devices[1].Put(new UnfollowFrame(devices[1].Topics[topic].Number).Write);
        _world.Settle();
        devices[1].Forget();
        // Read now, answered after the removal was published and noted.
        _world.ReadsEarly = true;
        Follow(devices[1], topic, settle: false);
        _world.ReadsEarly = false;
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        _world.Commit();
        _world.Fill();
        _world.AnswerReads();
        devices[0].Post(topic, "secret");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBeEmpty();
    }

    [Fact]
    public void A_deleted_message_is_erased_for_those_who_come_later()
    {
        var (topic, devices) = Talk(1);
        devices[0].Send(topic, MessageTypes.MessageDelete, new MessageDelete(3));
        _world.Settle();
        devices[1].EventsOf(topic).Last().Type.ShouldBe(MessageTypes.MessageDelete);
        var ben = Reconnect(devices[1], _ => { });
        ben.EventsOf(topic).Single(e => e.Offset == 3).Type.ShouldBe(MessageTypes.MessageErased);
    }

    [Fact]
    public void More_followed_topics_than_allowed_are_announced_only()
    {
        var world = new World(new GatewayLimits { FollowedTopics = 2 });
        var ana = world.Connect();
        foreach (var id in new[] { "one", "two" })
            ana.Send($"conversation/{id}", MessageTypes.ConversationCreate, new ConversationCreate(null, []));
        world.Settle();
        ana.Topics.Count.ShouldBe(3);
        ana.All<CompleteFrame>().Select(e => e.Topic).Distinct().Count().ShouldBe(2);
        ana.Forget();
        Follow(ana, "conversation/two", world: world);
        ana.All<ErrorFrame>().Single().Code.ShouldBe(HoliCode.LimitReached);
    }

    private (string Topic, TestDevice[] Devices) Talk(int messages)
    {
        var (topic, devices) = _world.Conversation("ben");
        for (var i = 1; i <= messages; i++)
            devices[0].Post(topic, $"message {i}");
        _world.Settle();
        foreach (var device in devices)
            device.Forget();
        return (topic, devices);
    }

    private TestDevice Reconnect(TestDevice device, Action<HelloDraft> hello)
    {
        device.Connection.Closed();
        return _world.Connect("ben", hello: h =>
        {
            h.Generation = 1;
            hello(h);
        });
    }

    private void Follow(TestDevice device, string topic, bool settle = true, World? world = null)
    {
        device.Put(new FollowFrame(0, new(Encoding.UTF8.GetBytes(topic)), 0, 0, 10).Write);
        if (settle)
            (world ?? _world).Settle();
    }
}
