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
    // So many are looked through as fast as they are looked up, and most devices know fewer.
    private const int FewMost = 16;

    private Follow[] _known = [];
    private int _count;
    private Dictionary<uint, int>? _places;

    public int Followed { get; set; }

    public ReadOnlySpan<Follow> All => _known.AsSpan(0, _count);

    /// <summary>A number the device used; unknown ones end the connection (4413).</summary>
    public bool TryGet(uint number, out Follow follow)
    {
        var place = PlaceOf(number);
        follow = place < 0 ? null! : _known[place];
        if (place >= 0)
            return true;
        core.Fail(HoliCode.UnknownTopicNumber);
        return false;
    }

    public Follow? Find(string topicName)
    {
        foreach (var follow in All)
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
        Add(follow!);
        if (_count > core.Limits.KnownTopics)
            core.Fail(HoliCode.GoingAway);
        return true;
    }

    /// <summary>The user is a member again of a topic that the connection knows: a new place at it, under the same number.</summary>
    public Follow Renew(Follow gone, Membership membership)
    {
        var follow = new Follow(gone.Topic, core.Marks!, membership);
        core.Hub.Replace(gone, follow);
        gone.Announcement = null;
        _known[PlaceOf(follow.Number)] = follow;
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
        foreach (var follow in All)
        {
            if (follow.Watch is not null)
                core.Hub.Unwatch(follow);
            core.Hub.Forget(follow);
        }
        (_known, _count, _places) = ([], 0, null);
    }

    private void Add(Follow follow)
    {
        if (_count == _known.Length)
            Array.Resize(ref _known, Math.Max(2, 2 * _count));
        _known[_count++] = follow;
        if (_count > FewMost)
            (_places ??= Places()).Add(follow.Number, _count - 1);
    }

    // Of all but the newest.
    private Dictionary<uint, int> Places()
    {
        var places = new Dictionary<uint, int>();
        for (var place = 0; place < _count - 1; place++)
            places.Add(_known[place].Number, place);
        return places;
    }

    private int PlaceOf(uint number)
    {
        if (_places is not null)
            return _places.GetValueOrDefault(number, -1);
        for (var place = 0; place < _count; place++)
        {
            if (_known[place].Number == number)
                return place;
        }
        return -1;
    }
}
