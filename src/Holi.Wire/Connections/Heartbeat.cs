namespace Holi.Wire.Connections;

/// <summary>What a device does now to keep or give up its connection.</summary>
public enum HeartbeatAction : byte
{
    /// <summary>Nothing before <see cref="Heartbeat.NextDeadline"/>.</summary>
    None,
    /// <summary>Send a Ping.</summary>
    SendPing,
    /// <summary>The connection is dead: drop it.</summary>
    Dead,
}

/// <summary>
/// The device's half of holi.v1.md §11.1. It pings when it has sent nothing, or heard nothing, for the heartbeat; and takes the
/// connection for dead when nothing at all comes for 10 s after a Ping, 3 s where it is suspect. So silence is noticed within
/// heartbeat + 10 s, whatever is being sent. The gateway's half is one deadline, <see cref="GatewayPatience"/>.
/// <para>Times are since any fixed moment, from one monotonic clock.</para>
/// </summary>
public sealed class Heartbeat
{
    /// <summary>How long a device waits for anything after a Ping.</summary>
    public static readonly TimeSpan PingWait = TimeSpan.FromSeconds(10);

    /// <summary>The same, after a change of network or on return to the foreground.</summary>
    public static readonly TimeSpan SuspectWait = TimeSpan.FromSeconds(3);

    private readonly TimeSpan _heartbeat;
    private TimeSpan _sentAt;
    private TimeSpan _heardAt;
    private TimeSpan? _deadAt;
    private TimeSpan? _suspectSince;

    /// <param name="heartbeat">Welcome's; more than zero.</param>
    /// <param name="now">When Welcome came.</param>
    public Heartbeat(TimeSpan heartbeat, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(heartbeat, TimeSpan.Zero);
        _heartbeat = heartbeat;
        _sentAt = _heardAt = now;
    }

    /// <summary>How long a gateway waits, from the last thing it heard, before it closes with 4001.</summary>
    public static TimeSpan GatewayPatience(TimeSpan heartbeat) => (2 * heartbeat) + TimeSpan.FromSeconds(5);

    /// <summary>When to call <see cref="Poll"/> again, at the latest.</summary>
    public TimeSpan NextDeadline =>
        _suspectSince ?? _deadAt ?? (_sentAt < _heardAt ? _sentAt : _heardAt) + _heartbeat;

    /// <summary>Anything came.</summary>
    public void OnReceived(TimeSpan now)
    {
        _heardAt = now;
        _deadAt = null;
        _suspectSince = null;
    }

    /// <summary>Anything was sent.</summary>
    public void OnSent(TimeSpan now) => _sentAt = now;

    /// <summary>The network changed or the app came to the foreground: ping at once, and wait but 3 s from then.</summary>
    public void Suspect(TimeSpan now) => _suspectSince ??= now;

    /// <summary>What to do now. <see cref="HeartbeatAction.SendPing"/> is said once; the caller sends the Ping.</summary>
    public HeartbeatAction Poll(TimeSpan now)
    {
        if (now >= _deadAt)
            return HeartbeatAction.Dead;
        if (now < NextDeadline)
            return HeartbeatAction.None;
        var deadAt = now + (_suspectSince is null ? PingWait : SuspectWait);
        if (_deadAt is null || deadAt < _deadAt)
            _deadAt = deadAt;
        _suspectSince = null;
        _sentAt = now;
        return HeartbeatAction.SendPing;
    }
}
