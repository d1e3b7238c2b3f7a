using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// How a follow gets to the head (§5.1, §8): its Topic frame; then a Skip where events are left out, the events and the first Complete in the bulk
/// lane, under the device's credit; and when that has left its lane, live. Who falls behind later is brought up again in the live lane.
/// </summary>
internal sealed class CatchUp
{
    private readonly ConnectionCore _core;
    private readonly HistoryDesk _history;
    private readonly PageReader _reader;
    private readonly Announcements _announcements;
    private readonly PageFeed _bulk;
    private readonly PageFeed _behind;
    private readonly Queue<Follow> _completing = new();
    private readonly Queue<Follow> _skipping = new();

    public CatchUp(ConnectionCore core, HistoryDesk history, Action<Follow> removed)
    {
        _core = core;
        _history = history;
        _reader = new PageReader(core);
        _announcements = new Announcements(core) { Announced = Begin };
        _bulk = new PageFeed(core, _reader) { Completed = OnCompleted, Removed = removed };
        _behind = new PageFeed(core, _reader) { Completed = follow => WentLive!(follow), Removed = removed };
        Removed = removed;
    }

    /// <summary>Called when a follow is at the head and its live lane may carry it.</summary>
    public required Action<Follow> WentLive { get; init; }

    private Action<Follow> Removed { get; }

    public PageReader Reader => _reader;

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
                    WentLive(follow);
            }
            _history.TryPut();
        }
        while (_skipping.TryPeek(out var next) && TrySkip(next))
            _skipping.Dequeue();
        _behind.Step();
        _bulk.Step();
    }

    private void Begin(Follow follow)
    {
        // Who was removed meanwhile is told so after the Topic frame: Welcome promised so many of them.
        if (follow.Limit != ulong.MaxValue)
            Removed(follow);
        else if (follow.State == FollowState.CatchingUp)
            _skipping.Enqueue(follow);
    }

    private bool TrySkip(Follow follow)
    {
        const int skipBytesMax = 24;
        if (follow.State != FollowState.CatchingUp || follow.Announcement is not null)
            return true;
        if (!_core.Out.HasRoom(follow.Lane, skipBytesMax))
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

    private void OnCompleted(Follow follow)
    {
        follow.State = FollowState.Completing;
        // An alert topic has but one lane.
        if (follow.IsUrgent)
            WentLive(follow);
        else
            _completing.Enqueue(follow);
    }
}
