using System.Buffers;
using Holi.Gateway.Commit;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

public sealed class OpeningTests
{
    private readonly World _world = new();

    [Fact]
    public void A_new_device_is_welcomed_with_a_generation_and_its_own_topic()
    {
        var ana = _world.Connect();
        ana.Frames.Select(f => f.Kind).ShouldBe([FrameKind.Welcome, FrameKind.Commit, FrameKind.Topic, FrameKind.Complete]);
        ana.Messages.Count.ShouldBe(1);
        ana.Welcome!.Generation.ShouldBe(1u);
        ana.Welcome.User.ShouldBe("ana");
        ana.Welcome.Topics.ShouldBe(1);
        ana.Topics["user/ana"].Role.ShouldBe(MemberRole.Owner);
        ana.One<CompleteFrame>().Topic.ShouldBe(ana.Topics["user/ana"].Number);
        ana.Connection.State.ShouldBe(GatewayState.Ready);
    }

    [Fact]
    public void A_message_reaches_the_other_person_and_is_committed_to_its_sender()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "hello");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["hello"]);
        devices[0].TextsOf(topic).ShouldBe(["hello"]);
        devices[0].One<CommitFrame>().Committed.ShouldBe(2ul);
    }

    [Theory]
    [InlineData("bad")]
    [InlineData("")]
    public void A_token_that_does_not_verify_closes_with_its_code(string token)
    {
        var ana = _world.Open();
        ana.SayHello(h => h.Token = token, withSettle: true);
        ana.CloseCode.ShouldBe(HoliCode.TokenInvalid);
        ana.Frames.ShouldBeEmpty();
    }

    [Fact]
    public void Hello_comes_first_and_once()
    {
        var early = _world.Open();
        early.Put(new PingFrame(1).Write);
        early.CloseCode.ShouldBe(HoliCode.UnexpectedFrame);

        var twice = _world.Connect("ben");
        twice.SayHello();
        twice.CloseCode.ShouldBe(HoliCode.UnexpectedFrame);
    }

    [Fact]
    public void No_Hello_in_five_seconds_closes()
    {
        var silent = _world.Open();
        _world.Advance(TimeSpan.FromSeconds(4.9));
        _world.Sweep();
        silent.CloseCode.ShouldBe(HoliCode.None);
        _world.Advance(TimeSpan.FromSeconds(0.2));
        _world.Sweep();
        silent.CloseCode.ShouldBe(HoliCode.HelloTimeout);
    }

    [Fact]
    public void A_Hello_that_nobody_decides_closes_after_ten_seconds()
    {
        var waiting = _world.Open();
        waiting.SayHello();
        _world.Advance(TimeSpan.FromSeconds(10));
        waiting.Connection.Poll(_world.Now);
        waiting.CloseCode.ShouldBe(HoliCode.Overloaded);
    }

    [Fact]
    public void Nothing_but_commands_may_come_ahead_of_Welcome()
    {
        var ana = _world.Open();
        ana.SayHello();
        ana.Put(new PingFrame(1).Write);
        ana.CloseCode.ShouldBe(HoliCode.UnexpectedFrame);
    }

    [Fact]
    public void Commands_behind_Hello_are_taken_after_Welcome_in_order()
    {
        var first = _world.Connect();
        var ana = _world.Open(device: "phone");
        ana.Put(
            ana.HelloOf(h => h.Generation = first.Welcome!.Generation).Write,
            ana.CommandOf(1, "conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, []).ToBytes()).Write,
            ana.CommandOf(2, "conversation/room", MessageTypes.MessagePost, new MessagePost("one", null, null, null).ToBytes()).Write);
        _world.Settle();
        ana.CloseCode.ShouldBe(HoliCode.None);
        ana.All<CommitFrame>().Last().Committed.ShouldBe(2ul);
        ana.TextsOf("conversation/room").ShouldBe(["one"]);
    }

    [Fact]
    public void More_than_is_held_ahead_of_Welcome_closes_and_applies_nothing()
    {
        var generation = _world.Connect().Welcome!.Generation;
        var ana = _world.Open();
        var post = new MessagePost(new string('x', 8_000), null, null, null).ToBytes();
        ana.Put(ana.HelloOf(h => h.Generation = generation).Write, ana.CommandOf(1, "user/ana", 0, post).Write, ana.CommandOf(2, "user/ana", 0, post).Write, ana.CommandOf(3, "user/ana", 0, post).Write);
        ana.CloseCode.ShouldBe(HoliCode.CreditExceeded);
        _world.Settle();
        _world.Seen.OfType<SubmitCommand>().ShouldBeEmpty();
    }

    [Fact]
    public void What_belongs_to_a_refused_Hello_is_dropped()
    {
        var ana = _world.Open();
        ana.Put(ana.HelloOf(h => h.Generation = 9).Write, ana.CommandOf(1, "user/ana", 0, [0x90]).Write);
        _world.Settle();
        ana.CloseCode.ShouldBe(HoliCode.GenerationUnknown);
        _world.Seen.OfType<SubmitCommand>().ShouldBeEmpty();
    }

    [Fact]
    public void A_newer_connection_of_the_device_fences_the_older()
    {
        var older = _world.Connect();
        var newer = _world.Connect(hello: h => h.Generation = older.Welcome!.Generation);
        older.CloseCode.ShouldBe(HoliCode.Fenced);
        newer.CloseCode.ShouldBe(HoliCode.None);
        older.Connection.Closed();
        newer.Post("user/ana", "still here");
        _world.Settle();
        newer.All<CommitFrame>().Last().Committed.ShouldBe(1ul);
    }

    [Fact]
    public void A_command_in_flight_of_the_older_connection_takes_no_effect_after_the_fence()
    {
        var (topic, devices) = _world.Conversation("ben");
        var older = devices[0];
        var newer = _world.Open();
        newer.SayHello(h => (h.Generation, h.Known, h.LastAssigned, h.Digest) = (1, 1, 1, older.Digest));
        older.Post(topic, "too late");
        _world.Settle();
        older.CloseCode.ShouldBe(HoliCode.Fenced);
        newer.Welcome!.Committed.ShouldBe(1ul);
        devices[1].TextsOf(topic).ShouldBeEmpty();
    }

    [Fact]
    public void A_Hello_of_a_life_that_ended_does_not_fence_the_present_one()
    {
        var ghost = _world.Open();
        var present = _world.Connect(hello: h => h.Opening = 2);
        ghost.SayHello(h => (h.Generation, h.Opening) = (present.Welcome!.Generation, 1), withSettle: true);
        ghost.CloseCode.ShouldBe(HoliCode.OpeningOutdated);
        ghost.Connection.Closed();
        present.CloseCode.ShouldBe(HoliCode.None);
        present.Post("user/ana", "still here");
        _world.Settle();
        present.All<CommitFrame>().Last().Committed.ShouldBe(1ul);
        present.Connection.Closed();
        _world.Around.Devices.Has(new("clinic", "ana", "phone")).ShouldBeFalse();
    }

    [Fact]
    public void Nor_does_it_give_the_device_a_new_generation_when_nobody_is_connected_any_more()
    {
        var first = _world.Connect(hello: h => h.Opening = 2);
        first.Connection.Closed();
        var ghost = _world.Open();
        ghost.SayHello(h => (h.Generation, h.Opening) = (0, 1), withSettle: true);
        ghost.CloseCode.ShouldBe(HoliCode.OpeningOutdated);
        ghost.Connection.Closed();
        _world.Connect(hello: h => (h.Generation, h.Opening) = (first.Welcome!.Generation, 3)).Welcome!.Generation.ShouldBe(first.Welcome!.Generation);
    }

    [Fact]
    public void An_older_socket_whose_Hello_comes_first_gives_way_to_the_newer()
    {
        var (newer, older) = (_world.Open(), _world.Open());
        older.SayHello(h => h.Opening = 1);
        newer.SayHello(h => h.Opening = 2);
        _world.Settle();
        older.CloseCode.ShouldBe(HoliCode.Fenced);
        newer.CloseCode.ShouldBe(HoliCode.None);
        newer.Welcome!.Generation.ShouldBe(2u);
    }

    [Fact]
    public void A_device_that_does_not_count_its_sockets_is_where_it_said_Hello_last()
    {
        var (first, second) = (_world.Open(), _world.Open());
        second.SayHello(withSettle: true);
        first.SayHello(h => h.Generation = second.Welcome!.Generation, withSettle: true);
        second.CloseCode.ShouldBe(HoliCode.Fenced);
        first.CloseCode.ShouldBe(HoliCode.None);
    }

    [Fact]
    public void Too_many_connections_of_a_user_are_refused_but_a_device_may_replace_itself()
    {
        var world = new World(new GatewayLimits { ConnectionsPerUser = 2 });
        world.Connect(device: "one");
        var two = world.Connect(device: "two");
        var three = world.Open(device: "three");
        three.SayHello(withSettle: true);
        three.CloseCode.ShouldBe(HoliCode.TooManyConnections);
        world.Connect(device: "two", hello: h => h.Generation = two.Welcome!.Generation);
        world.Connect("ben");
    }

    [Fact]
    public void Commands_behind_Hello_with_other_content_than_is_committed_are_a_fork_and_apply_nothing()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "the real one");
        _world.Settle();
        devices[0].Connection.Closed();
        var copy = _world.Open();
        var hello = copy.HelloOf(h => (h.Generation, h.Known, h.LastAssigned) = (1, 0, 3));
        copy.Put(hello.Write,
            copy.CommandOf(1, topic, MessageTypes.MessagePost, new MessagePost("other", null, null, null).ToBytes()).Write,
            copy.CommandOf(2, topic, MessageTypes.MessagePost, new MessagePost("content", null, null, null).ToBytes()).Write,
            copy.CommandOf(3, topic, MessageTypes.MessagePost, new MessagePost("beyond", null, null, null).ToBytes()).Write);
        _world.Settle();
        copy.CloseCode.ShouldBe(HoliCode.GenerationForked);
        devices[1].TextsOf(topic).ShouldBe(["the real one"]);
    }

    [Fact]
    public void What_is_committed_already_is_answered_again_and_the_rest_is_applied()
    {
        var (topic, devices) = _world.Conversation("ben");
        var post = new MessagePost("once", null, null, null).ToBytes();
        devices[0].Put(devices[0].CommandOf(2, topic, MessageTypes.MessagePost, post).Write);
        _world.Settle();
        devices[0].Connection.Closed();

        var again = _world.Open();
        var digestAtOne = default(CommandDigest).Roll(_world.Seen.OfType<SubmitCommand>().First().Check);
        var hello = again.HelloOf(h => (h.Generation, h.Known, h.LastAssigned, h.Digest) = (1, 1, 3, digestAtOne));
        again.Put(hello.Write,
            again.CommandOf(2, topic, MessageTypes.MessagePost, post).Write,
            again.CommandOf(3, topic, MessageTypes.MessagePost, new MessagePost("twice", null, null, null).ToBytes()).Write);
        _world.Settle();
        again.CloseCode.ShouldBe(HoliCode.None);
        again.All<CommitFrame>().Last().Committed.ShouldBe(3ul);
        devices[1].TextsOf(topic).ShouldBe(["once", "twice"]);
    }

    [Fact]
    public void Refusals_that_the_device_may_not_know_of_stand_in_the_Commit_behind_Welcome()
    {
        var ana = _world.Connect();
        ana.Send("conversation/none", MessageTypes.MessagePost, new MessagePost("x", null, null, null));
        _world.Settle();
        ana.Connection.Closed();
        var back = _world.Connect(hello: h => (h.Generation, h.Known, h.LastAssigned) = (1, 0, 1));
        back.Frames[1].Kind.ShouldBe(FrameKind.Commit);
        var commit = back.All<CommitFrame>().First();
        commit.Committed.ShouldBe(1ul);
        var refusals = new List<Refusal>();
        foreach (var refusal in commit.Refusals)
            refusals.Add(refusal);
        refusals.ShouldBe([new Refusal(1, HoliCode.NotFound)]);
    }

    [Fact]
    public void A_committer_that_takes_no_more_closes_with_overloaded()
    {
        _world.TakesInputs = false;
        var ana = _world.Open();
        ana.SayHello(withSettle: true);
        ana.CloseCode.ShouldBe(HoliCode.Overloaded);
    }

    [Fact]
    public void A_gateway_holds_nothing_of_a_connection_that_is_over()
    {
        var (_, devices) = _world.Conversation("ben");
        _world.Hub.Topics.ShouldBe(3);
        foreach (var device in devices)
            device.Connection.Closed();
        _world.Hub.Topics.ShouldBe(0);
        _world.Advance(TimeSpan.FromSeconds(5));
        _world.Sweep();
        _world.People.Online.ShouldBe(0);
    }

    [Theory]
    [InlineData(new byte[0], HoliCode.EmptyMessage)]
    [InlineData(new byte[] { 0x01 }, HoliCode.BadVarint)]
    [InlineData(new byte[] { 0x01, 0x05, 0x90 }, HoliCode.Truncated)]
    [InlineData(new byte[] { 0x7F, 0x00 }, HoliCode.UnknownFrame)]
    [InlineData(new byte[] { 0x02, 0x00 }, HoliCode.UnexpectedFrame)]
    [InlineData(new byte[] { 0x01, 0x01, 0x90 }, HoliCode.BadPayload)]
    public void Bytes_that_are_no_Hello_close_with_their_code(byte[] message, HoliCode code)
    {
        var nobody = _world.Open();
        nobody.PutBytes(message);
        nobody.CloseCode.ShouldBe(code);
        nobody.Connection.TryFill(new ArrayBufferWriter<byte>(), _world.Now).ShouldBeFalse();
    }
}
