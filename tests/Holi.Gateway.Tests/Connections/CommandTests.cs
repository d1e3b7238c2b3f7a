using System.Buffers;
using Holi.Gateway.Commit;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

public sealed class CommandTests
{
    private readonly World _world = new();

    [Fact]
    public void Commits_are_cumulative_and_name_what_was_refused()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Post(topic, "fine");
        ana.Post("conversation/none", "nowhere");
        ana.Post(topic, "fine too");
        _world.Settle();
        var commit = ana.One<CommitFrame>();
        commit.Committed.ShouldBe(4ul);
        Refusals(commit).ShouldBe([new Refusal(3, HoliCode.NotFound)]);
        ana.EventsOf("user/ana").Last().Type.ShouldBe(MessageTypes.CommandRejected);
    }

    [Fact]
    public void Nothing_is_acknowledged_before_it_is_on_disk()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "waits");
        _world.Fill();
        devices[0].Frames.ShouldBeEmpty();
        devices[1].Frames.ShouldBeEmpty();
        _world.Commit();
        _world.Fill();
        devices[0].One<CommitFrame>().Committed.ShouldBe(2ul);
        devices[1].TextsOf(topic).ShouldBe(["waits"]);
    }

    [Fact]
    public void A_seq_beyond_the_next_is_answered_once_with_where_to_resume()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Seq = 4;
        ana.Post(topic, "five");
        ana.Post(topic, "six");
        _world.Settle();
        var error = ana.One<ErrorFrame>();
        (error.Code, error.Seq).ShouldBe((HoliCode.SeqGap, 5ul));
        ana.One<CommitFrame>().Committed.ShouldBe(1ul);

        ana.Seq = 1;
        ana.Post(topic, "two");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["two"]);
    }

    [Fact]
    public void A_replay_with_the_same_content_is_answered_again_and_applied_never()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Post(topic, "once");
        _world.Settle();
        ana.Forget();
        ana.Seq = 1;
        ana.Post(topic, "once");
        _world.Settle();
        ana.CloseCode.ShouldBe(HoliCode.None);
        ana.One<CommitFrame>().Committed.ShouldBe(2ul);
        devices[1].TextsOf(topic).ShouldBe(["once"]);
    }

    [Fact]
    public void A_replay_with_other_content_closes_and_is_audited()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Post(topic, "once");
        _world.Settle();
        ana.Seq = 1;
        ana.Post(topic, "something else");
        _world.Settle();
        ana.CloseCode.ShouldBe(HoliCode.SeqReused);
        _world.Memory.Audit.ShouldContain(a => a.Action == AuditActions.SeqReused && a.User == "ana" && a.Device == "phone");
        devices[1].TextsOf(topic).ShouldBe(["once"]);
    }

    [Theory]
    [InlineData("first", HoliCode.None)]
    [InlineData("other", HoliCode.SeqReused)]
    public void A_seq_that_is_still_in_flight_is_compared_too(string text, HoliCode code)
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Post(topic, "first");
        ana.Post(topic, "second");
        ana.Seq = 1;
        ana.Post(topic, text);
        _world.Settle();
        ana.CloseCode.ShouldBe(code);
        devices[1].TextsOf(topic).ShouldBe(["first", "second"]);
    }

    [Fact]
    public void More_commands_than_the_window_close()
    {
        var world = new World(new GatewayLimits { CommandsInFlight = 3 });
        var ana = world.Connect();
        // More than what may have been sent ahead of Welcome, when the window was not known.
        ana.Post("user/ana", new string('x', 16_350));
        world.Settle();
        for (var i = 0; i < 3; i++)
            ana.Post("user/ana", "x");
        ana.CloseCode.ShouldBe(HoliCode.None);
        ana.Post("user/ana", "one too many");
        ana.CloseCode.ShouldBe(HoliCode.CreditExceeded);
    }

    [Fact]
    public void Commands_sent_behind_Hello_that_come_after_Welcome_are_taken_beyond_the_window()
    {
        var world = new World(new GatewayLimits { CommandsInFlight = 1 });
        var generation = world.Connect().Welcome!.Generation;
        var ana = world.Open();
        ana.SayHello(h => h.Generation = generation, withSettle: true);
        for (var i = 0; i < 20; i++)
            ana.Post("user/ana", "on its way while Welcome was");
        world.Settle();
        ana.CloseCode.ShouldBe(HoliCode.None);
        ana.All<CommitFrame>().Last().Committed.ShouldBe(20ul);
    }

    [Fact]
    public void A_Commit_renews_the_window()
    {
        var world = new World(new GatewayLimits { CommandsInFlight = 3 });
        var ana = world.Connect();
        for (var i = 0; i < 12; i++)
        {
            ana.Post("user/ana", "x");
            if (i % 3 == 2)
                world.Settle();
        }
        ana.CloseCode.ShouldBe(HoliCode.None);
        ana.All<CommitFrame>().Last().Committed.ShouldBe(12ul);
    }

    [Fact]
    public void A_long_message_comes_and_goes_in_parts()
    {
        var (topic, devices) = _world.Conversation("ben");
        var text = new string('x', 60_000);
        var frame = new ArrayBufferWriter<byte>();
        devices[0].CommandOf(2, topic, MessageTypes.MessagePost, new MessagePost(text, null, null, null).ToBytes()).Write(frame);
        var bytes = frame.WrittenMemory;
        for (var at = 0; at < bytes.Length; at += 16_000)
        {
            var piece = bytes.Slice(at, Math.Min(16_000, bytes.Length - at));
            devices[0].Put(new PartFrame(Lane.Interactive, at + piece.Length == bytes.Length, new ReadOnlySequence<byte>(piece)).Write);
        }
        _world.Settle();
        devices[0].CloseCode.ShouldBe(HoliCode.None);
        devices[1].TextsOf(topic).ShouldBe([text]);
        devices[1].Frames.Last(f => f.Kind == FrameKind.Event).Part.ShouldBe(Lane.Interactive);
    }

    [Fact]
    public void A_topic_goes_by_its_number_once_it_is_announced()
    {
        var (topic, devices) = _world.Conversation("ben");
        var number = devices[1].Topics[topic].Number;
        devices[1].Put(new CommandFrame(1, number, MessageTypes.MessagePost, new(new MessagePost("short", null, null, null).ToBytes())).Write);
        _world.Settle();
        devices[0].TextsOf(topic).ShouldBe(["short"]);
    }

    [Fact]
    public void A_number_that_was_never_announced_closes()
    {
        var ana = _world.Connect();
        ana.Put(new CommandFrame(1, 77, MessageTypes.MessagePost, new([0x90])).Write);
        ana.CloseCode.ShouldBe(HoliCode.UnknownTopicNumber);
    }

    [Fact]
    public void Attempts_at_many_topics_that_are_not_theirs_close_and_are_audited()
    {
        var eve = _world.Connect("eve");
        for (var i = 0; i < _world.Limits.ForeignAttempts; i++)
        {
            eve.CloseCode.ShouldBe(HoliCode.None);
            eve.Post($"conversation/guess{i}", "x");
            _world.Settle();
        }
        eve.CloseCode.ShouldBe(HoliCode.TooManyViolations);
        _world.Settle();
        _world.Memory.Audit.ShouldContain(a => a.Action == "connection.closed" && a.User == "eve");
    }

    [Fact]
    public void Flushing_an_offline_queue_into_one_conversation_that_one_was_removed_from_is_no_attack()
    {
        var ana = _world.Connect();
        for (var i = 0; i < 200; i++)
            ana.Post("conversation/left-long-ago", "x");
        _world.Settle();
        ana.CloseCode.ShouldBe(HoliCode.None);
        Refusals(ana.All<CommitFrame>().Last()).Count.ShouldBe(200);
    }

    private static List<Refusal> Refusals(CommitFrame commit)
    {
        var refusals = new List<Refusal>();
        foreach (var refusal in commit.Refusals)
            refusals.Add(refusal);
        return refusals;
    }
}
