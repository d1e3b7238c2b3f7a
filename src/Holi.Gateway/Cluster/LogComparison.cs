using Holi.Gateway.Auth;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Cluster;

/// <summary>
/// Compares with the log what wake-ups may have failed to tell: heads of known topics, fences of connected devices, positions of watched topics, revoked tokens. In slices, of
/// which a round takes a bounded number and the next goes on. This, and not the line, is what the promise rests on.
/// </summary>
internal sealed class LogComparison(
    TopicHub hub, LocalDevices devices, RevokedTokens revoked, ILogStore store, ClusterLimits limits, TimeProvider time, CancellationToken stopping)
{
    private readonly List<Hole> _heads = [];
    private readonly List<long> _ids = [];
    private readonly List<HubTopic> _watched = [];
    private readonly ComparisonCycle _topicCycle = new(), _deviceCycle = new(), _watchedCycle = new();
    private long _revoked, _rounds;

    /// <summary>Rounds that came to their end.</summary>
    public long Rounds => Volatile.Read(ref _rounds);

    /// <summary>One round; <paramref name="isWhole"/> compares all there is, however much.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now; the next round goes on where this one ended.</exception>
    public async ValueTask RoundAsync(bool isWhole)
    {
        // Before anything is copied: what is committed, or comes here, from now on shows in the next round's mark.
        var others = await store.ReadOthersAsync(stopping).ConfigureAwait(false);
        var (topics, seats) = (new ComparisonMark(others, hub.Arrivals), new ComparisonMark(others, devices.Changes));
        if (isWhole)
        {
            _topicCycle.Restart();
            _deviceCycle.Restart();
            _watchedCycle.Restart();
        }
        await CompareAsync(_topicCycle, topics, isWhole, CompareTopicsAsync).ConfigureAwait(false);
        await CompareAsync(_deviceCycle, seats, isWhole, CompareDevicesAsync).ConfigureAwait(false);
        await CompareRevokedAsync().ConfigureAwait(false);
        if (!_watchedCycle.IsIdle(topics))
        {
            _watchedCycle.Begin(topics);
            _watchedCycle.Advance(await CompareWatchedAsync(_watchedCycle.Next).ConfigureAwait(false));
        }
        Interlocked.Increment(ref _rounds);
    }

    private async ValueTask CompareAsync(ComparisonCycle cycle, ComparisonMark mark, bool isWhole, Func<int, ValueTask<int>> compare)
    {
        if (cycle.IsIdle(mark))
            return;
        var left = isWhole ? int.MaxValue : limits.ComparePerRound;
        do
        {
            cycle.Begin(mark);
            cycle.Advance(await compare(cycle.Next).ConfigureAwait(false));
            left -= limits.CompareSlice;
        }
        while (cycle.Next > 0 && left > 0);
    }

    private async ValueTask<int> CompareTopicsAsync(int from)
    {
        _heads.Clear();
        _ids.Clear();
        var next = hub.CopyHeads(from, limits.CompareSlice, _heads);
        foreach (var head in _heads)
            _ids.Add(head.Topic.TopicId);
        if (_ids.Count > 0)
        {
            var heads = await store.ReadHeadsAsync(_ids, stopping).ConfigureAwait(false);
            hub.Compare(_heads, heads.ToDictionary(head => head.TopicId, head => head.Head));
        }
        return next;
    }

    private async ValueTask<int> CompareDevicesAsync(int from)
    {
        _ids.Clear();
        var next = devices.Copy(from, limits.CompareSlice, _ids);
        if (_ids.Count > 0)
        {
            foreach (var (deviceId, fence) in await store.ReadFencesAsync(_ids, stopping).ConfigureAwait(false))
                devices.Opened(deviceId, fence);
        }
        return next;
    }

    // Only those that came since the last round: numbers are given in the order of the commits.
    private async ValueTask CompareRevokedAsync()
    {
        int count;
        do
        {
            var next = await store.ReadRevokedAsync(_revoked, limits.CompareSlice, stopping).ConfigureAwait(false);
            foreach (var (number, token) in next)
            {
                revoked.TakeOver(token, time.GetUtcNow().ToUnixTimeMilliseconds());
                _revoked = number;
            }
            count = next.Count;
        }
        while (count == limits.CompareSlice);
    }

    private async ValueTask<int> CompareWatchedAsync(int from)
    {
        _watched.Clear();
        var next = hub.CopyWatched(from, limits.RoomsPerRound, _watched);
        foreach (var topic in _watched)
            hub.MoveAll(topic, await store.ReadMembersAsync(topic.TopicId, stopping).ConfigureAwait(false));
        return next;
    }
}
