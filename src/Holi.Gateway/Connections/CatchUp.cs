using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// How a follow gets to the head (§5.1, §8): its Topic frame; then a Skip where events are left out, the events and the first Complete in the bulk
/// lane, under the device's credit; and when that has left its lane, live. Who falls behind later is brought up again in the live lane. A
/// connection has one while it catches up, and none afterwards.
/// </summary>
internal sealed class CatchUp
{
    private const int SkipBytesMax = 24;

    private readonly ConnectionCore _core;
    private readonly Delivery _delivery;
    private readonly Announcements _announcements;
    private readonly PageFeed _bulk;
    private readonly PageFeed _behind;
    private FollowQueue _skipping;
    private FollowQueue _completing;

    public CatchUp(ConnectionCore core, Delivery delivery)
    {
        _core = core;
        _delivery = delivery;
        Reader = new PageReader(core);
        _announcements = new Announcements(core, this);
        _bulk = new PageFeed(core, Reader, this);
        _behind = new PageFeed(core, Reader, this);
    }

    /// <summary>Where pages that were asked for go.</summary>
    public PageReader Reader { get; }

    /// <summary>True where nobody is behind and no answer is to come.</summary>
    public bool IsDone =>
        _announcements.IsDone && _skipping.Count == 0 && _completing.Count == 0 && _bulk.IsDone && _behind.IsDone && Reader.IsDone;

    /// <summary>The follow begins, or begins again, with a Topic frame.</summary>
    public void Announce(Follow follow) => _announcements.Add(follow);

    /// <summary>The tail does not hold what this live follow needs next.</summary>
    public void FallBehind(Follow follow)
    {
        follow.State = FollowState.Behind;
        _behind.Add(follow);
        _behind.Step();
    }

    /// <summary>Puts the next things into their lanes, as far as there is room. Before live events: see <see cref="Announcements"/>.</summary>
    public void Step()
    {
        _announcements.Step();
        if (_core.Out.IsEmpty(Lane.Bulk))
        {
            while (_completing.TryDequeue(out var follow))
            {
                if (follow.State == FollowState.Completing && follow.Announcement is null)
                    _delivery.GoLive(follow);
            }
        }
        while (_skipping.TryPeek(out var next) && TrySkip(next))
            _skipping.TryDequeue(out _);
        _behind.Step();
        _bulk.Step();
    }

    /// <summary>True while the TopicGone of an earlier follow of this number waits.</summary>
    public bool IsEnding(uint number) => _delivery.IsEnding(number);

    /// <summary>The follow's Topic frame has left its lane.</summary>
    public void OnAnnounced(Follow follow)
    {
        // Who was removed meanwhile is told so after the Topic frame: Welcome promised so many of them.
        if (follow.IsLimited)
            _delivery.End(follow, HoliCode.Removed);
        else if (follow.State == FollowState.CatchingUp)
            _skipping.Enqueue(follow);
    }

    /// <summary>The follow turned out to have ended.</summary>
    public void OnRemoved(Follow follow) => _delivery.End(follow, HoliCode.Removed);

    /// <summary>Everything through the head, and Complete behind it, is in the follow's lane.</summary>
    public void OnCompleted(Follow follow)
    {
        // The first Complete changes the lane, except for an alert, which has but one.
        if (follow.State == FollowState.Behind || follow.IsUrgent)
        {
            _delivery.GoLive(follow);
            return;
        }
        follow.State = FollowState.Completing;
        _completing.Enqueue(follow);
    }

    private bool TrySkip(Follow follow)
    {
        if (follow.State != FollowState.CatchingUp || follow.Announcement is not null)
            return true;
        if (!_core.Out.HasRoom(follow.Lane, SkipBytesMax))
            return false;
        if (follow.Sent > follow.DeviceCursor)
        {
            var reason = follow.Sent > follow.First - 1 ? SkipReason.BeyondBacklog : SkipReason.NotVisible;
            new SkipFrame(follow.Number, follow.Sent, reason).Write(Outgoing.Begin());
            _core.Out.Send(follow.Lane);
        }
        _bulk.Add(follow);
        return true;
    }
}
