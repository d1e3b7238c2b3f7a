using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Connections;

/// <summary>
/// Follows that begin after the opening: asked for by the device (§8.6), or because the user became a member. Each needs the membership from
/// the log; one is read at a time. If a membership of this user changes while it is read, it is read again.
/// </summary>
internal sealed class FollowDesk(ConnectionCore core, ReadyConnection parts, long backlog)
{
    // Asked: by a Follow frame, to be answered either way. Else because of a membership, followed as Hello's backlog says.
    private readonly record struct Request(string TopicName, uint Number, ulong Epoch, ulong Offset, ulong Backlog, bool Asked);

    private readonly Queue<Request> _waiting = new();
    private Request? _asked;
    private long _readAfterBatch;
    private bool _isStale;

    /// <summary>True where nothing waits.</summary>
    public bool IsDone => _asked is null && _waiting.Count == 0;

    public void OnFollow(in FollowFrame frame)
    {
        var name = frame.TopicNameText;
        if (frame.Topic != 0)
        {
            if (!parts.Table.TryGet(frame.Topic, out var known))
                return;
            name = known.Topic.Key.Name;
        }
        if (_waiting.Count >= core.Limits.RequestsWaiting)
            core.Error(HoliCode.Busy, topic: frame.Topic);
        else
            Ask(new Request(name, frame.Topic, frame.Epoch, frame.Offset, frame.Backlog, Asked: true));
    }

    public void OnUnfollow(in UnfollowFrame frame)
    {
        if (!parts.Table.TryGet(frame.Topic, out var follow))
            return;
        if (follow.State == FollowState.Gone)
            core.Error(HoliCode.NotFound, topic: frame.Topic);
        else
            parts.Delivery.End(follow, HoliCode.Done);
    }

    /// <summary>A membership of this user changed (told by the hub).</summary>
    public void OnMembershipChanged(in MembershipChange change)
    {
        _isStale = true;
        var follow = parts.Table.Find(change.Topic.Name);
        if (change.Present)
        {
            if (follow is { State: not FollowState.Gone } && change.Offset < follow.Limit)
                follow.Role = change.IsInvitation ? follow.Role : change.Role;
            else
                Ask(new Request(change.Topic.Name, follow?.Number ?? 0, 0, 0, BacklogOf(change.Topic.Name), Asked: false));
        }
        else if (follow is not null && change.Offset >= follow.First && change.Offset < follow.Limit)
        {
            // The hub sets the limit itself where it knew the follower in time; here is the follow that it could not know yet.
            follow.Limit = change.Offset;
            core.Marks!.Mark(follow);
        }
    }

    /// <summary>The membership asked for; null where the topic is absent or not theirs.</summary>
    public void OnMembership(Membership? membership)
    {
        var request = _asked!.Value;
        _asked = null;
        if (_isStale || (membership is not null && !TryBegin(request, membership)))
            Ask(request, first: true);
        else if (membership is null && request.Asked)
            Refuse(request, HoliCode.NotFound);
        AskNext();
    }

    private bool TryBegin(in Request request, Membership membership)
    {
        var follow = parts.Table.Find(membership.Name);
        if (follow is null)
        {
            if (!parts.Table.TryAdd(membership, _readAfterBatch, out follow))
                return false;
        }
        else if (membership.Epoch != follow.Topic.Epoch)
        {
            // The history was reset under this connection: it comes back and hears of it from the beginning.
            core.Fail(HoliCode.GoingAway);
            return true;
        }
        else if (follow.IsLimited && membership.Head < follow.Limit)
        {
            // Read before the removal that ended it: it says nothing of a return.
            return false;
        }
        else if (follow.State == FollowState.Gone || follow.IsLimited)
        {
            parts.Delivery.End(follow, HoliCode.Removed);
            follow = parts.Table.Renew(follow, membership);
        }
        else if (!request.Asked)
        {
            // Told twice of one membership before the first was read: it is followed already, and going back would make its acks impossible.
            follow.Role = membership.Member.Role;
            return true;
        }
        follow!.Announcement = membership;
        follow.Role = membership.Member.Role;
        Begin(request, follow);
        parts.Delivery.Announce(follow);
        return true;
    }

    private void Begin(in Request request, Follow follow)
    {
        var full = !follow.IsFollowed && parts.Table.Followed >= core.Limits.FollowedTopics;
        if (!request.Asked && (backlog < 0 || full))
        {
            follow.BeginAnnounced();
            return;
        }
        if (full)
        {
            follow.BeginAnnounced();
            Refuse(request, HoliCode.LimitReached);
            return;
        }
        if (!follow.IsFollowed)
            parts.Table.Followed++;
        follow.Begin(request.Epoch, request.Offset, request.Backlog);
    }

    // An alert topic comes into being with its first alert, which must not be taken for an old one (§8.1).
    private ulong BacklogOf(string topicName) =>
        TopicName.TryParse(topicName, out var kind, out _) && kind == TopicKind.Alert ? ulong.MaxValue : (ulong)Math.Max(0, backlog);

    private void Refuse(in Request request, HoliCode code)
    {
        core.Error(code, topic: request.Number);
        if (code == HoliCode.NotFound)
            parts.Attempts.OnRequest();
    }

    private void Ask(in Request request, bool first = false)
    {
        _waiting.Enqueue(request);
        // A read that must be repeated keeps its turn: answers come in the order of the questions.
        for (var others = first ? _waiting.Count - 1 : 0; others > 0; others--)
            _waiting.Enqueue(_waiting.Dequeue());
        AskNext();
    }

    private void AskNext()
    {
        if (_asked is not null || !core.IsOpen || !_waiting.TryDequeue(out var next))
            return;
        _asked = next;
        _isStale = false;
        _readAfterBatch = core.Hub.Batch;
        if (TopicName.IsValid(next.TopicName))
            core.Host.ReadMembership(core.Key.Tenant, core.Key.User, next.TopicName);
        else
            OnMembership(null);
    }
}
