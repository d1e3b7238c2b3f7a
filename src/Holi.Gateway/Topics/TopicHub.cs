using Holi.Gateway.Commit;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>
/// Carries what was committed to those who follow it. It holds no queue: an append puts the encoded event into the topic's shared
/// tail, moves the head and marks the followers; each pulls from the tail, or from the log, by its own cursor and at its own speed.
/// <para>One lock orders publication and following, so for every follower and every batch one came first. Within a batch the order is:
/// tell the users whose membership changed, set the limits of those removed, then append. So nobody is ever shown a head beyond
/// their limit. What comes from other gateways, or is missing, goes by <see cref="TopicIntake"/>'s rule.</para>
/// </summary>
public sealed partial class TopicHub : ICommitListener
{
    private readonly Lock _lock = new();
    private readonly TopicTable _topics = new();
    private readonly Holes _holes = new();
    private readonly RecentHeads _recent;
    private readonly Tails _tails;
    private readonly TopicIntake _intake;
    private readonly GatewayLimits _limits;
    private readonly People _people;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly bool _isShared;
    private long _batch;

    /// <param name="limits">Of this gateway.</param>
    /// <param name="people">Who is connected here.</param>
    /// <param name="time">For what is quiet.</param>
    /// <param name="timeBaseMs">What event times are relative to, for every connection of this gateway (§6.2).</param>
    /// <param name="isShared">Other gateways write the log, too: what it holds and no batch of ours brought must be read.</param>
    public TopicHub(GatewayLimits limits, People people, TimeProvider time, long timeBaseMs, bool isShared = false)
    {
        (_limits, _people, _time, TimeBaseMs, _isShared) = (limits, people, time, timeBaseMs, isShared);
        _startedAt = time.GetTimestamp();
        _recent = new RecentHeads(limits.RecentHeads);
        _tails = new Tails(limits, timeBaseMs);
        _intake = new TopicIntake(people, _tails, _holes);
    }

    /// <summary>What event times are relative to, for every connection of this gateway (§6.2).</summary>
    public long TimeBaseMs { get; }

    /// <summary>The hub's clock: monotonic, since it began.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <summary>Counts published batches. Read it before reading the log; see <see cref="TryFollow"/>.</summary>
    public long Batch => Volatile.Read(ref _batch);

    public int Topics
    {
        get
        {
            lock (_lock)
                return _topics.Count;
        }
    }

    public long TailBytes => _tails.Bytes;

    /// <summary>
    /// Makes a connection know a topic and follow it. False where the membership was read too long ago to be sure that nothing was
    /// written since, or that it holds as far as others are shown the topic: read it again.
    /// </summary>
    /// <param name="membership">As read from the log.</param>
    /// <param name="tenant">Whose topic it is.</param>
    /// <param name="readAfterBatch"><see cref="Batch"/> before that read began.</param>
    /// <param name="make">Makes the follower.</param>
    /// <param name="follower">The follower, attached.</param>
    public bool TryFollow<TFollower>(
        Membership membership, string tenant, long readAfterBatch, Func<HubTopic, TFollower> make, out TFollower? follower)
        where TFollower : Follower
    {
        lock (_lock)
        {
            follower = null;
            var topic = _topics.Find(membership.TopicId);
            if (topic is not null && topic.Epoch != membership.Epoch)
                topic = Reset(topic);
            if (topic is null)
            {
                // Where others write, too, what was missed is found by comparing heads; else nothing would.
                if (!_isShared && readAfterBatch < _recent.Floor)
                    return false;
                topic = _topics.Add(membership, tenant);
                Arrived();
                Interest?.Add(topic.TopicId);
                _holes.Expect(topic, _recent.HeadOf(membership.TopicId));
            }
            else if (membership.Head < topic.From)
            {
                // What lies between was never taken in here. If it ended this membership, no limit says so.
                return false;
            }
            else if (_isShared)
            {
                // A batch of ours that is on disk and not published yet will be in a moment; one of another's may have gone unheard.
                _holes.Expect(topic, membership.Head);
            }
            topic.KnownBy++;
            follower = make(topic);
            topic.Attach(follower);
            return true;
        }
    }

    /// <summary>A follower takes the place of an earlier one of the same connection and topic: the user came back.</summary>
    public void Replace(Follower old, Follower fresh)
    {
        lock (_lock)
        {
            old.Topic.Detach(old);
            fresh.Topic.Attach(fresh);
        }
    }

    /// <summary>No more marks for this follower; the connection still knows the number.</summary>
    public void Detach(Follower follower)
    {
        lock (_lock)
            follower.Topic.Detach(follower);
    }

    /// <summary>The connection is over: it forgets the topic and its number.</summary>
    public void Forget(Follower follower)
    {
        lock (_lock)
        {
            var topic = follower.Topic;
            topic.Detach(follower);
            if (--topic.KnownBy > 0)
                return;
            _topics.Remove(topic);
            _tails.Clear(topic);
            Interest?.Remove(topic.TopicId);
            // Whoever read this topic's membership a moment ago and follows it next must not miss what was told meanwhile.
            if (topic.WasWritten)
                _recent.Add(topic.TopicId, topic.Head, _batch);
        }
    }

    /// <summary>Begins to watch: from here on the room hears of receipts and of who comes and goes.</summary>
    public Room Watch(Follower watcher)
    {
        lock (_lock)
        {
            var room = watcher.Topic.Room ??= new Room(watcher.Topic.Key.Tenant, _people);
            room.Add(watcher);
            Arrived();
            return room;
        }
    }

