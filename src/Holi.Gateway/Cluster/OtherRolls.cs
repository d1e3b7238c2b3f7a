using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Connections;
using Holi.Gateway.Presence;

namespace Holi.Gateway.Cluster;

/// <summary>
/// Who is connected to other gateways, as they tell. Each gateway's roll has a version; news that continue it are taken in, and where something is missing
/// the whole is asked for. A gateway that was not heard for the lease is gone, and so is who was there.
/// <code>
/// heard                                then
/// news from our version on             applied
/// news up to our version, or below     ignored: they came twice
/// news beyond our version              the whole roll is asked for; until it comes the old one counts
/// pages of one version, in order       replace the roll with the last one
/// farewell                             gone after the time in which people come back
/// nothing for the lease                gone
/// </code>
/// No clock; under its own lock, which is taken before that of <see cref="People"/>.
/// </summary>
internal sealed class OtherRolls(ClusterLimits limits, TimeSpan presenceGrace, People people)
{
    private sealed class Node
    {
        public ulong Version;
        public HashSet<PersonKey> Here = [];
        public TimeSpan GoneAt;
        public long HeardAtMs;
        public TimeSpan AskedAt = TimeSpan.MinValue;
        public bool IsLeaving;
        // A roll that is coming, page by page.
        public HashSet<PersonKey>? Coming;
        public ulong ComingVersion, NextPage;
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, Node> _nodes = [];
    private int _people;
    private TimeSpan? _sweptAt;

    /// <summary>Other gateways that are there.</summary>
    public int Nodes
    {
        get
        {
            lock (_lock)
                return _nodes.Count;
        }
    }

    /// <summary>A gateway's news. True where its whole roll is to be asked for.</summary>
    public bool OnNews(NodeId origin, ref MessageReader reader, Instant now)
    {
        var (from, to) = (reader.Number(), reader.Number());
        lock (_lock)
        {
            if (reader.IsBad || Hear(origin, now) is not { } node || to <= node.Version)
                return false;
            if (from != node.Version)
                return MayAsk(node, now);
            while (RollNews.TryReadNext(ref reader, out var change))
            {
                if (change.Online)
                    Arrive(node, change.Who);
                else
                    Leave(node, change.Who, change.LastSeenMs);
            }
            // What could not be read is missing, and the next news will show it.
            if (!reader.IsBad)
                node.Version = to;
            return false;
        }
    }

    /// <summary>A page of a gateway's whole roll.</summary>
    public void OnPage(NodeId origin, ref MessageReader reader, Instant now)
    {
        var (version, page, isLast) = (reader.Number(), reader.Number(), reader.Number(1) == 1);
        lock (_lock)
        {
            if (reader.IsBad || Hear(origin, now) is not { } node || version < node.Version)
                return;
            if (page == 0)
                (node.Coming, node.ComingVersion, node.NextPage) = ([], version, 0);
            if (node.Coming is not { } coming || version != node.ComingVersion || page != node.NextPage)
                return;
            // Over all rolls that are coming.
            var room = limits.PeopleMax - _nodes.Values.Sum(other => other.Coming?.Count ?? 0);
            for (; room > 0 && RollPage.TryReadNext(ref reader, out var who); room--)
                coming.Add(who);
            if (reader.IsBad)
                node.Coming = null;
            else if (isLast)
                Replace(node, coming, now);
            else
                node.NextPage++;
        }
    }

    /// <summary>A gateway is about to end. Its people get the time to come back that they get after a blip.</summary>
    public void OnFarewell(NodeId origin, Instant now)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(origin, out var node))
                return;
            node.IsLeaving = true;
            node.GoneAt = now.Since + presenceGrace;
        }
    }

    /// <summary>Lets go of gateways that were not heard for too long.</summary>
    public void Sweep(Instant now)
    {
        lock (_lock)
        {
            // A sweep that comes so late judges nobody: it was this gateway that was away, and what it was told waits to be heard.
            var wasAway = _sweptAt is { } before && now.Since - before > limits.Lease / 2;
            _sweptAt = now.Since;
            foreach (var (id, node) in _nodes)
            {
                if (now.Since < node.GoneAt)
                    continue;
                if (wasAway && !node.IsLeaving)
                    node.GoneAt = now.Since + limits.Lease;
                else
                    LetGo(id, node);
            }
        }
    }

    private Node? Hear(NodeId origin, Instant now)
    {
        if (!_nodes.TryGetValue(origin, out var node))
        {
            if (_nodes.Count >= limits.NodesMax)
                return null;
            _nodes.Add(origin, node = new Node());
        }
        if (!node.IsLeaving)
            node.GoneAt = now.Since + limits.Lease;
        node.HeardAtMs = now.UnixMs;
        return node;
    }

    private bool MayAsk(Node node, Instant now)
    {
        if (node.AskedAt != TimeSpan.MinValue && now.Since - node.AskedAt < limits.AskInterval)
            return false;
        node.AskedAt = now.Since;
        return true;
    }

    private void Replace(Node node, HashSet<PersonKey> here, Instant now)
    {
        node.Coming = null;
        node.Version = node.ComingVersion;
        foreach (var who in node.Here.Except(here).ToList())
            Leave(node, who, now.UnixMs);
        foreach (var who in here)
            Arrive(node, who);
    }

    private void LetGo(NodeId id, Node node)
    {
        foreach (var who in node.Here)
            people.LeftElsewhere(who.Tenant, who.User, node.HeardAtMs);
        _people -= node.Here.Count;
        _nodes.Remove(id);
    }

    private void Arrive(Node node, in PersonKey who)
    {
        if (_people >= limits.PeopleMax || !node.Here.Add(who))
            return;
        _people++;
        people.CameElsewhere(who.Tenant, who.User);
    }

    private void Leave(Node node, in PersonKey who, long lastSeenMs)
    {
        if (!node.Here.Remove(who))
            return;
        _people--;
        people.LeftElsewhere(who.Tenant, who.User, lastSeenMs);
    }
}
