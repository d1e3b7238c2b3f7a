using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// Topic frames, in the interactive lane, as many at a time as have room. What follows a Topic frame travels in another lane, so it is begun
/// only when the interactive lane has been empty since (§5.1).
/// </summary>
internal sealed class Announcements(ConnectionCore core, CatchUp catchUp)
{
    private FollowQueue _waiting;
    private FollowQueue _sending;

    public bool IsDone => _waiting.Count == 0 && _sending.Count == 0;

    public void Add(Follow follow) => _waiting.Enqueue(follow);

    /// <summary>Call it before anything else is put into the interactive lane.</summary>
    public void Step()
    {
        if (core.Out.IsEmpty(Lane.Interactive))
        {
            while (_sending.TryDequeue(out var sent))
                catchUp.OnAnnounced(sent);
        }
        while (_waiting.TryPeek(out var next) && MayAnnounce(next))
        {
            _waiting.TryDequeue(out _);
            if (next.Announcement is { } announcement)
                Put(next, announcement);
        }
    }

    private bool MayAnnounce(Follow follow)
    {
        if (core.Out.PendingBytes(Lane.Interactive) >= core.Limits.LiveBytes)
            return false;
        // Announced once before, it may still have frames in other lanes; and the TopicGone of an earlier membership may wait for the last of its frames.
        return follow.WasAnnounced
            ? core.Out.IsEmpty(Lane.Bulk) && core.Out.IsEmpty(follow.LiveLane)
            : !catchUp.IsEnding(follow.Number);
    }

    private void Put(Follow follow, Membership known)
    {
        follow.Announcement = null;
        follow.WasAnnounced = true;
        follow.AnnouncedHead = Math.Max(known.Head, follow.Visible);
        var frame = new TopicFrame
        {
            Number = follow.Number, Name = known.Name, Epoch = known.Epoch, Head = follow.AnnouncedHead,
            First = follow.First, Start = follow.Sent, Read = known.Member.Read, Delivered = known.Member.Delivered,
            Role = known.Member.Role, Member = follow.Member, Title = known.Title, Members = (uint)known.Members,
        };
        frame.Write(Outgoing.Begin());
        core.Out.Send(Lane.Interactive);
        _sending.Enqueue(follow);
    }
}
