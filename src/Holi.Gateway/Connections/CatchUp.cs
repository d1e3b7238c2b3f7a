using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// Catch-up of any depth: announcements first, then one topic after the other, one page at a time, the next only when the lane has left it.
/// So a device holds at most a page of this gateway's memory, however far behind it is and however slowly it reads.
/// <para>Invariants: a topic's frames stand in one lane at a time, and change lanes only when the one they leave is empty; nothing beyond
/// the published head, nor at or beyond the follow's limit, is ever put into a lane.</para>
/// </summary>
internal sealed class CatchUp(ConnectionCore core, HistoryDesk history)
{
    private readonly Queue<Follow> _announcing = new();
    private readonly Queue<Follow> _behind = new();
    private Follow? _current;
    private (Follow Follow, ulong After)? _asked;
    private IReadOnlyList<StoredEvent>? _page;
    private Lane _lane = Lane.Bulk;

    /// <summary>Called when a follow has reached the head; its Complete is in its lane.</summary>
    public required Action<Follow> WentLive { get; init; }

    /// <summary>Called when a follow that is being caught up turns out to have ended.</summary>
    public required Action<Follow> Removed { get; init; }

    /// <summary>Sends the Topic frame, and then what the follow's state says.</summary>
    public void Announce(Follow follow) => _announcing.Enqueue(follow);

    /// <summary>The tail does not hold what this follow needs next.</summary>
    public void Begin(Follow follow)
    {
        follow.State = FollowState.CatchingUp;
        _behind.Enqueue(follow);
    }

    /// <summary>The page asked for.</summary>
    public void OnEvents(IReadOnlyList<StoredEvent> page)
    {
        var (follow, after) = _asked!.Value;
        _asked = null;
        // Whatever happened to the follow meanwhile, a page that does not continue it is not for it.
        if (ReferenceEquals(follow, _current) && follow.Sent == after && follow.Announcement is null)
            _page = page;
    }

    /// <summary>Puts the next things into their lanes, as far as there is room.</summary>
    public void Step()
    {
        while (core.IsOpen && (_announcing.Count > 0 ? StepAnnouncing() : core.Out.IsEmpty(_lane) && StepPages()))
        {
        }
    }

    private bool StepAnnouncing()
    {
        var follow = _announcing.Peek();
        // Announced once before, it may still have frames in a lane.
        if (follow.WasAnnounced && !(core.Out.IsEmpty(Lane.Bulk) && core.Out.IsEmpty(follow.LiveLane)))
            return false;
        if (core.Out.PendingBytes(Lane.Bulk) >= core.Limits.LiveBytes || core.Out.PendingBytes(follow.LiveLane) >= core.Limits.LiveBytes)
            return false;
        _announcing.Dequeue();
        if (follow.Announcement is { } announcement)
            PutTopic(follow, announcement);
        return true;
    }

    private void PutTopic(Follow follow, Membership known)
    {
        follow.Announcement = null;
        follow.WasAnnounced = true;
        var head = Math.Max(known.Head, follow.Topic.Head);
        var isBehind = follow.State == FollowState.CatchingUp && follow.Sent < follow.Topic.Head;
        var lane = isBehind ? follow.CatchUpLane : follow.LiveLane;
        var frame = new TopicFrame
        {
            Number = follow.Number, Name = known.Name, Epoch = known.Epoch, Head = head, First = follow.First, Start = follow.Sent,
            Read = known.Member.Read, Delivered = known.Member.Delivered, Role = known.Member.Role, Member = follow.Member,
            Title = known.Title, Members = (uint)known.Members,
        };
        frame.Write(Outgoing.Begin());
        core.Out.Send(lane);
        if (follow.Sent > follow.DeviceCursor)
            PutSkip(follow, lane, follow.Sent, follow.Sent > follow.First - 1 ? SkipReason.BeyondBacklog : SkipReason.NotVisible);
        // Who was removed meanwhile is told so after the Topic frame: Welcome promised so many of them.
        if (follow.Limit != ulong.MaxValue)
            Removed(follow);
        else if (isBehind)
            _behind.Enqueue(follow);
        else if (follow.State == FollowState.CatchingUp)
            GoLive(follow);
    }

    private bool StepPages()
    {
        _lane = Lane.Bulk;
        if (core.Out.IsEmpty(_lane) && history.TryPut())
            return true;
        return _current is not null ? StepCurrent(_current) : _behind.TryDequeue(out _current);
    }

    private bool StepCurrent(Follow follow)
    {
        if (follow.State != FollowState.CatchingUp || follow.Announcement is not null)
            return Finish();
        if (follow.Limit != ulong.MaxValue)
        {
            Removed(follow);
            return Finish();
        }
        // Fell behind while live: what the live lane still holds of it goes first.
        if (follow.WasComplete && !core.Out.IsEmpty(follow.LiveLane))
            return false;
        if (follow.Sent >= follow.Topic.Head)
        {
            GoLive(follow);
            return Finish();
        }
        _lane = follow.CatchUpLane;
        if (_page is { } page)
        {
            _page = null;
            PutPage(follow, page);
            return true;
        }
        return PutTail(follow) || Ask(follow);
    }

    private bool Finish()
    {
        _current = null;
        _page = null;
        return true;
    }

    private void GoLive(Follow follow)
    {
        follow.State = FollowState.Live;
        follow.WasComplete = true;
        new CompleteFrame(follow.Number, follow.Sent, core.Now.UnixMs).Write(Outgoing.Begin());
        core.Out.Send(follow.LiveLane);
        WentLive(follow);
    }

    private bool PutTail(Follow follow)
    {
        var put = 0;
        var through = follow.Visible;
        while (follow.Sent < through && put < core.Limits.PageBytes && follow.Topic.TryGetFrame(follow.Sent + 1, out var frame)
            && core.Out.TryShare(_lane, frame))
        {
            follow.Sent++;
            put += frame.Length;
        }
        return put > 0;
    }

    private bool Ask(Follow follow)
    {
        if (_asked is null)
        {
            _asked = (follow, follow.Sent);
            core.Host.ReadEvents(follow.Topic.TopicId, follow.Sent, core.Limits.PageEvents, core.Limits.PageBytes);
        }
        // The host may have answered already.
        return _page is not null;
    }

    private void PutPage(Follow follow, IReadOnlyList<StoredEvent> page)
    {
        // The log may be ahead of what was published; what is not published may belong to somebody's removal.
        var through = follow.Visible;
        var output = new ArrayBufferWriter<byte>(EventEncoding.BytesMax(page));
        foreach (var stored in page)
        {
            if (stored.Offset > through)
                break;
            if (stored.Offset > follow.Sent + 1)
                PutSkip(follow, _lane, stored.Offset - 1, SkipReason.Removed);
            // The page's frames share one piece of memory and are cut out of it by reference.
            var start = output.WrittenCount;
            EventEncoding.Write(output, follow.Number, stored, core.Hub.TimeBaseMs);
            if (!core.Out.TryShare(_lane, output.WrittenMemory[start..]))
                return;
            follow.Sent = stored.Offset;
        }
        // Below the head there is nothing left to read: it was removed from the log.
        if (page.Count == 0 && follow.Sent < through)
            PutSkip(follow, _lane, through, SkipReason.Removed);
    }

    private void PutSkip(Follow follow, Lane lane, ulong through, SkipReason reason)
    {
        new SkipFrame(follow.Number, through, reason).Write(Outgoing.Begin());
        core.Out.Send(lane);
        follow.Sent = through;
    }
}
