namespace Holi.Gateway.Cluster;

/// <summary>
/// Whole rolls that are asked for, and by whom. Gathered until the next tick: a gateway that missed a thousand messages asks once, and one that asks ten
/// times is answered once, since each answer may be megabytes. No clock; thread-safe.
/// </summary>
internal sealed class Questions(ClusterLimits limits)
{
    private readonly Lock _lock = new();
    private readonly HashSet<NodeId> _askers = [];
    private TimeSpan? _askedAt;
    private bool _missed;

    /// <summary>What all gateways said may have been missed here.</summary>
    public void Missed()
    {
        lock (_lock)
            _missed = true;
    }

    /// <summary>Another gateway asks.</summary>
    public void Asked(NodeId asker)
    {
        lock (_lock)
        {
            if (_askers.Count < limits.NodesMax)
                _askers.Add(asker);
        }
    }

    /// <summary>True where all are to be asked now.</summary>
    public bool MayAsk(TimeSpan now)
    {
        lock (_lock)
        {
            if (!_missed || now - _askedAt < limits.AskInterval)
                return false;
            (_missed, _askedAt) = (false, now);
            return true;
        }
    }

    /// <summary>Who asked since this was last called.</summary>
    public IReadOnlyList<NodeId> TakeAskers()
    {
        lock (_lock)
        {
            if (_askers.Count == 0)
                return [];
            NodeId[] askers = [.. _askers];
            _askers.Clear();
            return askers;
        }
    }
}
