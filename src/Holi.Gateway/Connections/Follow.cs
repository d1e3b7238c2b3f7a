using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Connections;

//               Follow            the head is in      has left
//   ┌───────────┐     ┌────────────┐ the lane ┌────────────┐ the lane ┌──────┐ tail lost ┌────────┐
//   │ Announced ├────►│ CatchingUp ├─────────►│ Completing ├─────────►│ Live ├──────────►│ Behind │
//   └─────┬─────┘     └──────┬─────┘          └──────┬─────┘          └──┬───┘◄──────────┴───┬────┘
//      ▲  │                  │      Unfollow (to Announced)              │     the head       │
//      └──┼──────────────────┴───────────────────────┴──────────────────┴────────────────────┘
//         └─ and from each: removed, TopicGone 4601 ──► Gone ──(member again)──► a new Follow

/// <summary>What a device is sent of a topic.</summary>
internal enum FollowState : byte
{
    /// <summary>It knows the number; no events.</summary>
    Announced,
    /// <summary>Before the first Complete: events from tail or log, in the bulk lane.</summary>
    CatchingUp,
    /// <summary>The first Complete is in the bulk lane, and nothing may overtake it.</summary>
    Completing,
    /// <summary>Events from the tail as they come.</summary>
    Live,
    /// <summary>It was live and the tail no longer reaches back to its cursor: pages from the log, in the live lane.</summary>
    Behind,
    /// <summary>No longer a member. The number stays known.</summary>
    Gone,
}

/// <summary>
/// One topic on one connection. Invariant: first − 1 ≤ sent; and once its Topic frame and Skip are out, every offset up to sent was put
/// into a lane, as an event or in a Skip, once and in order.
/// </summary>
internal sealed class Follow : Follower
{
    public Follow(HubTopic topic, ConnectionMarks marks, Membership membership)
        : base(topic, marks, Math.Max(1, membership.Member.FirstOffset), membership.Member.Number)
    {
        Announcement = membership;
        Role = membership.Member.Role;
        IsUrgent = TopicName.TryParse(membership.Name, out var kind, out _) && kind == TopicKind.Alert;
    }

    public uint Number => Topic.Number;

    /// <summary>What the Topic frame will say; null once it was sent.</summary>
    public Membership? Announcement { get; set; }

    /// <summary>The head that the device was told last: it takes whatever people it is shown for later than that.</summary>
    public ulong AnnouncedHead { get; set; }

    public FollowState State { get; set; } = FollowState.Announced;

    public MemberRole Role { get; set; }

    public bool IsUrgent { get; }

    /// <summary>Where the device says it is: what lies between this and the start of sending is a Skip.</summary>
    public ulong DeviceCursor { get; private set; }

    /// <summary>Everything up to here was put into a lane.</summary>
    public ulong Sent { get; set; }

    /// <summary>Everything up to here was stored by the device.</summary>
    public ulong Acked { get; set; }

    /// <summary>The last offset that may be shown now: published, and below where the user was removed. In that order: see <see cref="Follower.Limit"/>.</summary>
    public ulong Visible
    {
        get
        {
            var head = Topic.Head;
            return Math.Min(head, Limit - 1);
        }
    }

    /// <summary>True once a Topic frame was put into a lane.</summary>
    public bool WasAnnounced { get; set; }

    /// <summary>True from the first Complete on.</summary>
    public bool WasComplete { get; set; }

    /// <summary>True while it was complete once and is not now.</summary>
    public bool IsLapsed { get; set; }

    /// <summary>True while it waits in the connection's queue of topics to look at.</summary>
    public bool IsReady { get; set; }

    /// <summary>Not null while the device watches the topic's people.</summary>
    public Watch? Watch { get; set; }

    /// <summary>The lane of live events (§5.1).</summary>
    public Lane LiveLane => IsUrgent ? Lane.Urgent : Lane.Interactive;

    /// <summary>The lane of its events now.</summary>
    public Lane Lane => State is FollowState.Live or FollowState.Behind || IsUrgent ? LiveLane : Lane.Bulk;

    public bool IsFollowed => State is not (FollowState.Announced or FollowState.Gone);

    /// <summary>Begins at the device's cursor, or where its backlog begins if it has none of this epoch (§6.1, §8.6).</summary>
    /// <param name="epoch">Of the cursor; 0 where there is none.</param>
    /// <param name="offset">The cursor.</param>
    /// <param name="backlog">How many of the newest events it wants without a cursor.</param>
    public void Begin(ulong epoch, ulong offset, ulong backlog)
    {
        var head = Math.Max(Topic.Head, Announcement?.Head ?? 0);
        // A cursor of another epoch counts for nothing: Topic tells the device to drop what it has.
        var holds = epoch == Topic.Epoch && offset > 0;
        DeviceCursor = holds ? Math.Min(offset, head) : 0;
        var from = holds ? DeviceCursor : head - Math.Min(head, backlog);
        Sent = Math.Max(from, First - 1);
        Acked = Math.Max(Acked, DeviceCursor);
        State = FollowState.CatchingUp;
    }

    /// <summary>Announced only: no events are coming, so nothing needs to be explained.</summary>
    public void BeginAnnounced() => DeviceCursor = Sent = Math.Max(Topic.Head, Announcement?.Head ?? 0);
}
