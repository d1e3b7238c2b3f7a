namespace Holi.Gateway.Topics;

/// <summary>
/// One connection's place at one topic, as the hub sees it. The connection keeps its own numbers (cursor, state) in the derived class;
/// here is only what other threads write, and what the hub must know of the membership.
/// </summary>
/// <param name="topic">The topic.</param>
/// <param name="marks">The connection's.</param>
/// <param name="first">The first offset that this membership shows: a removal before it ended an earlier one.</param>
/// <param name="member">The user's number in the topic.</param>
public abstract class Follower(HubTopic topic, ConnectionMarks marks, ulong first, uint member)
{
    // Set while the follower is on its connection's chain of marks; see ConnectionMarks.
    internal int IsMarked;
    internal Follower? NextMarked;

    private ulong _limit = ulong.MaxValue;

    public HubTopic Topic => topic;

    public ConnectionMarks Marks => marks;

    /// <summary>The first offset this user may see.</summary>
    public ulong First => first;

    /// <summary>The user's number in the topic.</summary>
    public uint Member => member;

    /// <summary>
    /// The first offset that this user may not see: where they were removed. Written by the hub before it publishes a head at or beyond
    /// it; so who reads the head first and the limit then never passes on a byte too many.
    /// </summary>
    public ulong Limit
    {
        get => Volatile.Read(ref _limit);
        internal set => Volatile.Write(ref _limit, value);
    }

    /// <summary>True once the user was removed.</summary>
    public bool IsLimited => Limit != ulong.MaxValue;

    /// <summary>Where the follower stands in its topic's list; −1: not in it. The hub's.</summary>
    internal int Place { get; set; } = -1;
}
