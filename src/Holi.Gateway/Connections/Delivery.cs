using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// Fills the lanes with what this device has coming: pulls live events from the shared tails by cursor, ends follows, sends news of watched
/// people, and says when everything is complete. Called before each message; what finds no room now is found again at the next.
/// </summary>
internal sealed class Delivery(ConnectionCore core, ReadyConnection parts)
{
    private CatchUp? _catchUp;
    private FollowQueue _ready;
    private List<(uint Number, HoliCode Code)>? _ending;
    private TimeSpan _completeAt = core.Now.Since + (core.Limits.Heartbeat / 2);
    private bool _anyComplete;
    private int _lapsed;

    /// <summary>The page that was asked for.</summary>
    public void OnEvents(IReadOnlyList<Storage.StoredEvent> page) => CatchingUp.Reader.OnEvents(page);

    /// <summary>The follow begins, or begins again, with a Topic frame.</summary>
    public void Announce(Follow follow)
    {
        Lapse(follow);
        CatchingUp.Announce(follow);
    }

    /// <summary>No more events: unfollowed (4600) or no longer a member (4601). TopicGone comes behind the topic's last frame.</summary>
    public void End(Follow follow, HoliCode code)
    {
        if (follow.State == FollowState.Gone)
            return;
        var mayOvertake = follow.State is FollowState.CatchingUp or FollowState.Completing && !core.Out.IsEmpty(Lane.Bulk);
        if (follow.IsFollowed)
            parts.Table.Followed--;
        Unlapse(follow);
        follow.WasComplete = false;
        follow.State = code == HoliCode.Done ? FollowState.Announced : FollowState.Gone;
        if (follow.State == FollowState.Gone)
        {
            if (follow.Watch is not null)
                parts.Watches.End(follow);
            core.Hub.Detach(follow);
        }
        if (!follow.WasAnnounced)
            return;
        if (mayOvertake)
            (_ending ??= []).Add((follow.Number, code));
        else
            SendGone(follow.Number, code);
    }

    /// <summary>True while a TopicGone of this number waits until nothing can overtake it.</summary>
    public bool IsEnding(uint number) => _ending is not null && _ending.Exists(ending => ending.Number == number);

    /// <summary>The follow is at the head, and its live lane may carry it.</summary>
    public void GoLive(Follow follow)
    {
        _anyComplete = true;
        follow.State = FollowState.Live;
        follow.WasComplete = true;
        Unlapse(follow);
        MakeReady(follow);
    }

    /// <summary>Fills the lanes.</summary>
    public void Fill()
    {
        if (_ending is not null && core.Out.IsEmpty(Lane.Bulk))
            SendEnding();
        // Before live events: a topic that changes lanes needs to find the one it leaves empty.
        _catchUp?.Step();
        for (var marked = core.Marks!.TakeMarked(); marked is not null;)
        {
            var follow = (Follow)marked;
            marked = ConnectionMarks.Unmark(marked);
            MakeReady(follow);
        }
        for (var left = _ready.Count; left > 0 && core.IsOpen && _ready.TryDequeue(out var follow); left--)
        {
            follow.IsReady = false;
            if (!TryDeliver(follow))
                MakeReady(follow);
        }
        if (_catchUp is { IsDone: true })
        {
            _catchUp = null;
            core.Out.Lanes.Rest();
        }
        SendComplete();
    }

    /// <summary>The device pinged: it wants to know that nothing is missing.</summary>
    public void OnPing() => _completeAt = TimeSpan.Zero;

    private CatchUp CatchingUp => _catchUp ??= new CatchUp(core, this);

    // False where the lane is full and the follow must be looked at again.
    private bool TryDeliver(Follow follow)
    {
        if (follow.State == FollowState.Gone)
            return true;
        if (follow.State == FollowState.Live && !TryDeliverLive(follow))
            return false;
        if (follow.IsLimited && follow.WasAnnounced)
            End(follow, HoliCode.Removed);
        if (follow.Watch is null)
            return true;
        if (core.Out.PendingBytes(Lane.Interactive) >= core.Limits.LiveBytes)
            return false;
        parts.Watches.SendNews(follow);
        return true;
    }

    private bool TryDeliverLive(Follow follow)
    {
        var through = follow.Visible;
        while (follow.Sent < through)
        {
            if (core.Out.PendingBytes(follow.LiveLane) >= core.Limits.LiveBytes)
                return false;
            if (!follow.Topic.TryGetEvent(follow.Sent + 1, out var live))
            {
                Lapse(follow);
                CatchingUp.FallBehind(follow);
                return true;
            }
            if (!core.Out.TryShare(follow.LiveLane, live.Frame))
                return false;
            core.Tally.Add(live);
            follow.Sent++;
        }
        return true;
    }

    private void MakeReady(Follow follow)
    {
        if (follow.IsReady)
            return;
        follow.IsReady = true;
        _ready.Enqueue(follow);
    }

    private void SendEnding()
    {
        foreach (var (number, code) in _ending!)
            SendGone(number, code);
        _ending = null;
    }

    private void SendGone(uint number, HoliCode code)
    {
        new TopicGoneFrame(number, default, code).Write(Outgoing.Begin());
        core.Out.Send(Lane.Interactive);
    }

    // "Everything that was ever complete still is" (§8.5): true only if nothing waits. Said with each Pong, and with the first that comes half
    // a heartbeat after the last time; since a device sends something in every heartbeat, that needs no timer.
    private void SendComplete()
    {
        if (!_anyComplete || _lapsed > 0 || _ready.Count > 0 || core.Now.Since < _completeAt)
            return;
        new CompleteFrame(0, 0, core.Now.UnixMs).Write(Outgoing.Begin());
        core.Out.Send(Lane.Interactive);
        _completeAt = core.Now.Since + (core.Limits.Heartbeat / 2);
    }

    private void Lapse(Follow follow)
    {
        if (!follow.WasComplete || follow.IsLapsed)
            return;
        follow.IsLapsed = true;
        _lapsed++;
    }

    private void Unlapse(Follow follow)
    {
        if (!follow.IsLapsed)
            return;
        follow.IsLapsed = false;
        _lapsed--;
    }
}
