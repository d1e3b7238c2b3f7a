namespace Holi.Load.Scenarios;

/// <summary>
/// Begins one thing after the other at a fixed rate, whether or not earlier ones are over. On a thread of its own, since timers of the runtime
/// come up to several milliseconds late, which would be counted as the gateway's.
/// </summary>
internal sealed class OpenLoop(int rate, TimeProvider time)
{
    private static readonly TimeSpan LeadTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(1);

    private readonly long _start = time.GetTimestamp() + (long)(LeadTime.TotalSeconds * time.TimestampFrequency);

    /// <summary>How long ago a thing was due.</summary>
    public TimeSpan Since(int number) => time.GetElapsedTime(Due(number));

    /// <summary>Begins so many, each at its time; completes with the last one's beginning.</summary>
    public Task RunAsync(int count, Action<int> begin, CancellationToken cancel) =>
        Task.Factory.StartNew(
            () =>
            {
                for (var number = 0; number < count; number++)
                {
                    while (time.GetTimestamp() < Due(number))
                        cancel.WaitHandle.WaitOne(Wait);
                    cancel.ThrowIfCancellationRequested();
                    begin(number);
                }
            },
            cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private long Due(int number) => _start + (long)((double)number / rate * time.TimestampFrequency);
}
