using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;

namespace Holi.Gateway.Tests.Cluster;

public sealed class SmallPartsTests
{
    private static readonly ClusterLimits Limits = new();

    [Fact]
    public void A_device_that_was_opened_elsewhere_is_closed_here_and_not_by_what_is_older()
    {
        var devices = new LocalDevices();
        var (phone, tablet) = (Marks(), Marks());
        devices.Add(1, 5, phone);
        devices.Add(2, 1, tablet);
        devices.Opened(1, 5);
        devices.Opened(1, 4);
        devices.Opened(3, 9);
        phone.CloseWanted.ShouldBe(HoliCode.None);
        devices.Opened(1, 6);
        (phone.CloseWanted, tablet.CloseWanted).ShouldBe((HoliCode.Fenced, HoliCode.None));
    }

    [Fact]
    public void The_end_of_an_older_connection_does_not_take_away_the_newer()
    {
        var devices = new LocalDevices();
        var (older, newer) = (Marks(), Marks());
        devices.Add(1, 1, older);
        devices.Add(1, 2, newer);
        devices.Add(1, 1, older);
        devices.Remove(1, older);
        devices.Opened(1, 3);
        newer.CloseWanted.ShouldBe(HoliCode.Fenced);
        devices.Remove(1, newer);
        devices.Count.ShouldBe(0);
    }

    [Fact]
    public void All_devices_are_come_by_in_slices()
    {
        var devices = new LocalDevices();
        for (var id = 1; id <= 25; id++)
            devices.Add(id, 1, Marks());
        var seen = new List<long>();
        var next = 0;
        do
        {
            var slice = new List<long>();
            next = devices.Copy(next, 10, slice);
            slice.Count.ShouldBeLessThanOrEqualTo(10);
            seen.AddRange(slice);
        }
        while (next > 0);
        seen.ShouldBe(Enumerable.Range(1, 25).Select(id => (long)id));
    }

    [Fact]
    public void A_shard_is_heard_from_its_first_topic_on_and_a_while_after_its_last()
    {
        var interest = new ShardInterest();
        var grown = 0;
        interest.Grown = () => grown++;
        var log = new List<string>();
        void Look(int seconds) => interest.Look(
            TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(60), shard => log.Add($"hear {shard}"), shard => log.Add($"ignore {shard}"));

        Look(0);
        interest.Add(3);
        interest.Add(3 + ClusterLimits.Shards);
        grown.ShouldBe(1);
        Look(1);
        Look(2);
        interest.Remove(3);
        Look(3);
        interest.Remove(3 + ClusterLimits.Shards);
        Look(30);
        interest.Add(3);
        Look(62);
        interest.Remove(3);
        Look(100);
        log.ShouldBe(["hear 3"]);
        Look(200);
        log.ShouldBe(["hear 3", "ignore 3"]);
        interest.Add(3);
        Look(201);
        log.ShouldBe(["hear 3", "ignore 3", "hear 3"]);
    }

    [Fact]
    public void The_line_works_while_its_own_heartbeat_comes_back()
    {
        var watch = new LineWatch(Limits, exists: true, At(0));
        watch.Poll(At(1)).ShouldBeFalse();
        watch.OnEcho(At(2));
        (watch.Poll(At(4)), watch.Health.SinceMs).ShouldBe((true, 2_000));
        watch.Poll(At(5)).ShouldBeFalse();
        (watch.Health.IsHealthy, watch.Health.SinceMs).ShouldBe((false, 5_000));
        watch.OnEcho(At(9));
        watch.Health.SinceMs.ShouldBe(9_000);
        watch.OnLost(At(9.5));
        (watch.Poll(At(9.5)), watch.Health.SinceMs).ShouldBe((false, 9_500), "a connection that broke is not waited for");
    }

    [Fact]
    public void The_line_s_lag_is_how_long_a_heartbeat_takes_and_where_one_is_lost_it_shows()
    {
        var watch = new LineWatch(Limits, exists: true, At(0));
        watch.OnSaid(At(1));
        watch.Health.Lag.ShouldBeNull();
        watch.OnEcho(At(1.5));
        watch.Health.Lag.ShouldBeNull("the line had not worked when it was said");
        watch.OnSaid(At(2));
        watch.OnEcho(At(2.25));
        watch.Health.Lag.ShouldBe(TimeSpan.FromSeconds(0.25));
        watch.OnEcho(At(2.5));
        watch.Health.Lag.ShouldBe(TimeSpan.FromSeconds(0.25), "news of people come back, too");
        watch.OnSaid(At(3));
        watch.OnSaid(At(4));
        watch.OnEcho(At(4.25));
        watch.Health.Lag.ShouldBe(TimeSpan.FromSeconds(1.25));
    }

