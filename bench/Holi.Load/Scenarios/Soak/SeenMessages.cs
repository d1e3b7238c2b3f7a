namespace Holi.Load.Scenarios.Soak;

/// <summary>What has arrived of numbered messages, of which each pair has every so manieth. Pairs may be counted at the same time.</summary>
internal sealed class SeenMessages(int pairs)
{
    private readonly int[] _last = [.. Enumerable.Range(0, pairs).Select(pair => pair - pairs)];
    private long _count, _repeated, _outOfOrder;

    /// <summary>Arrivals.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Messages.</summary>
    public long Distinct => Count - Interlocked.Read(ref _repeated);

    public long OutOfOrder => Interlocked.Read(ref _outOfOrder);

    /// <summary>Called by one at a time for each pair.</summary>
    public void Add(int pair, int message)
    {
        Interlocked.Increment(ref _count);
        if (message <= _last[pair])
        {
            // Either it came before, or its place was passed over and is counted there.
            Interlocked.Increment(ref _repeated);
            return;
        }
        if (message != _last[pair] + pairs)
            Interlocked.Increment(ref _outOfOrder);
        _last[pair] = message;
    }
}
