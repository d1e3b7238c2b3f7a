namespace Holi.Gateway.Commit;

/// <summary>
/// When to cut the next batch. A commit costs nearly the same for one input as for twenty, so where more are surely coming a moment's waiting lets them
/// share one. A message that is alone waits for nobody: at a rate at which nothing would join it there is no wait, and so no timer.
/// Pure; one caller.
/// </summary>
public sealed class BatchPace(CommitLimits limits)
{
    // Fewer than so many expected to share a batch are not worth their wait.
    private const double WorthInputs = 2;

    // Over which time the rate is smoothed: long enough for a steady trickle, short enough to forget a burst before the next lone message.
    private static readonly TimeSpan Smoothing = TimeSpan.FromMilliseconds(50);

    private TimeSpan _last;
    private double _perSecond;

    /// <summary>Inputs a second, as of late.</summary>
    public double PerSecond => _perSecond;

    /// <summary>How long to let inputs gather before the next batch; zero to cut it now.</summary>
    /// <param name="waiting">Inputs that are there.</param>
    /// <param name="now">Since any fixed start.</param>
    public TimeSpan Wait(int waiting, TimeSpan now)
    {
        if (waiting >= limits.BatchInputsEnough || _perSecond * limits.BatchInterval.TotalSeconds < WorthInputs)
            return TimeSpan.Zero;
        var rest = _last + limits.BatchInterval - now;
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    /// <summary>A batch was cut.</summary>
    /// <param name="inputs">Of it.</param>
    /// <param name="now">Since the same start.</param>
    public void Cut(int inputs, TimeSpan now)
    {
        var passed = (now - _last).TotalSeconds;
        if (passed > 0)
            _perSecond += ((inputs / passed) - _perSecond) * (passed / (passed + Smoothing.TotalSeconds));
        _last = now;
    }
}
