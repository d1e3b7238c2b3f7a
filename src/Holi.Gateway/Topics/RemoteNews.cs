using Holi.Gateway.Cluster;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>
/// What other gateways tell the hub, and what comparing with the log shows. All of it hints but for what stands in the log: none of this is needed for
/// anything to come right, only for it to come soon.
/// </summary>
public sealed partial class TopicHub
{
    private readonly Queue<HubTopic> _unmoved = new();
    private long _arrivals;

    /// <summary>Counts what came to be compared with the log: topics, watches, positions that could not be taken in.</summary>
    internal long Arrivals => Volatile.Read(ref _arrivals);

    /// <summary>Told which topics are known here, so that news of them is heard. Null where there are no other gateways.</summary>
    internal ShardInterest? Interest { get; init; }

    /// <summary>Another gateway says that a topic's log reaches to <paramref name="head"/>. True where that is news here.</summary>
    public bool IsNews(long topicId, ulong head)
    {
        lock (_lock)
        {
            if (_topics.Find(topicId) is { } topic)
                return head > topic.Head;
            // Somebody may be about to follow, with a membership read before.
            _recent.Add(topicId, head, _batch);
            return false;
        }
    }

    /// <summary>Which topic it is; null where nobody here knows it.</summary>
    internal TopicKey? KeyOf(long topicId)
    {
        lock (_lock)
            return _topics.Find(topicId)?.Key;
    }

    /// <summary>Events of a topic that another gateway committed, as many as it told, and how far the log reached then.</summary>
    public void Heard(long topicId, ulong head, IReadOnlyList<StoredEvent> events)
    {
        lock (_lock)
        {
            if (_topics.Find(topicId) is not { } topic)
                return;
            topic.WasWritten = true;
            _intake.Take(topic, events, Now);
            _holes.Expect(topic, head);
        }
    }

    /// <summary>A member's positions, told by another gateway.</summary>
    public void Moved(long topicId, uint member, ulong delivered, ulong read)
    {
        lock (_lock)
        {
            if (_topics.Find(topicId) is not { Room: not null } topic)
                return;
            if (TopicIntake.Move(topic, new LatePosition(member, null, delivered, read)) || topic.IsUnmoved)
                return;
            topic.IsUnmoved = true;
            _unmoved.Enqueue(topic);
            Arrived();
        }
    }

    private void Arrived() => Volatile.Write(ref _arrivals, _arrivals + 1);

    /// <summary>A member types, where the topic was published through <paramref name="head"/>.</summary>
    public void Typed(long topicId, ulong head, uint member, bool on, long untilMs)
    {
        lock (_lock)
        {
            if (_topics.Find(topicId) is not { Room: { } room } topic)
                return;
            // Who was removed before that may still be among the watchers here.
            if (head > topic.Head)
                _holes.Expect(topic, head);
            else
                room.Type(member, on, untilMs);
        }
    }

    /// <summary>Copies heads of known topics, for comparing. Returns where to go on; 0 at the end.</summary>
    internal int CopyHeads(int from, int countMax, List<Hole> heads)
    {
        lock (_lock)
        {
            for (; from < _topics.NumbersEnd && heads.Count < countMax; from++)
            {
                if (_topics.ByNumber(from) is { } topic)
                    heads.Add(new Hole(topic, topic.Head));
            }
            return from < _topics.NumbersEnd ? from : 0;
        }
    }

    /// <summary>The log's heads of topics, asked after <paramref name="known"/> was copied.</summary>
    internal void Compare(IReadOnlyList<Hole> known, IReadOnlyDictionary<long, ulong> heads)
    {
        lock (_lock)
        {
            foreach (var (topic, after, _) in known)
            {
                if (_topics.Find(topic.TopicId) != topic)
                    continue;
                var head = heads.GetValueOrDefault(topic.TopicId);
                // A log that has less than it had is another: somebody restored a backup under the running gateways.
                if (head < after)
                    Reset(topic);
                else
                    _holes.Expect(topic, head);
            }
        }
    }

    /// <summary>Copies topics with watchers, those first of which a position could not be taken in. Returns where to go on; 0 at the end.</summary>
    internal int CopyWatched(int from, int countMax, List<HubTopic> watched)
    {
        lock (_lock)
        {
            while (watched.Count < countMax && _unmoved.TryDequeue(out var topic))
            {
                topic.IsUnmoved = false;
                if (topic.Room is not null)
                    watched.Add(topic);
            }
            for (; from < _topics.NumbersEnd && watched.Count < countMax; from++)
            {
                if (_topics.ByNumber(from) is { Room: not null } topic)
                    watched.Add(topic);
            }
            return from < _topics.NumbersEnd ? from : 0;
        }
    }

    /// <summary>A watched topic's members as the log has them: their positions, as far as the topic was published.</summary>
    internal void MoveAll(HubTopic topic, IReadOnlyList<StoredMember> members)
    {
        lock (_lock)
        {
            foreach (var member in members)
                topic.Room?.TryMove(member.Number, Math.Min(member.Delivered, topic.Head), Math.Min(member.Read, topic.Head));
        }
    }
}
