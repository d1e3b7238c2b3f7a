using Holi.Gateway.Commit;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Topics;

public sealed class TopicHubTests
{
    private static readonly TopicKey Key = new("clinic", "conversation/room");
    private readonly GatewayLimits _limits = new();
    private readonly TopicHub _hub;
    private readonly People _people;

    public TopicHubTests()
    {
        _people = new People(_limits, TimeProvider.System);
        _hub = new TopicHub(_limits, _people, TimeProvider.System, 0);
    }

    private sealed class Follow(HubTopic topic, ConnectionMarks marks) : Follower(topic, marks, 1, 1);

    [Fact]
    public void Numbers_are_small_shared_and_free_again_only_when_nobody_knows_them()
    {
        var one = Join(1, 0, out _);
        var same = Join(1, 0, out _);
        var two = Join(2, 0, out _);
        (one.Topic.Number, same.Topic.Number, two.Topic.Number).ShouldBe((1u, 1u, 2u));
        _hub.Detach(one);
        _hub.Forget(same);
        Join(3, 0, out _).Topic.Number.ShouldBe(3u);
        _hub.Forget(one);
        Join(4, 0, out _).Topic.Number.ShouldBe(1u);
    }

    [Fact]
    public void An_append_marks_a_follower_once_however_much_comes()
    {
        var follow = Join(1, 0, out var wakes);
        Append(1, 1, 2, 3);
        Append(1, 4);
        follow.Topic.Head.ShouldBe(4ul);
        wakes().ShouldBe(1);
        follow.Marks.TakeMarked().ShouldBe(follow);
        ConnectionMarks.Unmark(follow).ShouldBeNull();
        follow.Marks.TakeMarked().ShouldBeNull();
        Append(1, 5);
        wakes().ShouldBe(2);
    }

    [Fact]
    public void A_head_that_was_written_between_reading_and_following_is_known()
    {
        var batch = _hub.Batch;
        Append(7, 1, 2, 3);
        var topic = Join(7, 1, out _, batch).Topic;
        FillFromLog(7, 1, 2, 3);
        topic.Head.ShouldBe(3ul);
    }

    [Fact]
    public void Who_read_too_long_ago_must_read_again()
    {
        var hub = new TopicHub(new GatewayLimits { RecentHeads = 2 }, _people, TimeProvider.System, 0);
        var batch = hub.Batch;
        for (var topic = 1; topic <= 3; topic++)
            hub.Committed(Outcome(topic, 1));
        hub.TryFollow(Membership(1, 0), "clinic", batch, t => new Follow(t, Marks(out _)), out _).ShouldBeFalse();
        hub.TryFollow(Membership(1, 1), "clinic", hub.Batch, t => new Follow(t, Marks(out _)), out _).ShouldBeTrue();
    }

    [Fact]
    public void A_removal_limits_the_follower_before_the_head_moves_past_it()
    {
        var follow = Join(1, 0, out _);
        var outcome = Outcome(1, 1, 2, 3);
        outcome.Memberships.Add(new MembershipChange(1, Key, "ben", 2, MemberRole.Member, Present: false, Offset: 2));
        _hub.Committed(outcome);
        (follow.Limit, follow.Topic.Head).ShouldBe((2ul, 3ul));
    }

    // The batch with offset 4 is on disk and removes ben. Nobody was told of it yet; another has read it already.
    [Fact]
    public void Who_was_removed_by_a_batch_not_yet_published_is_not_shown_what_another_read_of_it()
    {
        var other = Join(1, 4, out _);
        TryJoin(1, 3).ShouldBeFalse();
        _hub.Committed(Outcome(1, 4));
        TryJoin(1, 3).ShouldBeFalse();
        TryJoin(1, 4).ShouldBeTrue();
        other.Topic.Head.ShouldBe(4ul);
    }

    [Fact]
    public void What_was_read_and_not_published_is_forgotten_with_its_last_reader()
    {
        _hub.Forget(Join(1, 4, out _));
        var ben = Join(1, 3, out _);
        ben.Topic.Head.ShouldBe(3ul);
        _hub.Committed(Outcome(1, 4));
        ben.Topic.Head.ShouldBe(4ul);
        _hub.Forget(ben);
        ben = Join(1, 3, out _);
        FillFromLog(1, 4);
        ben.Topic.Head.ShouldBe(4ul);
    }

    [Fact]
    public void What_a_hole_hides_is_not_shown_and_not_what_lies_beyond_it()
    {
        var follow = Join(1, 1, out var wakes);
        Append(1, 3, 4);
        (follow.Topic.Head, wakes()).ShouldBe((1ul, 0));
        FillFromLog(1, 1, 2, 3, 4);
        (follow.Topic.Head, wakes()).ShouldBe((4ul, 1));
        foreach (var offset in new[] { 2ul, 3ul, 4ul })
            follow.Topic.TryGetFrame(offset, out _).ShouldBeTrue();
    }

    [Fact]
    public void A_hole_that_is_not_there_is_asked_for_once()
    {
        var follow = Join(1, 1, out _);
        Append(1, 9);
        FillFromLog(1, 1);
        _hub.TryTakeHole(out _).ShouldBeFalse();
        Append(1, 2);
        follow.Topic.Head.ShouldBe(2ul);
    }