    /// <summary>
    /// A room's roster was read, after it was opened. False where that roster may be ahead of what was published here: of somebody's removal, and of
    /// what came after it. Then the watcher is marked when the head has moved, and this is to be called again.
    /// </summary>
    /// <param name="watcher">Of the room's topic.</param>
    /// <param name="room">The room.</param>
    /// <param name="members">As read from the log.</param>
    /// <param name="head">The topic's head in the log, read after them.</param>
    public bool TryLoad(Follower watcher, Room room, IReadOnlyList<StoredMember> members, ulong head)
    {
        lock (_lock)
        {
            if (head > watcher.Topic.Head)
            {
                if (_isShared)
                    _holes.Expect(watcher.Topic, head);
                return false;
            }
            room.Load(members);
            return true;
        }
    }

    /// <summary>Ends it; the last one closes the room.</summary>
    public void Unwatch(Follower watcher)
    {
        lock (_lock)
        {
            if (watcher.Topic.Room is { } room && room.Remove(watcher) == 0)
            {
                watcher.Topic.Room = null;
                room.Close();
            }
        }
    }

    /// <inheritdoc/>
    public void Committed(BatchOutcome outcome)
    {
        lock (_lock)
        {
            Volatile.Write(ref _batch, _batch + 1);
            if (outcome.Memberships.Count > 0 || outcome.Erased.Count > 0)
                Change(outcome);
            foreach (var appended in outcome.Appended)
                Append(appended);
            foreach (var position in outcome.Positions)
            {
                if (_topics.Find(position.TopicId) is { Room: not null } topic)
                    TopicIntake.Move(topic, new LatePosition(position.Member, position.User, position.Delivered, position.Read));
            }
        }
    }

    /// <summary>Drops the tails of topics that have been quiet.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            var quietSince = Now - _limits.TailIdle;
            foreach (var topic in _topics.All)
            {
                if (topic.Tail.Bytes > 0 && topic.LastAppend < quietSince)
                    _tails.Clear(topic);
            }
        }
    }

    /// <summary>Called, under a lock, when <see cref="TryTakeHole"/> has something; must take none and return at once.</summary>
    public Action? HoleFound
    {
        set => _holes.Found = value;
    }

    /// <summary>Takes a topic whose log is ahead of what was published. <see cref="Fill"/> or <see cref="PutBack"/> is owed.</summary>
    public bool TryTakeHole(out Hole hole)
    {
        lock (_lock)
        {
            var any = _holes.TryTake(out var topic);
            hole = any ? new Hole(topic!, topic!.Head, topic.Expected) : default;
            return any;
        }
    }

    /// <summary>
    /// The log's next events after the hole's begin, as many as one read brings. Is there more, the topic is to be taken again. Returns how many of them
    /// nobody had told of meanwhile.
    /// </summary>
    public int Fill(in Hole hole, IReadOnlyList<StoredEvent> page)
    {
        lock (_lock)
        {
            var topic = hole.Topic;
            topic.IsAsked = false;
            if (topic.KnownBy == 0)
                return 0;
            // Whoever said that there was more was wrong; the log is right. But what was said since may be newer than what was read.
            if (page.Count == 0 && topic.Head == hole.After && topic.Expected == hole.Expected)
                topic.Expected = topic.Head;
            var published = _intake.Take(topic, page, Now, fromLog: true);
            _holes.Look(topic);
            return published;
        }
    }

    /// <summary>The log could not be read.</summary>
    public void PutBack(in Hole hole)
    {
        lock (_lock)
        {
            hole.Topic.IsAsked = false;
            _holes.Look(hole.Topic);
        }
    }

    // What a batch of ours says of memberships and erasures counts where its events continue the head. Else they are taken from the events,
    // when the log brings those: a removal limits when it is published, and not before what came before it.
    private void Change(BatchOutcome outcome)
    {
        foreach (var appended in outcome.Appended)
        {
            if (_topics.Find(appended.TopicId) is { } topic)
                topic.Continues = appended.Events[0].Offset == topic.Head + 1;
        }
        foreach (var change in outcome.Memberships)
        {
            if (_topics.Find(change.TopicId) is not { } topic)
                _people.Note(change);
            else if (topic.Continues)
                _intake.Apply(topic, change);
            // Who joined is told in any case: the topic may have been taken over from the log together with the event, and never publish it here; or be
            // forgotten before its hole is filled. Whoever is told reads the membership from the log.
            else if (change.Present || change.Offset <= topic.Head)
                _people.Note(change);
        }
        foreach (var (topicId, offset) in outcome.Erased)
        {
            if (_topics.Find(topicId) is { Continues: true } topic)
                _tails.Erase(topic, offset);
        }
    }

    private void Append(AppendedEvents appended)
    {
        var events = appended.Events;
        if (_topics.Find(appended.TopicId) is not { } topic)
        {
            _recent.Add(appended.TopicId, events[^1].Offset, _batch);
            return;
        }
        topic.WasWritten = true;
        if (events[0].Offset == topic.Head + 1)
            _intake.Publish(topic, events, 0, Now);
        else
            _intake.Take(topic, events, Now);
    }

    // The log's history is another than the one that was followed here: whoever followed it comes back and is told so.
    private HubTopic? Reset(HubTopic topic)
    {
        TopicIntake.Distrust(topic);
        _topics.Disown(topic);
        return null;
    }
}
