namespace Holi.Simulation.Time;

/// <summary>A process's time: its timers wait while it is stopped, and are gone with it.</summary>
public sealed class ProcessClock(VirtualTime time, SimProcess process) : TimeProvider
{
    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ProcessTimer(process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ProcessTimer(SimProcess process, Action due) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _setting++;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Set(_setting, dueTime, period);
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(int setting, TimeSpan after, TimeSpan period) => process.After(after, () =>
        {
            if (setting != _setting)
                return;
            if (period != Timeout.InfiniteTimeSpan)
                Set(setting, period, period);
            due();
        });
    }
}
