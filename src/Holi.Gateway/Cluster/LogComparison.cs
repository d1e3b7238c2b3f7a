using Holi.Gateway.Auth;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Cluster;

/// <summary>When the log is to be compared next. No clock; one owner, but for <see cref="Hurry"/>.</summary>
internal sealed class ComparisonPace(ClusterLimits limits)
{
    private TimeSpan _begunAt = TimeSpan.MinValue;
    private volatile bool _hurry;

    /// <summary>Something may have been missed: at the next opportunity, and everything.</summary>
    public void Hurry() => _hurry = true;

    /// <summary>True where a round begins now.</summary>
    public bool TryBegin(TimeSpan now, bool isLineHealthy, out bool isHurried)
    {
        isHurried = false;
        var interval = isLineHealthy && !_hurry ? limits.CompareInterval : limits.CompareIntervalAlone;
        // A timer may come a moment early; the next would be a whole interval late.
        if (_begunAt != TimeSpan.MinValue && now - _begunAt < interval * 0.9)
            return false;
        isHurried = _hurry;
        _hurry = false;
        _begunAt = now;
        return true;
    }
}

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
    private int _nextTopic, _nextDevice, _nextWatched;
    private long _revoked, _rounds;

    /// <summary>Rounds that came to their end.</summary>
    public long Rounds => Volatile.Read(ref _rounds);

    /// <summary>One round; <paramref name="isWhole"/> compares all there is, however much.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now; the next round goes on where this one ended.</exception>
    public async ValueTask RoundAsync(bool isWhole)
    {
        var max = isWhole ? int.MaxValue : limits.ComparePerRound;
        if (isWhole)
            (_nextTopic, _nextDevice) = (0, 0);
        var left = max;
        do
            left -= await CompareTopicsAsync().ConfigureAwait(false);
        while (_nextTopic > 0 && left > 0);
        left = max;
        do
            left -= await CompareDevicesAsync().ConfigureAwait(false);
        while (_nextDevice > 0 && left > 0);
        await CompareRevokedAsync().ConfigureAwait(false);
        await CompareWatchedAsync().ConfigureAwait(false);
        Interlocked.Increment(ref _rounds);
    }

    private async ValueTask<int> CompareTopicsAsync()
    {
        _heads.Clear();
        _ids.Clear();
        var next = hub.CopyHeads(_nextTopic, limits.CompareSlice, _heads);
        foreach (var head in _heads)
            _ids.Add(head.Topic.TopicId);
        if (_ids.Count > 0)
        {
            var heads = await store.ReadHeadsAsync(_ids, stopping).ConfigureAwait(false);
            hub.Compare(_heads, heads.ToDictionary(head => head.TopicId, head => head.Head));
        }
        _nextTopic = next;
        return limits.CompareSlice;
    }

    private async ValueTask<int> CompareDevicesAsync()
    {
        _ids.Clear();
        var next = devices.Copy(_nextDevice, limits.CompareSlice, _ids);
        if (_ids.Count > 0)
        {
            foreach (var (deviceId, fence) in await store.ReadFencesAsync(_ids, stopping).ConfigureAwait(false))
                devices.Opened(deviceId, fence);
        }
        _nextDevice = next;
        return limits.CompareSlice;
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

    private async ValueTask CompareWatchedAsync()
    {
        _watched.Clear();
        _nextWatched = hub.CopyWatched(_nextWatched, limits.RoomsPerRound, _watched);
        foreach (var topic in _watched)
            hub.MoveAll(topic, await store.ReadMembersAsync(topic.TopicId, stopping).ConfigureAwait(false));
    }
}
