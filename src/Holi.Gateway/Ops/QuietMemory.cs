namespace Holi.Gateway.Ops;

/// <summary>
/// When to give memory back: after a burst (a deploy, a reconnect of everybody) the heap keeps what it needed then, and while hardly anything is
/// allocated no collection would come by itself. So once the gateway has been quiet for a while it collects and returns, when a pause of
/// some milliseconds delays nobody's message.
/// </summary>
internal sealed class QuietMemory
{
    /// <summary>Without a committed event for this long it is quiet.</summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(4);

    /// <summary>Less than this was allocated since the last time: not worth it.</summary>
    public const long WorthBytes = 16 << 20;

    private long _events = -1;
    private long _allocated;
    private TimeSpan _quietSince;

    /// <summary>True where a collection is due now; then it counts as done.</summary>
    /// <param name="events">Events committed so far.</param>
    /// <param name="allocated">Bytes allocated so far.</param>
    /// <param name="now">Monotonic.</param>
    public bool IsDue(long events, long allocated, TimeSpan now)
    {
        if (events != _events)
            (_events, _quietSince) = (events, now);
        if (now - _quietSince < QuietFor || allocated - _allocated < WorthBytes)
            return false;
        _allocated = allocated;
        return true;
    }

    /// <summary>Collects everything and returns what is free to the operating system.</summary>
    public static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
