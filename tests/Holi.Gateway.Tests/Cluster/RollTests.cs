using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Connections;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>Who is online, over all gateways: right within the stated times, whatever becomes of what they tell each other.</summary>
public sealed class RollTests
{
    private static readonly NodeId One = new(1), Two = new(2);

    private readonly GatewayLimits _limits = new();
    private readonly People _people;
    private readonly Room _room;
    private readonly OtherRolls _rolls;
    private readonly List<byte[]> _told = [];
    private TimeSpan _now = TimeSpan.FromMinutes(1);

    public RollTests()
    {
        _people = new People(_limits, TimeProvider.System);
        _room = new Room("clinic", _people);
        _room.Load([Member(1, "ana"), Member(2, "ben")]);
        _rolls = new OtherRolls(_limits.Cluster, _limits.PresenceGrace, _people);
    }

    [Fact]
    public void A_person_is_online_while_any_gateway_has_them()
    {
        var (one, two) = (Roll(One), Roll(Two));
        Come(one, "ana");
        Come(two, "ana");
        HearAll();
        Online().ShouldBe(["ana"]);
        Go(one, "ana");
        HearAll();
        Online().ShouldBe(["ana"]);
        Go(two, "ana");
        HearAll();
        Online().ShouldBeEmpty();
    }

    [Fact]
    public void Who_is_connected_here_stays_online_whatever_others_say()
    {
        var marks = new ConnectionMarks("clinic", "ana", 10, () => { });
        _people.Connect(marks).ShouldBeTrue();
        var one = Roll(One);
        Come(one, "ana");
        Go(one, "ana");
        HearAll();
        Online().ShouldBe(["ana"]);
    }

    [Fact]
    public void News_that_came_twice_change_nothing()
    {
        var one = Roll(One);
        Come(one, "ana");
        var came = _told.ToList();
        Go(one, "ana");
        HearAll();
        came.ForEach(message => Hear(message).ShouldBeFalse());
        Online().ShouldBeEmpty();
    }

    [Fact]
    public void Where_news_are_missing_the_whole_roll_is_asked_for_and_sets_it_right()
    {
        var one = Roll(One);
        Come(one, "ana");
        HearAll();
        Go(one, "ana");
        _told.Clear();
        Come(one, "ben");
        Hear(_told[^1]).ShouldBeTrue("something is missing");
        Hear(_told[^1]).ShouldBeFalse("it was asked for a moment ago");
        Online().ShouldBe(["ana"]);
        _told.Clear();
        one.TellAll(_told.Add);
        HearAll();
        Online().ShouldBe(["ben"]);
        Come(one, "ana");
        HearAll();
        Online().ShouldBe(["ana", "ben"]);
    }

    [Fact]
    public void A_gateway_that_only_says_that_it_is_there_shows_what_was_missed()
    {
        var one = Roll(One);
        Come(one, "ana");
        _told.Clear();
        one.TellNews(_told.Add);
        Hear(_told.ShouldHaveSingleItem()).ShouldBeTrue();
    }

    [Fact]
    public void A_roll_of_thousands_travels_in_pages_and_counts_only_when_it_is_whole()
    {
        var one = Roll(One);
        for (var i = 0; i < 3_000; i++)
            one.Change(new RollChange(new PersonKey("clinic", $"somebody{i}"), true, 0));
        Come(one, "ana");
        _told.Clear();
        one.TellAll(_told.Add);
        _told.Count.ShouldBeGreaterThan(2);
        _told.ShouldAllBe(page => page.Length <= _limits.Cluster.MessageBytesMax);
        var pages = _told.ToList();
        pages.Take(pages.Count - 1).ToList().ForEach(page => Hear(page));
        Online().ShouldBeEmpty();
        Hear(pages[^1]);
        Online().ShouldBe(["ana"]);
    }

    [Fact]
    public void A_page_that_was_lost_leaves_the_old_roll_standing()
    {
        var one = Roll(One);
        Come(one, "ana");
        HearAll();
        for (var i = 0; i < 3_000; i++)
            one.Change(new RollChange(new PersonKey("clinic", $"somebody{i}"), true, 0));
        Go(one, "ana");
        _told.Clear();
        one.TellAll(_told.Add);
        _told.RemoveAt(1);
        HearAll();
        Online().ShouldBe(["ana"]);
    }

