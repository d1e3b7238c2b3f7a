using Holi.Gateway.Commit;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>
/// Carries what was committed to those who follow it. It holds no queue: an append puts the encoded event into the topic's shared
/// tail, moves the head and marks the followers; each pulls from the tail, or from the log, by its own cursor and at its own speed.
/// <para>One lock orders publication and following, so for every follower and every batch one came first. Within a batch the order is:
/// tell the users whose membership changed, set the limits of those removed, then append. So nobody is ever shown a head beyond
/// their limit.</para>
/// </summary>
public sealed class TopicHub(GatewayLimits limits, People people, TimeProvider time, long timeBaseMs) : ICommitListener
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, HubTopic> _topics = [];
    private readonly TopicNumbers _numbers = new();
    private readonly RecentHeads _recent = new(limits.RecentHeads);
    private readonly long _startedAt = time.GetTimestamp();
    private long _batch;
    private long _tailBytes;

    /// <summary>What event times are relative to, for every connection of this gateway (§6.2).</summary>
    public long TimeBaseMs => timeBaseMs;

    /// <summary>The hub's clock: monotonic, since it began.</summary>
    public TimeSpan Now => time.GetElapsedTime(_startedAt);

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

    public long TailBytes => Volatile.Read(ref _tailBytes);

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
            if (!_topics.TryGetValue(membership.TopicId, out var topic))
            {
                if (readAfterBatch < _recent.Floor)
                    return false;
                var key = new TopicKey(tenant, membership.Name);
                topic = new HubTopic(
                    membership.TopicId, key, _numbers.Take(), membership.Epoch, membership.Head, _recent.HeadOf(membership.TopicId));
                _topics.Add(membership.TopicId, topic);
            }
            else if (membership.Head < topic.Head && topic.Published < topic.Head)
            {
                // Whoever followed first read a batch that is on disk and not published yet, and this membership was read before it. That
                // batch may have ended it, and no limit says so yet.
                return false;
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
            _topics.Remove(topic.TopicId);
            _numbers.GiveBack(topic.Number);
            _tailBytes -= topic.Tail.Bytes;
            // Whoever read this topic's membership a moment ago and follows it next finds here what was published meanwhile; not what was only read.
            if (topic.Published > 0)
                _recent.Add(topic.TopicId, topic.Published, _batch);
        }
    }

    /// <summary>Begins to watch: from here on the room hears of receipts and of who comes and goes.</summary>
    public Room Watch(Follower watcher)
    {
        lock (_lock)
        {
            var room = watcher.Topic.Room ??= new Room(watcher.Topic.Key.Tenant, people);
            room.Add(watcher);
            return room;
        }
    }

    /// <summary>A room's roster was read, after it was opened.</summary>
    public void Load(Room room, IReadOnlyList<StoredMember> members)
    {
        lock (_lock)
            room.Load(members);
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
            foreach (var change in outcome.Memberships)
                Apply(change);
            foreach (var (topicId, offset) in outcome.Erased)
                Erase(topicId, offset);
            foreach (var appended in outcome.Appended)
                Append(appended);
            foreach (var position in outcome.Positions)
            {
                if (_topics.TryGetValue(position.TopicId, out var topic))
                    topic.Room?.Move(position.Member, position.User, position.Delivered, position.Read);
            }
        }
    }

    /// <summary>Drops the tails of topics that have been quiet.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            var quietSince = Now - limits.TailIdle;
            foreach (var topic in _topics.Values)
            {
                if (topic.Tail.Bytes > 0 && topic.LastAppend < quietSince)
                    ClearTail(topic, topic.Head + 1);
            }
        }
    }

    private void Apply(in MembershipChange change)
    {
        people.Note(change);
        if (!_topics.TryGetValue(change.TopicId, out var topic))
            return;
        topic.Room?.Change(change);
        if (change.Present)
            return;
        foreach (var follower in topic.Followers)
        {
            if (follower.Marks.User != change.User || follower.Limit <= change.Offset)
                continue;
            follower.Limit = change.Offset;
            follower.Marks.Mark(follower);
        }
    }

    private void Append(AppendedEvents appended)
    {
        var last = appended.Events[^1].Offset;
        if (!_topics.TryGetValue(appended.TopicId, out var topic))
        {
            _recent.Add(appended.TopicId, last, _batch);
            return;
        }
        var (before, now) = (topic.Tail.Bytes, Now);
        var countMax = _tailBytes > limits.TailBytesInAll ? 1 : limits.TailEvents;
        foreach (var stored in appended.Events)
        {
            // A head read from the log may be ahead of this news: what it covers is fetched from there.
            if (stored.Offset <= topic.Head)
                continue;
            var tailed = new TailEvent(EventEncoding.Encode(topic.Number, stored, timeBaseMs), now, stored.Trace);
            topic.Tail.Append(stored.Offset, tailed, countMax, limits.TailBytes);
        }
        _tailBytes += topic.Tail.Bytes - before;
        topic.LastAppend = now;
        topic.Publish(last);
        topic.MarkFollowers();
    }

    private void Erase(long topicId, ulong offset)
    {
        if (!_topics.TryGetValue(topicId, out var topic) || !topic.TryGetFrame(offset, out var frame))
            return;
        var before = topic.Tail.Bytes;
        topic.Tail.Replace(offset, EventEncoding.Erase(frame, timeBaseMs));
        _tailBytes += topic.Tail.Bytes - before;
    }

    private void ClearTail(HubTopic topic, ulong next)
    {
        _tailBytes -= topic.Tail.Bytes;
        topic.Tail.Clear(next);
    }
}
