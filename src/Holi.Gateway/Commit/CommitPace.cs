namespace Holi.Gateway.Commit;

/// <summary>
/// When the next batch may begin. A batch costs several times what a message in it costs (a transaction, pages, a sync), and on a fast disk
/// the committer is back so soon that each message gets a batch of its own: most of a small machine then goes into commits. So where
/// batches come back to back they begin a little apart, and what comes meanwhile goes along.
/// <code>
/// idle       an input begins a batch at once                       → gathering, when a batch's end finds inputs that came meanwhile
/// gathering  a batch begins BatchSpacing after the last one began, → idle, when a batch was of one input: nobody else gains
///            or at once when GatherInputs wait
/// </code>
/// One who waits for each answer before saying the next thing never meets the delay. Pure; one caller, the committer's loop.
/// </summary>
public sealed class CommitPace(CommitLimits limits)
{
    // What timers can do. Less is not waited for: a timer set to a part of a step fires at once.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    private TimeSpan _mayBegin;
    private bool _gathers;

    /// <summary>How long the next batch still gathers; zero where it may begin.</summary>
    /// <param name="now">Since any fixed start.</param>
    /// <param name="waiting">Inputs that wait, without delivered positions: those have their own time.</param>
    public TimeSpan Remaining(TimeSpan now, int waiting) =>
        !_gathers || waiting >= limits.GatherInputs || _mayBegin - now < Step ? TimeSpan.Zero : _mayBegin - now;

    /// <summary>A batch begins.</summary>
    public void Began(TimeSpan now, int inputs)
    {
        _mayBegin = now + limits.BatchSpacing;
        if (inputs <= 1)
            _gathers = false;
    }

    /// <summary>It is on disk and answered; <paramref name="waiting"/> came meanwhile.</summary>
    public void Ended(int waiting)
    {
        if (waiting > 0)
            _gathers = true;
    }
}