    [Fact]
    public void A_log_that_cannot_be_read_is_asked_again()
    {
        Join(1, 1, out _);
        Append(1, 3);
        _hub.TryTakeHole(out var hole).ShouldBeTrue();
        _hub.TryTakeHole(out _).ShouldBeFalse();
        _hub.PutBack(hole);
        _hub.TryTakeHole(out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_is_missed_by_who_begins_to_follow_while_others_write()
    {
        var log = new Log();
        var writer = Task.Run(() =>
        {
            for (var offset = 1ul; offset <= 20_000; offset++)
            {
                log.Head = offset;
                Append(1, offset);
                log.Published = offset;
            }
        }, TestContext.Current.CancellationToken);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!writer.IsCompleted)
                FollowOnce(log);
        }));
        await Task.WhenAll(readers.Append(writer));
        FollowOnce(log).ShouldBe(20_000ul);
    }

    // As a connection does it: note the batch, read the log, follow. From then on the head comes to what was published: by being told, or from
    // the log, where it was told of before this one followed.
    private ulong FollowOnce(Log log)
    {
        Follow? follow;
        long batch;
        do
            batch = _hub.Batch;
        while (!_hub.TryFollow(Membership(1, log.Head), "clinic", batch, t => new Follow(t, Marks(out _)), out follow));
        for (var look = 0; look < 50; look++)
        {
            var published = log.Published;
            for (var spin = default(SpinWait); follow!.Topic.Head < published; spin.SpinOnce())
            {
                if (_hub.TryTakeHole(out var hole))
                    _hub.Fill(hole, [.. Enumerable.Range((int)hole.After + 1, (int)Math.Min(100, log.Head - hole.After)).Select(o => Event(1, (ulong)o))]);
            }
            var head = follow.Topic.Head;
            if (follow.Topic.TryGetFrame(head, out var frame))
                frame.Length.ShouldBeGreaterThan(0);
        }
        _hub.Forget(follow!);
        return follow!.Topic.Head;
    }

    private sealed class Log
    {
        private ulong _head, _published;

        public ulong Head
        {
            get => Volatile.Read(ref _head);
            set => Volatile.Write(ref _head, value);
        }

        public ulong Published
        {
            get => Volatile.Read(ref _published);
            set => Volatile.Write(ref _published, value);
        }
    }

    // Two gateways: one says that the log has come to 5, a read finds nothing yet, and before that answer is taken in another says 7.
    [Fact]
    public void L_what_is_told_while_a_read_finds_nothing_is_looked_for_again()
    {
        var follow = Join(1, 0, out _);
        _hub.Heard(1, 5, []);
        _hub.TryTakeHole(out var hole).ShouldBeTrue();
        _hub.Heard(1, 7, []);
        _hub.Fill(hole, []).ShouldBe(0);
        FillFromLog(1, 1, 2, 3, 4, 5, 6, 7);
        follow.Topic.Head.ShouldBe(7ul);
    }

    [Fact]
    public void Only_what_nobody_told_of_meanwhile_counts_as_repaired()
    {
        Join(1, 0, out _);
        _hub.Heard(1, 3, []);
        _hub.TryTakeHole(out var hole).ShouldBeTrue();
        Append(1, 1, 2);
        _hub.Fill(hole, [Event(1, 1), Event(1, 2), Event(1, 3)]).ShouldBe(1);
    }

    // As the reader of holes does it, from a log that has these events.
    private void FillFromLog(long topicId, params ulong[] offsets)
    {
        while (_hub.TryTakeHole(out var hole))
            _hub.Fill(hole, [.. offsets.Where(o => o > hole.After).Select(o => Event(topicId, o)).Take(2)]);
    }

    private static StoredEvent Event(long topicId, ulong offset) => new(topicId, offset, 0, 1, 0, [0x90], default, 0);

    private Follow Join(long topicId, ulong head, out Func<int> wakes, long? batch = null)
    {
        var marks = Marks(out wakes);
        _hub.TryFollow(Membership(topicId, head), "clinic", batch ?? _hub.Batch, t => new Follow(t, marks), out var follow).ShouldBeTrue();
        return follow!;
    }

    private bool TryJoin(long topicId, ulong head) =>
        _hub.TryFollow(Membership(topicId, head), "clinic", _hub.Batch, t => new Follow(t, Marks(out _)), out _);

    private static ConnectionMarks Marks(out Func<int> wakes)
    {
        var count = 0;
        wakes = () => count;
        return new ConnectionMarks("clinic", "ben", 10, () => count++);
    }

    private void Append(long topicId, params ulong[] offsets) => _hub.Committed(Outcome(topicId, offsets));

    private static BatchOutcome Outcome(long topicId, params ulong[] offsets)
    {
        var outcome = new BatchOutcome();
        outcome.Appended.Add(new AppendedEvents(topicId, Key, [.. offsets.Select(o => Event(topicId, o))]));
        return outcome;
    }

    private static Membership Membership(long topicId, ulong head) =>
        new(topicId, $"conversation/{topicId}", 1, head, null, 1, new StoredMember(topicId, 1, "ben", MemberRole.Member, true, 1, 0, 0));
}
