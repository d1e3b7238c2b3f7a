using System.Collections.Concurrent;

namespace Holi.Load.Devices;

/// <summary>
/// When light devices acknowledge: as the SDK does, together, so long after the first event that is not acknowledged yet. One timer for all of them.
/// </summary>
internal static class LateAcks
{
    /// <summary>The SDK's time until a sync (<c>EngineLimits.SyncWithin</c>).</summary>
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // In the order in which they are due.
    private static readonly ConcurrentQueue<(long Since, Func<Task> Acknowledge)> Waiting = new();

    static LateAcks() => _ = LookAsync();

    /// <summary>Calls <paramref name="acknowledge"/> once, later; it must not throw.</summary>
    public static void Add(Func<Task> acknowledge) => Waiting.Enqueue((TimeProvider.System.GetTimestamp(), acknowledge));

    private static async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Look, TimeProvider.System);
        while (await timer.WaitForNextTickAsync())
        {
            while (Waiting.TryPeek(out var first) && TimeProvider.System.GetElapsedTime(first.Since) >= After && Waiting.TryDequeue(out first))
                _ = first.Acknowledge();
        }
    }
}
