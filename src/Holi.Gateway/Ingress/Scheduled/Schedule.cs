using Holi.Gateway.Connections;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Ingress.Scheduled;

/// <summary>
/// When to look for publications that are due, and which of them to deliver. A plain object: what was found and the time go in.
/// <para>The log knows what is scheduled; this knows the earliest time among it, so that nothing is looked for in vain. Waiting goes by a monotonic
/// clock and what is due by the gateway's own, which may be set: so while anything waits the clock is looked at every
/// <see cref="GatewayLimits.ScheduleClockInterval"/>, and a step of it is seen in time.</para>
/// <para>Where the log has a clock of its own, that one counts, and ours is only by how much it differs: it is compared at every look.</para>
/// <para>Where other nodes write the log, too, it is looked at every <see cref="GatewayLimits.ScheduleLookInterval"/>: what another node scheduled is
/// delivered though that node is gone. All nodes may deliver one publication at once; the log lets one of them.</para>
/// </summary>
internal sealed class Schedule(GatewayLimits limits, bool isShared)
{
    // Never looked, failed, or left something behind: look again then, whatever the clock says.
    private TimeSpan _lookAt = TimeSpan.Zero;
    // The earliest time that is known; what is noted while a look is on its way may not be in what that finds.
    private long? _nextMs, _notedMs;
    private long _aheadMs;
    private bool _isLooking;
    private int _delivering;
    private bool _leftBehind;

    /// <summary>Something was scheduled for this time.</summary>
    public void Note(long dueMs)
    {
        _nextMs = Earlier(_nextMs, dueMs);
        _notedMs = Earlier(_notedMs, dueMs);
    }

    /// <summary>True where it is time to look: then call <see cref="Found"/> or <see cref="LookFailed"/>. Not while anything is being delivered.</summary>
    public bool TryBeginLook(in Instant now)
    {
        if (_isLooking || _delivering > 0 || (now.Since < _lookAt && !(_nextMs <= Clock(now))))
            return false;
        (_isLooking, _notedMs) = (true, null);
        return true;
    }

    /// <summary>
    /// What waits in the log, the first <see cref="GatewayLimits.ScheduledPerLook"/> of it. Gives those that are due, in order, as many as have room in
    /// one batch; each is answered by <see cref="Delivered"/>.
    /// </summary>
    public IReadOnlyList<WaitingPublication> Found(ScheduledPublications found, in Instant now)
    {
        _isLooking = false;
        _aheadMs = found.TimeMs - now.UnixMs ?? 0;
        var (waiting, clock) = (found.First, Clock(now));
        var due = new List<WaitingPublication>();
        var bytes = 0L;
        foreach (var publication in waiting)
        {
            bytes += publication.PayloadBytes;
            if (publication.DueMs > clock || (due.Count > 0 && bytes > limits.Commits.BatchBytesMax))
                break;
            due.Add(publication);
        }
        var isAll = waiting.Count < limits.ScheduledPerLook;
        long? next = due.Count < waiting.Count ? waiting[due.Count].DueMs : isAll ? null : clock;
        _nextMs = Earlier(next, _notedMs);
        _lookAt = isShared ? now.Since + limits.ScheduleLookInterval : TimeSpan.MaxValue;
        (_delivering, _leftBehind) = (due.Count, false);
        return due;
    }

    /// <summary>The log could not be read.</summary>
    public void LookFailed(in Instant now)
    {
        _isLooking = false;
        LookAgain(now);
    }

    /// <summary>One of those that were due was decided; or it was not, because another node has it or because there was no room for it.</summary>
    public void Delivered(bool isDecided, in Instant now)
    {
        _delivering--;
        _leftBehind |= !isDecided;
        if (_delivering == 0 && _leftBehind)
            LookAgain(now);
    }

    /// <summary>How long until there is something to do, if nothing is told before; null: until something is told.</summary>
    public TimeSpan? Wait(in Instant now)
    {
        if (_isLooking || _delivering > 0)
            return null;
        TimeSpan? untilLook = _lookAt == TimeSpan.MaxValue ? null : Positive(_lookAt - now.Since);
        if (_nextMs is not { } next)
            return untilLook;
        var untilDue = Positive(Earlier(TimeSpan.FromMilliseconds(next - Clock(now)), limits.ScheduleClockInterval));
        return untilLook is { } look ? Earlier(look, untilDue) : untilDue;
    }

    // Not at once, though something is due: the next look finds its time again.
    private void LookAgain(in Instant now) => (_lookAt, _nextMs) = (now.Since + limits.ScheduleRetry, null);

    private long Clock(in Instant now) => now.UnixMs + _aheadMs;

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static long? Earlier(long? one, long? other) => one is null || other < one ? other : one;
}
