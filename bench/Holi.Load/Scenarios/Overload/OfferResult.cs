using System.Collections.Concurrent;
using Holi.Load.Reports;

namespace Holi.Load.Scenarios.Overload;

/// <summary>What became of what was offered in one phase. Written by many devices at once.</summary>
/// <param name="time">The clock.</param>
internal sealed class OfferResult(TimeProvider time)
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(100);

    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();
    private long _offered;

    /// <summary>From sending to the Commit.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>From when it was due to when it was sent: this load's own share.</summary>
    public Latencies Lateness { get; } = new();

    public long Offered => Interlocked.Read(ref _offered);

    public long Refused => Offered - Latencies.Count;

    /// <summary>How connections were refused, and how often.</summary>
    public ConcurrentDictionary<string, int> Refusals { get; } = new();

    public double RetryHintMs { get; private set; }

    /// <summary>When the last message that took long was offered, since the phase began.</summary>
    public double LastLateMs { get; private set; }

    /// <summary>When the last message was offered by a device that was away or sent away, since the phase began.</summary>
    public double LastAwayMs { get; private set; }

    public void Offer(int messages, TimeSpan late)
    {
        Interlocked.Add(ref _offered, messages);
        Lateness.Record(late);
    }

    public void Committed(long sentAt)
    {
        var took = time.GetElapsedTime(sentAt);
        Latencies.Record(took);
        if (took <= Late)
            return;
        lock (_lock)
            LastLateMs = Math.Max(LastLateMs, time.GetElapsedTime(_start, sentAt).TotalMilliseconds);
    }

    /// <summary>It was offered by a device that was away, or is sent away.</summary>
    public void Away(long offeredAt)
    {
        lock (_lock)
            LastAwayMs = Math.Max(LastAwayMs, time.GetElapsedTime(_start, offeredAt).TotalMilliseconds);
    }

    public void Refuse(string how, TimeSpan hint)
    {
        Refusals.AddOrUpdate(how, 1, (_, times) => times + 1);
        lock (_lock)
            RetryHintMs = Math.Max(RetryHintMs, hint.TotalMilliseconds);
    }
}
