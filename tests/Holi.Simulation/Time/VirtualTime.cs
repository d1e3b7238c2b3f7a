namespace Holi.Simulation.Time;

/// <summary>
/// The time of a run and everything that is going to happen in it. What is due at the same moment happens in the order in which it was asked
/// for, so a run is a function of its scenario.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    /// <summary>When every run begins, by the gateway's clock.</summary>
    public static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (long Ticks, long Order)> _due = new();
    private long _ticks;
    private long _order;

    /// <summary>Since the run began.</summary>
    public TimeSpan Now => new(_ticks);

    public long UnixMs => GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>How many things have happened.</summary>
    public long Happened { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => Beginning + new TimeSpan(_ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("A pure machine has no timer.");

    public void At(TimeSpan time, Action action) => _due.Enqueue(action, (Math.Max(time.Ticks, _ticks), ++_order));

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Lets the next thing happen, unless it is later than <paramref name="until"/>.</summary>
    public bool Step(TimeSpan until)
    {
        if (!_due.TryPeek(out var action, out var at) || at.Ticks > until.Ticks)
        {
            _ticks = Math.Max(_ticks, until.Ticks);
            return false;
        }
        _due.Dequeue();
        _ticks = at.Ticks;
        Happened++;
        action();
        return true;
    }
}
