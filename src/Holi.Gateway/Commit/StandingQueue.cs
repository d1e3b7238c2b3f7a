namespace Holi.Gateway.Commit;

/// <summary>
/// Does more wait than can be committed soon? A burst is what a queue is for; a queue that stays is latency for everybody and gains nothing. So what
/// waits is held against what was committed lately, and only where it is too much for a while on end is the queue said to stand. No clock.
/// </summary>
internal sealed class StandingQueue(CommitLimits limits)
{
    // A batch of a few inputs says nothing about how many could be committed.
    private const int TellingInputs = 64;
    private const double NewestShare = 0.3;

    private double _perSecond;
    private int _taken, _shortest;
    private TimeSpan _takenAt;
    private TimeSpan? _since;

    /// <summary>True where what waits has been too much for <see cref="CommitLimits.QueueDelayPatience"/>, and is still half of it.</summary>
    public bool Stands { get; private set; }

    /// <summary>As many inputs as were committed in <see cref="CommitLimits.QueueDelayMax"/> lately.</summary>
    public int Bound { get; private set; } = limits.QueueDelayInputsLeast;

    /// <summary>A batch of <paramref name="taken"/> is taken out of <paramref name="waiting"/>; the one before is committed.</summary>
    /// <param name="waiting">Inputs that waited.</param>
    /// <param name="taken">Of those, the batch.</param>
    /// <param name="heldBack">True where senders are waiting for room: what they hold is not seen in the queue.</param>
    /// <param name="now">Since any fixed start.</param>
    public void Taken(int waiting, int taken, bool heldBack, TimeSpan now)
    {
        if (_taken >= TellingInputs && waiting >= TellingInputs && now > _takenAt)
        {
            var perSecond = _taken / (now - _takenAt).TotalSeconds;
            _perSecond += (perSecond - _perSecond) * (_perSecond == 0 ? 1 : NewestShare);
            Bound = Math.Max(limits.QueueDelayInputsLeast, (int)(_perSecond * limits.QueueDelayMax.TotalSeconds));
        }
        (_taken, _takenAt) = (taken, now);
        if (waiting >= Bound)
        {
            // What came in a stall and is being worked off is no more than a burst: it stands only where it gets no shorter.
            if (_since is null || waiting < _shortest)
                (_since, _shortest) = (now, waiting);
            Stands |= now - _since >= limits.QueueDelayPatience;
        }
        else
        {
            _since = null;
            Stands &= waiting >= Bound / 2 || heldBack;
        }
    }
}
