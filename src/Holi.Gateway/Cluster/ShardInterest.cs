using Holi.Gateway.Cluster.Messages;

namespace Holi.Gateway.Cluster;

/// <summary>
/// Which shards hold a topic that is known here, and so must be heard. One that is needed is heard at once; one that is not needed any more is heard for
/// a while: people come back. Thread-safe; <see cref="Add"/> and <see cref="Remove"/> take no lock. No clock.
/// </summary>
public sealed class ShardInterest
{
    private sealed class Shard
    {
        public int Topics;
        public bool IsHeard;
        public TimeSpan NeededAt;
    }

    private readonly Lock _lock = new();
    private readonly Shard[] _shards = [.. Enumerable.Range(0, ClusterLimits.Shards).Select(_ => new Shard())];

    /// <summary>Called when a shard is needed that was not; must take no lock and return at once.</summary>
    public Action? Grown { get; set; }

    /// <summary>A topic is known here.</summary>
    public void Add(long topicId)
    {
        if (Interlocked.Increment(ref Of(topicId).Topics) == 1)
            Grown?.Invoke();
    }

    /// <summary>It is not any more.</summary>
    public void Remove(long topicId) => Interlocked.Decrement(ref Of(topicId).Topics);

    /// <summary>Says which shards are to be heard from now on, and which are not.</summary>
    public void Look(TimeSpan now, TimeSpan linger, Action<int> hear, Action<int> ignore)
    {
        lock (_lock)
        {
            for (var i = 0; i < _shards.Length; i++)
            {
                var shard = _shards[i];
                var isNeeded = Volatile.Read(ref shard.Topics) > 0;
                if (isNeeded)
                    shard.NeededAt = now;
                if (isNeeded && !shard.IsHeard)
                    hear(i);
                else if (shard.IsHeard && now - shard.NeededAt > linger)
                    ignore(i);
                shard.IsHeard = isNeeded || (shard.IsHeard && now - shard.NeededAt <= linger);
            }
        }
    }

    private Shard Of(long topicId) => _shards[WakeupWriter.ShardOf(topicId)];
}
