using Holi.Gateway.Commit;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

public sealed class WatchTests
{
    private readonly World _world = new();

    [Fact]
    public void A_roster_says_who_is_there_how_far_they_are_and_who_is_online()
    {
        var (topic, devices) = _world.Conversation("ben", "cleo");
        devices[2].Connection.Closed();
        _world.Advance(TimeSpan.FromSeconds(5));
        _world.Sweep();
        Watch(devices[0], topic);
        var roster = devices[0].One<RosterFrame>();
        roster.Members.Select(m => (m.Member, m.User, m.Role, m.Online)).ShouldBe(
            [(1u, "ana", MemberRole.Owner, true), (2u, "ben", MemberRole.Member, true), (3u, "cleo", MemberRole.Member, false)]);
        roster.Members[2].LastSeenMs.ShouldBe(World.TimeBaseMs);
    }

    [Fact]
    public void Receipts_come_to_who_watches_and_only_the_latest_of_each()
    {
        var (topic, devices) = _world.Conversation("ben");
        for (var i = 0; i < 5; i++)
            devices[0].Post(topic, "x");
        _world.Settle();
        Watch(devices[0], topic);
        devices[0].Forget();
        devices[0].Reads = false;
        var number = devices[1].Topics[topic].Number;
        foreach (var offset in new[] { 3ul, 5ul, 7ul })
        {
            devices[1].Put(o => AckFrame.Write(o, [new AckEntry(number, offset)]));
            _world.Settle();
        }
        devices[1].Send(topic, MessageTypes.ReadMark, new ReadMark(6));
        _world.Settle();
        devices[0].Reads = true;
        _world.Settle();
        Entries(devices[0].One<ReceiptsFrame>()).ShouldBe([new ReceiptEntry(2, 7, 6)]);
        devices[1].All<ReceiptsFrame>().ShouldBeEmpty();
    }

    [Fact]
    public void Typing_goes_to_who_watches_but_not_to_who_types()
    {
        var (topic, devices) = _world.Conversation("ben", "cleo");
        Watch(devices[0], topic);
        Watch(devices[1], topic);
        foreach (var device in devices)
            device.Forget();
        Type(devices[1], topic, true);
        var signal = devices[0].One<PeerSignalFrame>();
        (signal.Type, signal.Member, signal.Ttl).ShouldBe(((ushort)1, 2u, TimeSpan.FromSeconds(6)));
        TypingSignal.TryRead(signal.Payload, out var typing).ShouldBeTrue();
        typing.On.ShouldBeTrue();
        devices[1].Frames.ShouldBeEmpty();
        devices[2].Frames.ShouldBeEmpty();
    }

