using Holi.Wire.Lanes;

namespace Holi.Wire.Connections;

//                  Authenticate          Welcome             Drain
//   ┌────────┐      ┌────────────────┐      ┌───────┐      ┌──────────┐
//   │ Opened ├─────►│ Authenticating ├─────►│ Ready ├─────►│ Draining │
//   └───┬────┘      └───────┬────────┘      └───┬───┘      └────┬─────┘
//       │ 4103, 4410        │ 42xx, 43xx,       │ any code      │ commits finished,
//       │                   │ 4100 after 10 s   │               │ or after 5 s
//       ▼                   ▼                   ▼               ▼
//   ┌────────────────────────── Close ──────────────────────────────┐
//   │                           Closed                              │
//   └───────────────────────────────────────────────────────────────┘

/// <summary>The gateway's states of one connection (holi.v1.md §12).</summary>
public enum GatewayState : byte
{
    /// <summary>The socket is open; Hello is awaited.</summary>
    Opened,
    /// <summary>Hello came; token and device are being checked.</summary>
    Authenticating,
    /// <summary>Welcome was sent.</summary>
    Ready,
    /// <summary>GoAway was sent; commits are being finished.</summary>
    Draining,
    /// <summary>Closing or closed: whatever still comes is dropped.</summary>
    Closed,
}

/// <summary>
/// The gateway's rules for one connection: which frames may come, and by when. Pure and not thread-safe: the connection's loop owns
/// it and passes the time in (since any fixed moment, monotonic). The seqs are in <see cref="Commands"/>.
/// </summary>
public sealed class GatewayProtocol
{
    /// <summary>Bytes of Hello and of the commands behind it, headers included, before the token is verified (§12).</summary>
    public const int HeldBytesMax = LaneSets.PieceBytesMax;

    /// <summary>How long checking a Hello may take before the connection is closed with 4100.</summary>
    public static readonly TimeSpan AuthenticatingTime = TimeSpan.FromSeconds(10);

    /// <summary>How long a drain may take.</summary>
    public static readonly TimeSpan DrainingTime = TimeSpan.FromSeconds(5);

    private PingMeter _pings;
    private TimeSpan _patience;
    private TimeSpan _stateDeadline;
    private TimeSpan _silentAt = TimeSpan.MaxValue;
    private TimeSpan _tokenExpiresAt = TimeSpan.MaxValue;
    private HoliCode _drainCode;
    private int _heldBytes;

    /// <param name="now">When the socket opened.</param>
    public GatewayProtocol(TimeSpan now) => _stateDeadline = now + WireLimits.HelloTimeout;

    /// <summary>Where the connection is.</summary>
    public GatewayState State { get; private set; }

    /// <summary>The seqs of this connection; null before <see cref="Welcome"/>.</summary>
    public GatewayCommands? Commands { get; private set; }

    /// <summary>When to call <see cref="Poll"/> again, at the latest.</summary>
    public TimeSpan NextDeadline => State == GatewayState.Closed
        ? TimeSpan.MaxValue
        : Earlier(_stateDeadline, Earlier(_silentAt, _tokenExpiresAt));

    /// <summary>Anything came.</summary>
    public void OnReceived(TimeSpan now)
    {
        if (State is GatewayState.Ready or GatewayState.Draining)
            _silentAt = now + _patience;
    }

    /// <summary>May a frame of this kind come now? (§4, §12: 4409, 4410.)</summary>
    public Admission Admit(FrameKind kind, out Violation violation) =>
        FrameTable.Judge(kind, FrameTable.AtGateway(kind, State), out violation);

    /// <summary>Hello came: its frame was taken and its body read.</summary>
    public Violation Authenticate(int helloWireBytes, TimeSpan now)
    {
        Expect(GatewayState.Opened);
        State = GatewayState.Authenticating;
        _stateDeadline = now + AuthenticatingTime;
        return Hold(helloWireBytes);
    }

    /// <summary>A command came ahead of Welcome and is kept: 4412 beyond <see cref="HeldBytesMax"/>.</summary>
    public Violation Hold(int wireBytes)
    {
        Expect(GatewayState.Authenticating);
        _heldBytes += wireBytes;
        return _heldBytes > HeldBytesMax ? new Violation(HoliCode.CreditExceeded, "12") : Violation.None;
    }

    /// <summary>Token and device were accepted and Welcome is being sent. The held commands come next, in order, through <see cref="Commands"/>.</summary>
    public void Welcome(GatewayCommands commands, TimeSpan heartbeat, TimeSpan tokenExpiresAt, TimeSpan now)
    {
        Expect(GatewayState.Authenticating);
        State = GatewayState.Ready;
        Commands = commands;
        _stateDeadline = TimeSpan.MaxValue;
        _patience = Heartbeat.GatewayPatience(heartbeat);
        _silentAt = now + _patience;
        _tokenExpiresAt = tokenExpiresAt;
    }

    /// <summary>
    /// A command came after Welcome, of so many bytes with its header: may its device have sent it before it knew Welcome's window? Commands
    /// overtake Welcome on the wire; but what is sent behind Hello is bounded, Hello included (§7.5).
    /// </summary>
    public bool MayBeBlind(int wireBytes)
    {
        if (_heldBytes <= HeldBytesMax)
            _heldBytes += wireBytes;
        return _heldBytes <= HeldBytesMax;
    }

    /// <summary>A Ping came: 4416 where there are too many. Else answer with Pong.</summary>
    public Violation OnPing(TimeSpan now) => _pings.OnPing(now);

    /// <summary>A Token frame was accepted.</summary>
    public void RenewToken(TimeSpan expiresAt) => _tokenExpiresAt = expiresAt;

    /// <summary>GoAway with <paramref name="code"/> is being sent (§11.3); the same code closes when commits are finished, or after 5 s.</summary>
    public void Drain(HoliCode code, TimeSpan now)
    {
        Expect(GatewayState.Ready);
        State = GatewayState.Draining;
        _drainCode = code;
        _stateDeadline = now + DrainingTime;
    }

    /// <summary>The code to close with now, or none. The caller then sends the close frame and calls <see cref="Close"/>.</summary>
    public HoliCode Poll(TimeSpan now)
    {
        if (State == GatewayState.Draining && (now >= _stateDeadline || Commands!.InFlight == 0))
            return _drainCode;
        if (now < NextDeadline)
            return HoliCode.None;
        return State switch
        {
            GatewayState.Closed => HoliCode.None,
            GatewayState.Opened => HoliCode.HelloTimeout,
            GatewayState.Authenticating => HoliCode.Overloaded,
            _ => now >= _tokenExpiresAt ? HoliCode.TokenExpired : HoliCode.Silent,
        };
    }

    /// <summary>The connection is over, for whatever reason. May be called again.</summary>
    public void Close()
    {
        State = GatewayState.Closed;
        Commands?.Clear();
    }

    private void Expect(GatewayState state)
    {
        if (State != state)
            throw new InvalidOperationException($"The connection is {State}, not {state}.");
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
