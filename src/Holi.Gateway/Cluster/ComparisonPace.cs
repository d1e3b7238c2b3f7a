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
