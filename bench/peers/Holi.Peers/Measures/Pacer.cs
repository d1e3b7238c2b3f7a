using System.Runtime.InteropServices;

namespace Holi.Peers.Measures;

/// <summary>
/// Begins one thing after the other at a fixed rate, whether or not earlier ones are over (open loop). On a thread of its own that sleeps to the
/// microsecond: the runtime's timers round up to a whole millisecond, which would be counted as every peer's, and one that spins takes a core from them.
/// </summary>
internal sealed partial class Pacer(int rate, TimeProvider time)
{
    private static readonly TimeSpan LeadTime = TimeSpan.FromMilliseconds(200);

    private readonly long _start = time.GetTimestamp() + (long)(LeadTime.TotalSeconds * time.TimestampFrequency);

    /// <summary>How long ago a thing was due.</summary>
    public TimeSpan Since(int number) => time.GetElapsedTime(Due(number));

    /// <summary>Begins so many, each at its time; completes with the last one's beginning.</summary>
    public Task RunAsync(int count, Action<int> begin, CancellationToken cancel) => Task.Factory.StartNew(
        () =>
        {
            for (var number = 0; number < count; number++)
            {
                while (time.GetTimestamp() is var now && now < Due(number))
                    Sleep(time.GetElapsedTime(now, Due(number)));
                cancel.ThrowIfCancellationRequested();
                begin(number);
            }
        },
        cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private long Due(int number) => _start + (long)((double)number / rate * time.TimestampFrequency);

    private static void Sleep(TimeSpan span)
    {
        var request = new Timespec((nint)span.TotalSeconds, (nint)(span.Ticks % TimeSpan.TicksPerSecond * 100));
        // What is left of an interrupted sleep is slept by the caller's loop.
        _ = NanoSleep(in request, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec request, nint remaining);

    private readonly record struct Timespec(nint Seconds, nint Nanoseconds);
}