    [Fact]
    public void People_of_a_gateway_that_was_killed_are_offline_after_its_lease()
    {
        var (one, two) = (Roll(One), Roll(Two));
        Come(one, "ana");
        Come(two, "ben");
        HearAll();
        for (var second = 0; second < 5; second++)
        {
            Pass(TimeSpan.FromSeconds(1));
            two.TellNews(_told.Add);
            HearAll();
            _rolls.Sweep(Now);
            Online().ShouldBe(["ana", "ben"]);
        }
        Pass(TimeSpan.FromSeconds(1));
        _rolls.Sweep(Now);
        Online().ShouldBe(["ben"]);
        _rolls.Nodes.ShouldBe(1);
    }

    [Fact]
    public void A_gateway_that_was_away_itself_lets_go_of_nobody_before_it_has_heard()
    {
        var one = Roll(One);
        Come(one, "ana");
        HearAll();
        _rolls.Sweep(Now);
        Pass(TimeSpan.FromMinutes(1));
        _rolls.Sweep(Now);
        Online().ShouldBe(["ana"]);
        one.TellNews(_told.Add);
        HearAll();
        Pass(TimeSpan.FromSeconds(2));
        _rolls.Sweep(Now);
        Online().ShouldBe(["ana"]);
    }

    [Fact]
    public void People_of_a_gateway_that_says_farewell_have_the_time_to_come_back()
    {
        var (one, two) = (Roll(One), Roll(Two));
        Come(one, "ana");
        Come(one, "ben");
        HearAll();
        _rolls.Sweep(Now);
        _rolls.OnFarewell(One, Now);
        Pass(TimeSpan.FromSeconds(1));
        Come(two, "ana");
        HearAll();
        _rolls.Sweep(Now);
        Online().ShouldBe(["ana", "ben"]);
        Pass(_limits.PresenceGrace);
        _rolls.Sweep(Now);
        Online().ShouldBe(["ana"]);
    }

    [Fact]
    public void More_people_than_allowed_are_not_remembered_and_those_who_are_go_in_order()
    {
        var rolls = new OtherRolls(new ClusterLimits { PeopleMax = 1 }, _limits.PresenceGrace, _people);
        var one = Roll(One);
        Come(one, "ana");
        Come(one, "ben");
        Go(one, "ana");
        Go(one, "ben");
        foreach (var message in _told)
            Hear(message, rolls);
        Online().ShouldBeEmpty();
    }

    private static StoredMember Member(uint number, string user) => new(1, number, user, MemberRole.Member, true, 1, 0, 0);

    private Instant Now => new(_now, 1_700_000_000_000 + (long)_now.TotalMilliseconds);

    private void Pass(TimeSpan time) => _now += time;

    private OwnRoll Roll(NodeId node) => new(node, _limits.Cluster);

    private void Come(OwnRoll roll, string user)
    {
        roll.Change(new RollChange(new PersonKey("clinic", user), true, 0));
        roll.TellNews(_told.Add);
    }

    private void Go(OwnRoll roll, string user)
    {
        roll.Change(new RollChange(new PersonKey("clinic", user), false, Now.UnixMs));
        roll.TellNews(_told.Add);
    }

    private void HearAll()
    {
        _told.ForEach(message => Hear(message));
        _told.Clear();
    }

    private bool Hear(byte[] message, OtherRolls? rolls = null)
    {
        MessageEnvelope.TryRead(message, _limits.Cluster.MessageBytesMax, out var envelope).ShouldBeTrue();
        var reader = new MessageReader(envelope.Body);
        if (envelope.Kind == MessageKind.RollNews)
            return (rolls ?? _rolls).OnNews(envelope.Origin, ref reader, Now);
        (rolls ?? _rolls).OnPage(envelope.Origin, ref reader, Now);
        return false;
    }

    private string[] Online() => [.. _room.Roster().Where(m => m.Online).Select(m => m.User)];
}