    [Fact]
    public void Typing_is_not_said_late()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        devices[0].Forget();
        devices[0].Reads = false;
        Type(devices[1], topic, true);
        _world.Advance(TimeSpan.FromSeconds(7));
        devices[0].Reads = true;
        _world.Settle();
        devices[0].All<PeerSignalFrame>().ShouldBeEmpty();
    }

    [Fact]
    public void Typing_in_a_topic_that_is_not_theirs_reaches_nobody()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        _world.Settle();
        devices[0].Forget();
        Type(devices[1], topic, true);
        devices[0].Frames.ShouldBeEmpty();
        devices[1].CloseCode.ShouldBe(HoliCode.None);
    }

    [Fact]
    public void A_flood_of_signals_is_thinned_and_then_closed()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        devices[0].Forget();
        for (var i = 0; i < _world.Limits.SignalFloodPerWindow; i++)
            Type(devices[1], topic, i % 2 == 0);
        devices[1].CloseCode.ShouldBe(HoliCode.None);
        devices[0].All<PeerSignalFrame>().Count().ShouldBe(_world.Limits.SignalsPerWindow);
        Type(devices[1], topic, true);
        devices[1].CloseCode.ShouldBe(HoliCode.RateLimited);
    }

    [Fact]
    public void A_person_goes_offline_after_the_last_of_their_devices_and_a_blip_shows_nothing()
    {
        var (topic, devices) = _world.Conversation("ben");
        var tablet = _world.Connect("ben", "tablet");
        Watch(devices[0], topic);
        devices[0].Forget();

        devices[1].Connection.Closed();
        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Sweep();
        devices[0].Frames.ShouldBeEmpty();

        tablet.Connection.Closed();
        _world.Advance(TimeSpan.FromSeconds(1.9));
        _world.Sweep();
        var back = _world.Connect("ben", "tablet", h => h.Generation = tablet.Welcome!.Generation);
        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Sweep();
        devices[0].All<PeerSignalFrame>().ShouldBeEmpty();

        back.Connection.Closed();
        var closedAt = _world.Now.UnixMs;
        _world.Advance(TimeSpan.FromSeconds(4));
        _world.Sweep();
        PresenceSignal.TryRead(devices[0].One<PeerSignalFrame>().Payload, out var presence).ShouldBeTrue();
        presence.ShouldBe(new PresenceSignal(false, closedAt));

        devices[0].Forget();
        _world.Connect("ben", "tablet", h => h.Generation = tablet.Welcome!.Generation);
        PresenceSignal.TryRead(devices[0].One<PeerSignalFrame>().Payload, out presence).ShouldBeTrue();
        presence.Online.ShouldBeTrue();
    }

    [Fact]
    public void Nobody_hears_of_the_presence_of_people_they_share_no_conversation_with()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        devices[0].Forget();
        var eve = _world.Connect("eve");
        eve.Connection.Closed();
        _world.Advance(TimeSpan.FromSeconds(5));
        _world.Sweep();
        devices[0].Frames.ShouldBeEmpty();
    }

    [Fact]
    public void In_the_background_nothing_ephemeral_comes_and_afterwards_the_latest()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        devices[0].Put(new DeviceStateFrame(false).Write);
        devices[0].Forget();
        Type(devices[1], topic, true);
        devices[0].Post(topic, "still comes");
        _world.Settle();
        devices[1].Send(topic, MessageTypes.ReadMark, new ReadMark(3));
        _world.Settle();
        devices[0].All<PeerSignalFrame>().ShouldBeEmpty();
        devices[0].All<ReceiptsFrame>().ShouldBeEmpty();
        devices[0].TextsOf(topic).ShouldBe(["still comes"]);

        devices[0].Put(new DeviceStateFrame(true).Write);
        _world.Settle();
        Entries(devices[0].One<ReceiptsFrame>()).ShouldContain(new ReceiptEntry(2, 3, 3));
    }

    [Fact]
    public void Once_is_a_roster_and_no_more()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic, WatchMode.Once);
        devices[0].One<RosterFrame>();
        devices[0].Forget();
        Type(devices[1], topic, true);
        devices[0].Frames.ShouldBeEmpty();
        _world.Hub.Topics.ShouldBe(3);
    }

    [Fact]
    public void Off_ends_it_and_once_while_watching_changes_nothing()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        Watch(devices[0], topic, WatchMode.Once);
        devices[0].All<RosterFrame>().Count().ShouldBe(2);
        devices[0].Forget();
        Type(devices[1], topic, true);
        devices[0].One<PeerSignalFrame>();
        Watch(devices[0], topic, WatchMode.Off);
        devices[0].Forget();
        Type(devices[1], topic, false);
        devices[0].Frames.ShouldBeEmpty();
    }

    [Fact]
    public void A_removed_member_sees_no_more_of_the_others()
    {
        var (topic, devices) = _world.Conversation("ben", "cleo");
        Watch(devices[1], topic);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        _world.Settle();
        devices[1].Forget();
        Type(devices[2], topic, true);
        devices[2].Send(topic, MessageTypes.ReadMark, new ReadMark(3));
        _world.Settle();
        devices[1].Frames.ShouldBeEmpty();
    }

    // X: on disk ben is no member any more, and eve is one after him. Nobody was told of it yet.
    [Fact]
    public void A_roster_never_shows_a_removed_member_who_came_after_them()
    {
        var (topic, devices) = _world.Conversation("ben");
        var committed = ReplaceBenByEve(devices[0], topic);
        Watch(devices[1], topic);
        devices[1].All<RosterFrame>().ShouldBeEmpty();
        _world.Tell(committed);
        _world.Settle();
        devices[1].All<RosterFrame>().ShouldBeEmpty();
        devices[1].One<TopicGoneFrame>().Code.ShouldBe(HoliCode.Removed);
    }

    [Fact]
    public void A_roster_that_is_ahead_of_what_was_published_comes_when_that_has_come()
    {
        var (topic, devices) = _world.Conversation("ben");
        var committed = ReplaceBenByEve(devices[0], topic);
        Watch(devices[0], topic);
        devices[0].All<RosterFrame>().ShouldBeEmpty();
        _world.Tell(committed);
        _world.Settle();
        devices[0].One<RosterFrame>().Members.Select(m => m.User).ShouldBe(["ana", "eve"]);
    }

    [Fact]
    public void Watching_more_than_allowed_is_refused()
    {
        var world = new World(new GatewayLimits { WatchedTopics = 1 });
        var (topic, devices) = world.Conversation();
        devices[0].Put(
            new WatchFrame(devices[0].Topics[topic].Number, WatchMode.On).Write, new WatchFrame(devices[0].Topics["user/ana"].Number, WatchMode.On).Write);
        world.Settle();
        devices[0].One<ErrorFrame>().Code.ShouldBe(HoliCode.LimitReached);
        devices[0].One<RosterFrame>();
    }

    [Fact]
    public void A_roster_is_not_older_than_the_head_that_the_device_was_told_of_the_topic()
    {
        var (topic, devices) = _world.Conversation("ben");
        Watch(devices[0], topic);
        var tablet = _world.Open("ben", "tablet");
        tablet.SayHello();
        _world.Commit();
        _world.Fill();
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("eve", MemberRole.Member));
        var outcome = _world.CommitWithoutTelling();
        // The membership is read from a log that is ahead of what was published here.
        _world.Settle();
        Watch(tablet, topic);
        tablet.All<RosterFrame>().ShouldBeEmpty();
        _world.Tell(outcome);
        _world.Settle();
        tablet.One<RosterFrame>().Members.Select(m => m.User).ShouldBe(["ana", "ben", "eve"]);
    }

    private BatchOutcome ReplaceBenByEve(TestDevice ana, string topic)
    {
        ana.Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben"));
        ana.Send(topic, MessageTypes.MemberAdd, new MemberAdd("eve", MemberRole.Member));
        return _world.CommitWithoutTelling();
    }

    private void Watch(TestDevice device, string topic, WatchMode mode = WatchMode.On)
    {
        device.Put(new WatchFrame(device.Topics[topic].Number, mode).Write);
        _world.Settle();
    }

    private void Type(TestDevice device, string topic, bool on)
    {
        device.Put(new SignalFrame(device.Topics[topic].Number, 1, new(new TypingSignal(on).ToBytes())).Write);
        _world.Settle();
    }

    private static List<ReceiptEntry> Entries(ReceiptsFrame frame)
    {
        var entries = new List<ReceiptEntry>();
        foreach (var entry in frame.Entries)
            entries.Add(entry);
        return entries;
    }
}
