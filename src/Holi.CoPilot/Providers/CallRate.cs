namespace Holi.CoPilot.Providers;

/// <summary>So many calls in any minute. Pure: the time comes in. Not thread-safe.</summary>
internal sealed class CallRate(int callsPerMinute)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<TimeSpan> _calls = new();

    /// <summary>Zero where a call may be made now, and is counted; else how long until one may.</summary>
    /// <param name="now">Any clock that does not go back.</param>
    public TimeSpan Take(TimeSpan now)
    {
        while (_calls.TryPeek(out var oldest) && now - oldest >= Window)
            _calls.Dequeue();
        if (_calls.Count >= callsPerMinute)
            return _calls.Peek() + Window - now;
        _calls.Enqueue(now);
        return TimeSpan.Zero;
    }
}
