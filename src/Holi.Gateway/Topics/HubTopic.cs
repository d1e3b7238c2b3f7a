using Holi.Gateway.Presence;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>
/// A topic that at least one connection knows: its number, its head, its newest events and who follows it. All writing is the hub's, under
/// the hub's lock; head and tail are read without.
/// </summary>
public sealed class HubTopic
{
    private readonly List<Follower> _followers = [];
    private ulong _head;

    /// <param name="head">The last offset, as read from the log.</param>
    /// <param name="published">The last offset known to be published; 0 where none is.</param>
    internal HubTopic(long topicId, TopicKey key, uint number, ulong epoch, ulong head, ulong published)
    {
        TopicId = topicId;
        Key = key;
        Number = number;
        Epoch = epoch;
        _head = Math.Max(head, published);
        Published = published;
        Tail.Clear(_head + 1);
    }

    public long TopicId { get; }

    public TopicKey Key { get; }

    public uint Number { get; }

    public ulong Epoch { get; }

    /// <summary>The last offset that may be sent: published, or read from the log by who followed first. Only grows.</summary>
    public ulong Head => Volatile.Read(ref _head);

    /// <summary>The people of the topic while somebody watches them.</summary>
    public Room? Room { get; internal set; }

    internal EventTail Tail { get; } = new();

    /// <summary>
    /// The last offset that a batch of ours brought. A head beyond it was read from the log, maybe from a batch on disk that nobody was told of yet:
    /// its removals have limited no follower.
    /// </summary>
    internal ulong Published { get; private set; }

    /// <summary>How many connections know the number.</summary>
    internal int KnownBy { get; set; }

    internal TimeSpan LastAppend { get; set; }

    internal IReadOnlyList<Follower> Followers => _followers;

    /// <summary>An event, if it is new enough to be in memory.</summary>
    public bool TryGetEvent(ulong offset, out TailEvent found) => Tail.TryGet(offset, out found);

    /// <summary>Its encoded frame alone.</summary>
    public bool TryGetFrame(ulong offset, out ReadOnlyMemory<byte> frame)
    {
        var isThere = Tail.TryGet(offset, out var found);
        frame = found.Frame;
        return isThere;
    }

    /// <summary>Publishes a head: what it covers is in the tail or in the log.</summary>
    internal void Publish(ulong head)
    {
        Published = head;
        if (head > _head)
            Volatile.Write(ref _head, head);
    }

    internal void Attach(Follower follower)
    {
        follower.Place = _followers.Count;
        _followers.Add(follower);
    }

    internal void Detach(Follower follower)
    {
        if (follower.Place < 0)
            return;
        var last = _followers[^1];
        _followers[follower.Place] = last;
        last.Place = follower.Place;
        _followers.RemoveAt(_followers.Count - 1);
        follower.Place = -1;
    }

    internal void MarkFollowers()
    {
        foreach (var follower in _followers)
            follower.Marks.Mark(follower);
    }
}