    [Fact]
    public void Whole_rolls_are_asked_for_once_however_much_was_missed_and_told_once_however_often_they_are_asked_for()
    {
        var questions = new Questions(new ClusterLimits { NodesMax = 2 });
        questions.MayAsk(TimeSpan.Zero).ShouldBeFalse();
        for (var n = 0; n < 100; n++)
            questions.Missed();
        questions.MayAsk(TimeSpan.Zero).ShouldBeTrue();
        questions.MayAsk(TimeSpan.FromSeconds(0.1)).ShouldBeFalse();
        questions.Missed();
        questions.MayAsk(TimeSpan.FromSeconds(0.2)).ShouldBeFalse("it was asked for a moment ago");
        questions.MayAsk(TimeSpan.FromSeconds(1.2)).ShouldBeTrue("and that was missed, too");
        foreach (var asker in new ulong[] { 1, 1, 2, 1, 3 })
            questions.Asked(new NodeId(asker));
        questions.TakeAskers().ShouldBe([new NodeId(1), new NodeId(2)], ignoreOrder: true);
        questions.TakeAskers().ShouldBeEmpty();
    }

    [Fact]
    public void The_log_is_compared_each_second_and_five_times_as_often_without_the_line_and_at_once_where_something_was_missed()
    {
        var pace = new ComparisonPace(Limits);
        var begun = new List<(double At, bool Hurried)>();
        void Run(double from, double to, bool healthy)
        {
            for (var at = from; at < to - 0.001; at += 0.1)
            {
                if (pace.TryBegin(TimeSpan.FromSeconds(at), healthy, out var hurried))
                    begun.Add((Math.Round(at, 1), hurried));
            }
        }
        Run(0, 3, healthy: true);
        begun.ShouldBe([(0, false), (0.9, false), (1.8, false), (2.7, false)]);
        begun.Clear();
        Run(3, 4, healthy: false);
        begun.Count.ShouldBeInRange(5, 6);
        begun.Clear();
        pace.Hurry();
        Run(4, 4.5, healthy: true);
        begun.ShouldHaveSingleItem().Hurried.ShouldBeTrue();
    }

    [Fact]
    public async Task What_waits_to_be_told_is_bounded_by_count_and_by_bytes_and_what_is_dropped_is_counted()
    {
        var outbox = new Outbox(new ClusterLimits { OutboxMax = 2, OutboxBytesMax = 10_000 });
        outbox.Add(new BatchOutcome());
        outbox.Count.ShouldBe(0, "it says nothing to others");
        var outcome = new BatchOutcome();
        outcome.Appended.Add(new AppendedEvents(1, default, [new StoredEvent(1, 1, 0, 0, 0, new byte[20_000], default, 0)]));
        outbox.Add(outcome);
        (outbox.Count, outbox.Dropped).ShouldBe((0, 1));
        for (var i = 0; i < 3; i++)
            outbox.Add(new ReadyMessage(LineName.All, [(byte)i]));
        (outbox.Count, outbox.Dropped).ShouldBe((2, 2));
        for (var i = 0; i < 2; i++)
            ((ReadyMessage)(await outbox.TakeAsync())!).Bytes[0].ShouldBe((byte)i);
        outbox.Add(new ReadyMessage(LineName.All, [])).ShouldBeTrue();
        outbox.Complete();
        (await outbox.TakeAsync()).ShouldNotBeNull();
        (await outbox.TakeAsync()).ShouldBeNull();
    }

    [Fact]
    public void A_revocation_is_told_on_by_the_gateway_that_it_was_said_to_and_by_no_other()
    {
        var revoked = new RevokedTokens(10);
        var (told, closed) = (new List<RevokedToken>(), new List<string>());
        revoked.Told += told.Add;
        revoked.Revoked += closed.Add;
        revoked.Revoke("here", 100, 50).ShouldBeTrue();
        revoked.TakeOver(new RevokedToken("elsewhere", 100), 50);
        revoked.TakeOver(new RevokedToken("elsewhere", 100), 50);
        revoked.TakeOver(new RevokedToken("over", 40), 50);
        told.ShouldBe([new RevokedToken("here", 100)]);
        closed.ShouldBe(["here", "elsewhere"]);
        revoked.All.Select(t => t.TokenId).ShouldBe(["here", "elsewhere"], ignoreOrder: true);
    }

    [Fact]
    public void Names_on_the_line_are_made_of_numbers_alone()
    {
        LineName.Shard(63).Text.ShouldBe("holi:w:63");
        LineName.Inbox(new NodeId(255)).Text.ShouldBe("holi:i:00000000000000ff");
    }

    private static Instant At(double seconds) => new(TimeSpan.FromSeconds(seconds), (long)(seconds * 1000));

    private static ConnectionMarks Marks() => new("clinic", "ana", 10, () => { });
}
