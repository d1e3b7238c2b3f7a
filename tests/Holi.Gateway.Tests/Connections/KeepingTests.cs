using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Gateway.Tests.Connections;

public sealed class KeepingTests
{
    private readonly World _world = new();

    [Fact]
    public void A_Ping_is_answered_at_once_and_says_that_everything_is_complete()
    {
        var ana = _world.Connect();
        ana.Forget();
        _world.Advance(TimeSpan.FromSeconds(25));
        ana.Put(new PingFrame(7).Write);
        _world.Settle();
        ana.One<PongFrame>().ShouldBe(new PongFrame(7, _world.Now.UnixMs));
        ana.One<CompleteFrame>().ShouldBe(new CompleteFrame(0, 0, _world.Now.UnixMs));
        ana.Messages.Count.ShouldBe(1);
    }

    [Fact]
    public void Who_sends_much_and_never_pings_hears_it_too()
    {
        var ana = _world.Connect();
        ana.Forget();
        for (var i = 0; i < 6; i++)
        {
            _world.Advance(TimeSpan.FromSeconds(10));
            ana.Post("user/ana", "x");
            _world.Settle();
        }
        ana.All<CompleteFrame>().Count().ShouldBe(3);
    }

    [Fact]
    public void Not_everything_is_complete_while_something_waits()
    {
        var world = new World(new GatewayLimits { TailEvents = 1 });
        var (topic, devices) = world.Conversation("ben");
        devices[1].Reads = false;
        devices[0].Post(topic, "one");
        devices[0].Post(topic, "two");
        world.Settle();
        devices[1].Reads = true;
        world.ReadsEarly = true;
        devices[1].Put(new PingFrame(1).Write);
        devices[1].TakeMessages();
        devices[1].One<PongFrame>();
        devices[1].All<CompleteFrame>().ShouldBeEmpty();
        world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["one", "two"]);
        devices[1].Frames[^1].Frame.ShouldBe(new CompleteFrame(0, 0, world.Now.UnixMs));
    }

    [Fact]
    public void Too_many_pings_close()
    {
        var ana = _world.Connect();
        for (var i = 0ul; i < 41 && ana.CloseCode == HoliCode.None; i++)
            ana.Put(new PingFrame(i).Write);
        ana.CloseCode.ShouldBe(HoliCode.PingFlood);
    }

    [Fact]
    public void Silence_of_two_heartbeats_and_five_seconds_closes()
    {
        var ana = _world.Connect();
        _world.Advance(TimeSpan.FromSeconds(54));
        _world.Sweep();
        ana.CloseCode.ShouldBe(HoliCode.None);
        _world.Advance(TimeSpan.FromSeconds(2));
        _world.Sweep();
        ana.CloseCode.ShouldBe(HoliCode.Silent);
    }

    [Fact]
    public void A_token_that_expires_closes_within_five_seconds()
    {
        var ana = _world.Connect(hello: h => h.Token = _world.Token("ana", lifetime: TimeSpan.FromSeconds(20)));
        ana.Welcome!.TokenExpiresMs.ShouldBe(World.TimeBaseMs + 20_000);
        _world.Advance(TimeSpan.FromSeconds(19));
        _world.Sweep();
        ana.CloseCode.ShouldBe(HoliCode.None);
        _world.Advance(TimeSpan.FromSeconds(5));
        _world.Sweep();
        ana.CloseCode.ShouldBe(HoliCode.TokenExpired);
    }

    [Fact]
    public void A_newer_token_in_band_keeps_the_connection()
    {
        var ana = _world.Connect(hello: h => h.Token = _world.Token("ana", lifetime: TimeSpan.FromSeconds(20)));
        ana.Forget();
        ana.Put(new TokenFrame(_world.Token("ana", lifetime: TimeSpan.FromSeconds(50))).Write);
        _world.Settle();
        ana.One<TokenAcceptedFrame>().ExpiresMs.ShouldBe(World.TimeBaseMs + 50_000);
        _world.Advance(TimeSpan.FromSeconds(40));
        _world.Sweep();
        ana.CloseCode.ShouldBe(HoliCode.None);
    }

    [Theory]
    [InlineData("ben", World.Tenant, HoliCode.Forbidden)]
    [InlineData("ana", "hospital", HoliCode.Forbidden)]
    [InlineData("", "", HoliCode.TokenInvalid)]
    public void A_newer_token_must_be_good_and_the_same_persons(string user, string tenant, HoliCode code)
    {
        var ana = _world.Connect();
        ana.Put(new TokenFrame(user.Length == 0 ? "bad" : _world.Token(user, tenant)).Write);
        _world.Settle();
        ana.CloseCode.ShouldBe(code);
    }

    [Fact]
    public void A_drain_says_when_to_come_back_finishes_commits_and_closes()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Post(topic, "before");
        ana.Connection.Drain(_world.Now);
        ana.Post(topic, "too late");
        _world.Fill();
        ana.One<GoAwayFrame>().ShouldBe(new GoAwayFrame(HoliCode.GoingAway, _world.Limits.DrainRetryAfter, _world.Limits.DrainSpread));
        ana.CloseCode.ShouldBe(HoliCode.None);
        _world.Settle();
        ana.All<CommitFrame>().Last().Committed.ShouldBe(2ul);
        ana.CloseCode.ShouldBe(HoliCode.GoingAway);
        devices[1].TextsOf(topic).ShouldBe(["before"]);
    }

    [Fact]
    public void Who_says_one_word_while_there_is_no_room_is_not_sent_away()
    {
        var (topic, devices) = _world.Conversation("ben");
        _world.HasRoom = false;
        foreach (var device in devices)
            device.Post(topic, "a word");
        _world.Settle();
        foreach (var device in devices)
        {
            device.All<GoAwayFrame>().ShouldBeEmpty();
            device.TextsOf(topic).ShouldBe(["a word", "a word"]);
        }
    }

    [Fact]
    public void Who_finds_no_room_is_told_when_to_come_back_and_keeps_what_was_taken()
    {
        var (topic, devices) = _world.Conversation("ben");
        var ana = devices[0];
        ana.Post(topic, "taken");
        _world.HasRoom = false;
        ana.Post(topic, "no room");
        ana.Post(topic, "nor for this");
        _world.HasRoom = true;
        ana.Post(topic, "too late");
        _world.Fill();
        ana.One<GoAwayFrame>().ShouldBe(new GoAwayFrame(HoliCode.Overloaded, _world.Limits.OverloadRetryAfter, _world.Limits.OverloadSpread));
        ana.CloseCode.ShouldBe(HoliCode.None, "what was taken is not on disk yet");
        _world.Settle();
        ana.All<CommitFrame>().Last().Committed.ShouldBe(2ul);
        ana.CloseCode.ShouldBe(HoliCode.Overloaded);
        devices[1].TextsOf(topic).ShouldBe(["taken"]);
    }

    [Fact]
    public void A_drain_waits_no_longer_than_five_seconds()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "the disk is stuck");
        devices[0].Connection.Drain(_world.Now);
        _world.Fill();
        _world.Advance(TimeSpan.FromSeconds(5));
        devices[0].Connection.Poll(_world.Now);
        devices[0].CloseCode.ShouldBe(HoliCode.GoingAway);
    }

    [Fact]
    public void A_drain_of_who_has_not_been_welcomed_closes_at_once()
    {
        var early = _world.Open();
        early.Connection.Drain(_world.Now);
        early.CloseCode.ShouldBe(HoliCode.GoingAway);
    }

    [Fact]
    public void Parts_of_the_protocol_that_are_not_offered_are_answered_and_go_on()
    {
        var ana = _world.Connect();
        ana.Forget();
        var id = new System.Buffers.ReadOnlySequence<byte>("recording"u8.ToArray());
        ana.Put(
            new SnapshotRequestFrame(5, 1, 0).Write,
            new RecordingOpenFrame(1, id, id, AudioCodec.Opus, 16_000, 1).Write,
            new RecordingEndFrame(1, 3).Write);
        _world.Settle();
        ana.All<ErrorFrame>().Select(e => (e.Code, e.Request)).ShouldBe([(HoliCode.Unsupported, 5u), (HoliCode.Unsupported, 0u)]);
        ana.CloseCode.ShouldBe(HoliCode.None);
    }

    [Fact]
    public void Audio_beyond_the_credit_closes_and_within_it_the_credit_comes_back()
    {
        var ana = _world.Connect();
        ana.Forget();
        var sound = new System.Buffers.ReadOnlySequence<byte>(new byte[10_000]);
        for (var i = 1ul; i <= 20; i++)
        {
            ana.Put(new ChunkFrame(1, i, 0, sound).Write);
            _world.Settle();
        }
        ana.CloseCode.ShouldBe(HoliCode.None);
        ana.All<CreditFrame>().Sum(c => (long)c.Bytes).ShouldBeGreaterThan(150_000);
    }

    [Fact]
    public void A_connection_ends_once_and_says_nothing_afterwards()
    {
        var ana = _world.Connect();
        ana.Forget();
        ana.PutBytes(0x7F, 0x00);
        ana.CloseCode.ShouldBe(HoliCode.UnknownFrame);
        ana.Put(new PingFrame(1).Write);
        _world.Settle();
        ana.Frames.ShouldBeEmpty();
        ana.Connection.State.ShouldBe(GatewayState.Closed);
    }
}
