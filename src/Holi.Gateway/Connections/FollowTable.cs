using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// The topics that one connection knows, by number. A number once announced stays known until the connection ends, so that a late frame
/// of the device never means another topic than it meant.
/// </summary>
internal sealed class FollowTable(ConnectionCore core)
{
    private readonly Dictionary<uint, Follow> _byNumber = [];

    public int Followed { get; set; }

    public Dictionary<uint, Follow>.ValueCollection All => _byNumber.Values;

    /// <summary>A number the device used; unknown ones end the connection (4413).</summary>
    public bool TryGet(uint number, out Follow follow)
    {
        if (_byNumber.TryGetValue(number, out follow!))
            return true;
        core.Fail(HoliCode.UnknownTopicNumber);
        return false;
    }

    public Follow? Find(string topicName)
    {
        foreach (var follow in _byNumber.Values)
        {
            if (follow.Topic.Key.Name == topicName)
                return follow;
        }
        return null;
    }

    /// <summary>Knows a topic for the first time. False where the membership was read too long ago.</summary>
    public bool TryAdd(Membership membership, long readAfterBatch, out Follow? follow)
    {
        var marks = core.Marks!;
        if (!core.Hub.TryFollow(membership, core.Key.Tenant, readAfterBatch, topic => new Follow(topic, marks, membership), out follow))
            return false;
        _byNumber.Add(follow!.Number, follow);
        if (_byNumber.Count > core.Limits.KnownTopics)
            core.Fail(HoliCode.GoingAway);
        return true;
    }

    /// <summary>The user is a member again of a topic that the connection knows: a new place at it, under the same number.</summary>
    public Follow Renew(Follow gone, Membership membership)
    {
        var follow = new Follow(gone.Topic, core.Marks!, membership);
        core.Hub.Replace(gone, follow);
        gone.Announcement = null;
        _byNumber[follow.Number] = follow;
        return follow;
    }

    /// <summary>The device has stored topics through offsets (§8.4).</summary>
    public void OnAck(in AckFrame ack)
    {
        foreach (var entry in ack.Entries)
        {
            if (!TryGet(entry.Topic, out var follow))
                return;
            if (entry.Offset > follow.Sent)
            {
                core.Fail(HoliCode.AckBeyondSent);
                return;
            }
            if (entry.Offset <= follow.Acked || follow.State == FollowState.Gone)
                continue;
            follow.Acked = entry.Offset;
            Deliver(follow);
        }
    }

    /// <summary>Tells the committer how far the device has stored: the delivered receipt.</summary>
    public void Deliver(Follow follow)
    {
        if (!core.Host.Submit(new SubmitDelivered(follow.Topic.Key, core.Key.User, follow.Acked)))
            core.Fail(HoliCode.Overloaded);
    }

    /// <summary>The connection is over.</summary>
    public void Clear()
    {
        foreach (var follow in _byNumber.Values)
        {
            if (follow.Watch is not null)
                core.Hub.Unwatch(follow);
            core.Hub.Forget(follow);
        }
        _byNumber.Clear();
    }
}
