using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// Brings follows up to the head, one after the other: from the shared tail where it reaches back far enough, else from the log by pages, each
/// read only when the one before is in the lane. What has no room, or no credit, waits here as a cursor and at most one page.
/// <para>Invariant: nothing beyond the published head, nor at or beyond the follow's limit, is ever put into a lane.</para>
/// </summary>
internal sealed class PageFeed(ConnectionCore core, PageReader reader, CatchUp catchUp)
{
    private const int SmallFrameBytesMax = 40;

    private FollowQueue _waiting;
    private Follow? _current;
    private IReadOnlyList<StoredEvent>? _page;
    private int _place;

    public bool IsDone => _current is null && _waiting.Count == 0;

    public void Add(Follow follow) => _waiting.Enqueue(follow);

    /// <summary>Puts as much as there is room for.</summary>
    public void Step()
    {
        while (core.IsOpen && (_current is not null || _waiting.TryDequeue(out _current)))
        {
            if (IsOver(_current) || TryComplete(_current))
                (_current, _page) = (null, null);
            else
                return;
        }
    }

    /// <summary>The page that was asked for, as it was then.</summary>
    public void OnPage(Follow follow, ulong after, IReadOnlyList<StoredEvent> page)
    {
        // Whatever happened to the follow meanwhile, a page that does not continue it is not for it.
        if (ReferenceEquals(follow, _current) && follow.Sent == after && follow.Announcement is null)
            (_page, _place) = (page, 0);
    }

    private bool IsOver(Follow follow)
    {
        if (follow.State is not (FollowState.CatchingUp or FollowState.Behind) || follow.Announcement is not null)
            return true;
        if (!follow.IsLimited)
            return false;
        catchUp.OnRemoved(follow);
        return true;
    }

    private bool TryComplete(Follow follow)
    {
        while (follow.Sent < follow.Visible)
        {
            if (_page is null && follow.Topic.TryGetFrame(follow.Sent + 1, out var frame))
            {
                if (!core.Out.HasRoom(follow.Lane, frame.Length) || !core.Out.TryShare(follow.Lane, frame))
                    return false;
                follow.Sent++;
            }
            else if (_page is null)
            {
                // The host may answer at once.
                reader.Ask(this, follow);
                if (_page is null)
                    return false;
            }
            else if (!TryPut(follow, _page))
            {
                return false;
            }
        }
        if (!core.Out.HasRoom(follow.Lane, SmallFrameBytesMax))
            return false;
        new CompleteFrame(follow.Number, follow.Sent, core.Now.UnixMs).Write(Outgoing.Begin());
        core.Out.Send(follow.Lane);
        catchUp.OnCompleted(follow);
        return true;
    }

    // Puts the page's next event, or a Skip for what the log no longer has.
    private bool TryPut(Follow follow, IReadOnlyList<StoredEvent> page)
    {
        // The log may be ahead of what was published; what is not published may belong to somebody's removal.
        var through = follow.Visible;
        var next = _place < page.Count ? page[_place] : null;
        if (!core.Out.HasRoom(follow.Lane, SmallFrameBytesMax + EventEncoding.BytesMax(next)))
            return false;
        if (next is null || next.Offset > through)
        {
            if (page.Count == 0)
                PutSkip(follow, through);
            _page = null;
            return true;
        }
        if (next.Offset > follow.Sent + 1)
            PutSkip(follow, next.Offset - 1);
        EventEncoding.Write(Outgoing.Begin(), follow.Number, next, core.Hub.TimeBaseMs);
        core.Out.Send(follow.Lane);
        follow.Sent = next.Offset;
        _place++;
        return true;
    }

    private void PutSkip(Follow follow, ulong through)
    {
        new SkipFrame(follow.Number, through, SkipReason.Removed).Write(Outgoing.Begin());
        core.Out.Send(follow.Lane);
        follow.Sent = through;
    }
}
