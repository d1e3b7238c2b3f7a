using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// Fills the lanes with what this device has coming: pulls live events from the shared tails by cursor, ends follows, sends news of watched
/// people, and says when everything is complete. Called before each message; what finds no room now is found again at the next.
/// </summary>
internal sealed class Delivery
{
    private readonly ConnectionCore _core;
    private readonly FollowTable _follows;
    private readonly WatchDesk _watches;
    private readonly CatchUp _catchUp;
    private readonly Queue<Follow> _ready = new();
    private readonly List<(uint Number, HoliCode Code)> _ending = [];
    private TimeSpan _completeAt;
    private bool _anyComplete;
    private int _lapsed;

    public Delivery(ConnectionCore core, FollowTable follows, WatchDesk watches, HistoryDesk history)
    {
        _core = core;
        _follows = follows;
        _watches = watches;
        _catchUp = new CatchUp(core, history, follow => End(follow, HoliCode.Removed)) { WentLive = OnWentLive };
        _completeAt = core.Now.Since + (core.Limits.Heartbeat / 2);
    }

    /// <summary>Where pages that were asked for go.</summary>
    public PageReader Pages => _catchUp.Reader;

    /// <summary>The follow begins, or begins again, with a Topic frame.</summary>
    public void Announce(Follow follow)
    {
        Lapse(follow);
        _catchUp.Announce(follow);
    }

    /// <summary>No more events: unfollowed (4600) or no longer a member (4601). TopicGone comes behind the topic's last frame.</summary>
    public void End(Follow follow, HoliCode code)
    {
        if (follow.State == FollowState.Gone)
            return;
        var mayOvertake = follow.State is FollowState.CatchingUp or FollowState.Completing && !_core.Out.IsEmpty(Lane.Bulk);
        if (follow.IsFollowed)
            _follows.Followed--;
        Unlapse(follow);
        follow.WasComplete = false;
        follow.State = code == HoliCode.Done ? FollowState.Announced : FollowState.Gone;
        if (follow.State == FollowState.Gone)
        {
            _watches.End(follow);
            _core.Hub.Detach(follow);
        }
        if (!follow.WasAnnounced)
            return;
        if (mayOvertake)
            _ending.Add((follow.Number, code));
        else
            SendGone(follow.Number, code);
    }

    /// <summary>Fills the lanes.</summary>
    public void Fill()
    {
        if (_ending.Count > 0 && _core.Out.IsEmpty(Lane.Bulk))
        {
            foreach (var (number, code) in _ending)
                SendGone(number, code);
            _ending.Clear();
        }
        // Before live events: a topic that changes lanes needs to find its live lane empty.
        _catchUp.Step();
        for (var marked = _core.Marks!.TakeMarked(); marked is not null;)
        {
            var follow = (Follow)marked;
            marked = ConnectionMarks.Unmark(marked);
            MakeReady(follow);
        }
        for (var left = _ready.Count; left > 0 && _core.IsOpen; left--)
        {
            var follow = _ready.Dequeue();
            follow.IsReady = false;
            if (!TryDeliver(follow))
                MakeReady(follow);
        }
        SendComplete();
    }

    /// <summary>The device pinged: it wants to know that nothing is missing.</summary>
    public void OnPing() => _completeAt = TimeSpan.Zero;

    // False where the lane is full and the follow must be looked at again.
    private bool TryDeliver(Follow follow)
    {
        if (follow.State == FollowState.Gone)
            return true;
        if (follow.State == FollowState.Live && !TryDeliverLive(follow))
            return false;
        if (follow.Limit != ulong.MaxValue && follow.WasAnnounced)
            End(follow, HoliCode.Removed);
        if (_core.Out.PendingBytes(Lane.Interactive) >= _core.Limits.LiveBytes && follow.Watch is not null)
            return false;
        _watches.SendNews(follow);
        return true;
    }

    private bool TryDeliverLive(Follow follow)
    {
        var through = follow.Visible;
        while (follow.Sent < through)
        {
            if (_core.Out.PendingBytes(follow.LiveLane) >= _core.Limits.LiveBytes)
                return false;
            if (!follow.Topic.TryGetFrame(follow.Sent + 1, out var frame))
            {
                Lapse(follow);
                _catchUp.FallBehind(follow);
                return true;
            }
            if (!_core.Out.TryShare(follow.LiveLane, frame))
                return false;
            follow.Sent++;
        }
        return true;
    }

    private void OnWentLive(Follow follow)
    {
        _anyComplete = true;
        follow.State = FollowState.Live;
        follow.WasComplete = true;
        Unlapse(follow);
        MakeReady(follow);
    }

    private void MakeReady(Follow follow)
    {
        if (follow.IsReady)
            return;
        follow.IsReady = true;
        _ready.Enqueue(follow);
    }

    private void SendGone(uint number, HoliCode code)
    {
        new TopicGoneFrame(number, default, code).Write(Outgoing.Begin());
        _core.Out.Send(Lane.Interactive);
    }

    // "Everything that was ever complete still is" (§8.5): true only if nothing waits. Said with each Pong, and with the first that comes half
    // a heartbeat after the last time; since a device sends something in every heartbeat, that needs no timer.
    private void SendComplete()
    {
        if (!_anyComplete || _lapsed > 0 || _ready.Count > 0 || _core.Now.Since < _completeAt)
            return;
        new CompleteFrame(0, 0, _core.Now.UnixMs).Write(Outgoing.Begin());
        _core.Out.Send(Lane.Interactive);
        _completeAt = _core.Now.Since + (_core.Limits.Heartbeat / 2);
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
