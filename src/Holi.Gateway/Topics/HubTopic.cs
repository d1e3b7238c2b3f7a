using Holi.Gateway.Presence;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>A member's positions.</summary>
/// <param name="Member">The number.</param>
/// <param name="User">Who; null where only the number was told.</param>
/// <param name="Delivered">Delivered position.</param>
/// <param name="Read">Read position.</param>
internal readonly record struct LatePosition(uint Member, string? User, ulong Delivered, ulong Read)
{
    public ulong Furthest => Math.Max(Delivered, Read);
}

/// <summary>
/// A topic that at least one connection knows: its number, its head, its newest events and who follows it. All writing is the hub's, under
/// the hub's lock; head and tail are read without.
/// </summary>
public sealed class HubTopic
{
    private readonly List<Follower> _followers = [];
    private Dictionary<uint, LatePosition>? _late;
    private ulong _head;

    /// <param name="head">The last offset, as read from the log with the first follower's membership.</param>
    internal HubTopic(long topicId, TopicKey key, uint number, ulong epoch, ulong head)
    {
        TopicId = topicId;
        Key = key;
        Number = number;
        Epoch = epoch;
        _head = From = Expected = head;
        Tail.Clear(head + 1);
    }

    public long TopicId { get; }

    public TopicKey Key { get; }

    public uint Number { get; }

    public ulong Epoch { get; }

    /// <summary>The last offset that may be sent. Only grows, and never past an event whose removals have not limited their followers.</summary>
    public ulong Head => Volatile.Read(ref _head);

    /// <summary>The people of the topic while somebody watches them.</summary>
    public Room? Room { get; internal set; }

    internal EventTail Tail { get; } = new();

    /// <summary>
    /// The head it began with. What lies before was never taken in here, so its removals have limited no follower: a membership read earlier
    /// than this must be read again.
    /// </summary>
    internal ulong From { get; }

    /// <summary>The log reaches at least so far, somebody says. Beyond the head it is a hole, to be filled from the log.</summary>
    internal ulong Expected { get; set; }

    /// <summary>True while the hole waits to be read, or is being read.</summary>
    internal bool IsAsked { get; set; }

    /// <summary>True once an append to it was heard of, whether or not it was news.</summary>
    internal bool WasWritten { get; set; }

    /// <summary>Of the batch that is being published: its events continue the head, so what it says of memberships may be taken from it.</summary>
    internal bool Continues { get; set; }

    /// <summary>True while a position waits to be read from the log.</summary>
    internal bool IsUnmoved { get; set; }

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
        Volatile.Write(ref _head, head);
        if (Expected < head)
            Expected = head;
        foreach (var follower in _followers)
            follower.Marks.Mark(follower);
    }

    /// <summary>A position waits for the head. One for each member, while somebody watches.</summary>
    internal void Wait(in LatePosition position)
    {
        _late ??= [];
        var earlier = _late.GetValueOrDefault(position.Member);
        _late[position.Member] = position with
        {
            Delivered = Math.Max(earlier.Delivered, position.Delivered), Read = Math.Max(earlier.Read, position.Read), User = position.User ?? earlier.User,
        };
    }

    /// <summary>Takes the positions that waited, whether or not the head has reached them.</summary>
    internal IEnumerable<LatePosition> TakeLate()
    {
        IEnumerable<LatePosition> late = _late is null ? [] : _late.Values;
        _late = null;
        return late;
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
}
