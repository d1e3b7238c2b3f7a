namespace Holi.Wire.Lanes;

/// <summary>
/// Fits the lanes under credit to the link (holi.v1.md §5.4). What is handed to a slow link cannot be called back: it lies in buffers, and what becomes
/// urgent waits behind it. Credit that comes back says what has arrived. So this measures how long a piece takes until its credit is back, and how long one takes
/// that is alone on the link: what it takes longer it has queued, and more is let out only while that is a moment. No clock; not thread-safe.
/// <para>Where a queue has built up, as much is let out as came back in the time that a piece alone and a moment take: the link's own pace, whatever it is.</para>
/// </summary>
internal sealed class LinkPace
{
    /// <summary>Before anything is known: a quarter of a second at 64 kbit/s, and one round trip of a fast link.</summary>
    public const int FirstBytes = 2_048;

    /// <summary>A part is never smaller: its headers, those of the layers below included, stay a tenth of it.</summary>
    public const int PieceBytesLeast = 512;

    /// <summary>How long pieces may queue up on the link.</summary>
    public static readonly TimeSpan QueueTime = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a part may take, where the smallest takes no longer.</summary>
    public static readonly TimeSpan PieceTime = TimeSpan.FromMilliseconds(25);

    /// <summary>A receiver that has not given anything back after this long gives it back in large steps: it cannot be paced.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // How long the round trip of a piece alone is believed: people move from one network to another. The first ones are measured while all begins at once.
    private static readonly TimeSpan BelievedFirst = TimeSpan.FromSeconds(1), BelievedMost = TimeSpan.FromSeconds(10);
    // Less than that is no queue but the unrest of timers and stores.
    private static readonly TimeSpan Unrest = TimeSpan.FromMilliseconds(25);

    private long _onWay, _sent, _returned;
    private long _probeEnd, _probeOnWay;
    private TimeSpan _probeAt, _roundTrip = TimeSpan.MaxValue, _roundTripAt, _waitingSince, _believed = BelievedFirst;
    private double _perSecond;
    private bool _probeWasAlone, _heldBack, _hasHeard, _hasQueued, _hasChanged, _runsEmpty;

    /// <summary>Bytes that may be on their way.</summary>
    public long Budget { get; private set; } = FirstBytes;

    /// <summary>Bytes of the next piece, header included, at most.</summary>
    public int PieceBytes { get => IsOff ? LaneSets.PieceBytesMax : field; private set; } = PieceBytesLeast;

    /// <summary>True where the receiver cannot be paced.</summary>
    public bool IsOff { get; private set; }

    /// <summary>Nothing is on its way: what is remembered may be forgotten.</summary>
    public bool IsIdle => _onWay == 0 && !IsOff;

    /// <summary>When to try again although nothing came back.</summary>
    public TimeSpan Deadline => _heldBack && !_hasHeard && !IsOff ? _waitingSince + Patience : TimeSpan.MaxValue;

    /// <summary>May a piece of so many bytes go now?</summary>
    public bool MaySend(int wireBytes, TimeSpan now)
    {
        if (IsOff || _onWay == 0)
            return true;
        if (!_hasHeard && now - _waitingSince >= Patience)
            return IsOff = true;
        // Once in a while the link is let run empty, to see what a round trip takes by itself.
        _runsEmpty |= now - _roundTripAt >= _believed;
        if (_onWay + wireBytes <= Budget && !_runsEmpty)
            return true;
        _heldBack = true;
        return false;
    }

    /// <summary>A piece goes out.</summary>
    public void Sent(int wireBytes, TimeSpan now)
    {
        if (_onWay == 0)
            _waitingSince = now;
        if (_sent == 0)
            _roundTripAt = now;
        _sent += wireBytes;
        _onWay += wireBytes;
        if (_probeEnd > _returned)
            return;
        (_probeEnd, _probeOnWay, _probeAt, _probeWasAlone, _heldBack) = (_sent, _onWay, now, _onWay == wireBytes, false);
    }

    /// <summary>Credit came back: so much has arrived.</summary>
    public void Returned(long bytes, TimeSpan now)
    {
        var arrived = Math.Min(bytes, _onWay);
        (_onWay, _returned, _waitingSince, _hasHeard) = (_onWay - arrived, _returned + arrived, now, true);
        if (_probeEnd == 0 || _returned < _probeEnd)
            return;
        Learn(now > _probeAt ? now - _probeAt : TimeSpan.FromTicks(1), now);
        _probeEnd = 0;
    }

    private void Learn(TimeSpan took, TimeSpan now)
    {
        if (took <= _roundTrip || _probeWasAlone)
            (_roundTrip, _roundTripAt) = (took, now);
        var perSecond = _probeOnWay / took.TotalSeconds;
        // What came back in a time was on the link in that time: never more than the link can do, and all of it where a queue had built up.
        var queued = took - _roundTrip;
        if (perSecond > _perSecond || queued > QueueTime)
            _perSecond = perSecond;
        PieceBytes = (int)Math.Clamp(_perSecond * PieceTime.TotalSeconds, PieceBytesLeast, LaneSets.PieceBytesMax);
        if (_runsEmpty && _probeWasAlone)
        {
            // To fill it again at once would be a queue.
            Budget = Math.Clamp((long)(_perSecond * QueueTime.TotalSeconds), PieceBytesLeast, Budget);
            (_runsEmpty, _hasQueued, _hasChanged) = (false, false, false);
            _believed = _believed * 2 < BelievedMost ? _believed * 2 : BelievedMost;
            return;
        }
        // Where less was sent than might have been, nothing was learnt about more.
        if (!_heldBack)
            return;
        // What was on its way when the budget changed does not show the change yet. A short way is filled in steps that overtake that.
        var isShort = took < Unrest && !_hasQueued;
        if (_hasChanged && !isShort)
        {
            _hasChanged = false;
            return;
        }
        var (before, most) = (Budget, (long)(_perSecond * (_roundTrip + QueueTime).TotalSeconds));
        if (queued > QueueTime)
            Budget = most;
        else if (queued <= Unrest)
            Budget = _hasQueued ? Math.Max(Budget, Math.Min(most, Budget + Math.Max(PieceBytes, Budget / 8))) : Math.Max(Budget, _probeOnWay * (isShort ? 4 : 2));
        _hasQueued |= queued > Unrest;
        Budget = Math.Clamp(Budget, PieceBytesLeast, WireLimits.CreditBytesMax);
        _hasChanged = Budget != before;
    }
}
