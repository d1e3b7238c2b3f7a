using Holi.Gateway.Commit;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>All that was ever committed, and who may see what of it: what two gateways' devices are judged by.</summary>
internal sealed class History
{
    private readonly Dictionary<(string Topic, ulong Offset), StoredEvent> _events = [];
    private readonly Dictionary<string, ulong> _heads = [];
    private readonly Dictionary<(string Topic, string User), List<(ulong First, ulong Limit)>> _ranges = [];
    private readonly Dictionary<string, List<(ulong Offset, string[] Users)>> _rosters = [];

    public IEnumerable<string> Topics => _heads.Keys;

    public void Add(BatchOutcome outcome)
    {
        foreach (var appended in outcome.Appended)
        {
            foreach (var stored in appended.Events)
                _events.Add((appended.Topic.Name, stored.Offset), stored);
            _heads[appended.Topic.Name] = appended.Events[^1].Offset;
        }
        foreach (var change in outcome.Memberships)
            Add(change);
    }

    public ulong Head(string topic) => _heads.GetValueOrDefault(topic);

    public StoredEvent Event(string topic, ulong offset) => _events[(topic, offset)];

    public bool IsMember(string topic, string user) => IsOwn(topic, user) || Ranges(topic, user) is [.., (_, ulong.MaxValue)];

    public bool MaySee(string topic, string user, ulong offset) =>
        IsOwn(topic, user) || Ranges(topic, user).Any(r => offset >= r.First && offset < r.Limit);

    /// <summary>The members were these at a moment that the user may see.</summary>
    public bool WasRoster(string topic, string user, string[] users)
    {
        var rosters = _rosters[topic];
        for (var i = 0; i < rosters.Count; i++)
        {
            var end = i + 1 < rosters.Count ? rosters[i + 1].Offset : ulong.MaxValue;
            if (rosters[i].Users.SequenceEqual(users) && Ranges(topic, user).Any(r => r.First < end && r.Limit > rosters[i].Offset))
                return true;
        }
        return false;
    }

    private void Add(MembershipChange change)
    {
        var ranges = Ranges(change.Topic.Name, change.User);
        var isMember = ranges is [.., (_, ulong.MaxValue)];
        if (change.Present && !isMember)
            ranges.Add((change.Offset, ulong.MaxValue));
        else if (!change.Present && isMember)
            ranges[^1] = (ranges[^1].First, change.Offset);
        else
            return;
        if (!_rosters.TryGetValue(change.Topic.Name, out var rosters))
            _rosters.Add(change.Topic.Name, rosters = []);
        var before = rosters.Count > 0 ? rosters[^1].Users : [];
        rosters.Add((change.Offset, change.Present ? [.. before.Append(change.User).Order()] : [.. before.Where(u => u != change.User)]));
    }

    private List<(ulong First, ulong Limit)> Ranges(string topic, string user)
    {
        if (!_ranges.TryGetValue((topic, user), out var ranges))
            _ranges.Add((topic, user), ranges = []);
        return ranges;
    }

    private static bool IsOwn(string topic, string user) => topic == $"user/{user}";
}
