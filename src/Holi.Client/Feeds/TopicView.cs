using Holi.Client.Engine;

namespace Holi.Client.Feeds;

/// <summary>A topic as the app sees it, from any thread: the engine's loop replaces what is here, nobody else does.</summary>
internal sealed class TopicView(string name)
{
    private volatile TopicChanged? _changed;
    private volatile ReplicaTopic? _stored;

    public string Name { get; } = name;

    /// <summary>As the engine knows it, perhaps ahead of the store.</summary>
    public ReplicaTopic? Now => _changed?.Topic ?? _stored;

    /// <summary>As the store has it: what readers may rely on.</summary>
    public ReplicaTopic? Stored => _stored;

    public ulong Epoch => _stored?.Epoch ?? 0;

    public ulong Cursor => _stored?.Cursor ?? 0;

    public void Set(ReplicaTopic stored) => _stored = stored;

    public void Set(TopicChanged changed) => _changed = changed;

    /// <summary>How fresh it is.</summary>
    public Staleness StalenessAt(TimeSpan now, AllComplete? all, TimeSpan heartbeat, bool isReady)
    {
        var changed = _changed;
        var topic = Now;
        if (topic is null || topic.CompleteAtMs == 0)
            return new Staleness(Freshness.Gapped, 0, null);
        // What was said of all topics at once counts for those that are complete on this connection.
        var isAll = changed is { IsComplete: true } && isReady && all is not null && all.AtMs > topic.CompleteAtMs;
        var at = isAll ? all!.At : changed?.CompleteAt;
        var isCurrent = isReady && changed is { IsComplete: true } && at is { } last && now - last < 2 * heartbeat;
        return new Staleness(
            isCurrent ? Freshness.Current : Freshness.Stale,
            isAll ? topic.Cursor : topic.CompleteThrough,
            DateTimeOffset.FromUnixTimeMilliseconds(isAll ? all!.AtMs : topic.CompleteAtMs));
    }
}
