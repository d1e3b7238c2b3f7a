namespace Holi.Wire.Connections;

//                 Poll: time is up          OnOpened             OnWelcome            OnGoAway
//   ┌─────────┐         ┌────────────┐         ┌─────────┐         ┌───────┐         ┌──────────┐
//   │ Waiting ├────────►│ Connecting ├────────►│ Opening ├────────►│ Ready ├────────►│ Draining │
//   └─────────┘         └─────┬──────┘         └────┬────┘         └───┬───┘         └────┬─────┘
//        ▲                    │ OnClosed,           │ OnClosed,        │ OnClosed,        │ OnClosed,
//        │                    │ or 20 s             │ or 10 s          │ or silence       │ or 10 s
//        └────────────────────┴─────────────────────┴──────────────────┴──────────────────┘

/// <summary>A device's states (holi.v1.md §12).</summary>
public enum DeviceState : byte
{
    /// <summary>No connection; the next attempt is at <see cref="DeviceProtocol.NextDeadline"/>.</summary>
    Waiting,
    /// <summary>The socket is being opened.</summary>
    Connecting,
    /// <summary>Hello was sent.</summary>
    Opening,
    /// <summary>Welcome came.</summary>
    Ready,
    /// <summary>GoAway came: no command is sent any more; commits and events are still taken.</summary>
    Draining,
}

/// <summary>What the device's loop does now.</summary>
public enum DeviceAction : byte
{
    /// <summary>Nothing before <see cref="DeviceProtocol.NextDeadline"/>.</summary>
    None,
    /// <summary>Open a socket.</summary>
    Connect,
    /// <summary>Send a Ping.</summary>
    SendPing,
    /// <summary>Drop the socket, without asking; the state is Waiting already.</summary>
    Drop,
}

/// <summary>
/// The device's rules over all its connections: when to connect, which frames may come, when a connection is dead. Pure and not
/// thread-safe; times are since any fixed moment, monotonic. The seqs of one connection are in <see cref="DeviceCommands"/>.
/// </summary>
public sealed class DeviceProtocol
{
    /// <summary>How long opening a socket may take.</summary>
    public static readonly TimeSpan ConnectingTime = TimeSpan.FromSeconds(20);

    /// <summary>How long a device waits for Welcome.</summary>
    public static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(10);

    /// <summary>How long a device waits for the close that GoAway announced.</summary>
    public static readonly TimeSpan DrainingTime = TimeSpan.FromSeconds(10);

    private readonly Backoff _backoff;
    private TimeSpan _deadline;
    private TimeSpan _notBefore;
    private TimeSpan _readyAt;
    private TimeSpan _hint;
    private Heartbeat? _heartbeat;

    /// <param name="backoff">Kept over all connections.</param>
    /// <param name="now">The first attempt is made at once.</param>
    public DeviceProtocol(Backoff backoff, TimeSpan now) => (_backoff, _deadline) = (backoff, now);

    /// <summary>Where the device is.</summary>
    public DeviceState State { get; private set; }

    /// <summary>True where a code said to give up (4500–4599): only <see cref="Retry"/> begins again.</summary>
    public bool HasGivenUp => State == DeviceState.Waiting && _deadline == TimeSpan.MaxValue;

    /// <summary>When to call <see cref="Poll"/> again, at the latest. While Waiting: when the next attempt is made.</summary>
    public TimeSpan NextDeadline =>
        _heartbeat is { } heartbeat && heartbeat.NextDeadline < _deadline ? heartbeat.NextDeadline : _deadline;

    /// <summary>What to do now.</summary>
    public DeviceAction Poll(TimeSpan now)
    {
        if (now >= _deadline)
            return State == DeviceState.Waiting ? Connect(now) : Drop(now);
        return _heartbeat?.Poll(now) switch
        {
            HeartbeatAction.SendPing => DeviceAction.SendPing,
            HeartbeatAction.Dead => Drop(now),
            _ => DeviceAction.None,
        };
    }

    /// <summary>May a frame of this kind come now? (§4, §12: 4409, 4410; the device then drops the connection and reports.)</summary>
    public Admission Admit(FrameKind kind, out Violation violation) =>
        FrameTable.Judge(kind, FrameTable.AtDevice(kind, State), out violation);

    /// <summary>Anything came.</summary>
    public void OnReceived(TimeSpan now) => _heartbeat?.OnReceived(now);

    /// <summary>Anything was sent.</summary>
    public void OnSent(TimeSpan now) => _heartbeat?.OnSent(now);

    /// <summary>The socket is open; Hello is sent now.</summary>
    public void OnOpened(TimeSpan now)
    {
        Expect(DeviceState.Connecting);
        Enter(DeviceState.Opening, now + OpeningTime);
    }

    /// <summary>Welcome came and <see cref="DeviceCommands.OnWelcome"/> agrees. Where it does not: <see cref="OnClosed"/> with 4300 or 4417.</summary>
    public void OnWelcome(TimeSpan heartbeat, TimeSpan now)
    {
        Expect(DeviceState.Opening);
        Enter(DeviceState.Ready, TimeSpan.MaxValue);
        _readyAt = now;
        _heartbeat = new Heartbeat(heartbeat, now);
    }

    /// <summary>GoAway came (§11.3): send no further command. A second one changes the hint.</summary>
    public void OnGoAway(TimeSpan retryAfter, TimeSpan spread, TimeSpan now)
    {
        if (State == DeviceState.Ready)
            Enter(DeviceState.Draining, now + DrainingTime);
        Expect(DeviceState.Draining);
        _hint = _backoff.Hinted(retryAfter, spread);
    }

    /// <summary>
    /// The connection ended, or could not be opened. <paramref name="status"/> is the close status that came, 0 where none did. Says
    /// what the caller does besides waiting: get a token, ask for a new generation, report, tell the app.
    /// </summary>
    public CodeAction OnClosed(int status, TimeSpan now)
    {
        if (State != DeviceState.Waiting)
            Wait(status, now);
        return HoliCodes.ActionOf(status);
    }

    /// <summary>The network is there (again) or the app came to the foreground: connect at once; a connection that is open is suspect.</summary>
    public void Wake(TimeSpan now)
    {
        if (State == DeviceState.Connecting)
            _backoff.Collapse();
        else if (State == DeviceState.Opening)
            _deadline = Earlier(_deadline, now + Heartbeat.SuspectWait);
        else if (State != DeviceState.Waiting)
            _heartbeat!.Suspect(now);
        else if (!HasGivenUp)
            Restart(now > _notBefore ? now : _notBefore);
    }

    /// <summary>The person or the app asks: connect at once, even after giving up.</summary>
    public void Retry(TimeSpan now)
    {
        if (State == DeviceState.Waiting)
            Restart(now);
    }

    private void Restart(TimeSpan at)
    {
        _backoff.Reset();
        _deadline = Earlier(_deadline, at);
    }

    private DeviceAction Connect(TimeSpan now)
    {
        Enter(DeviceState.Connecting, now + ConnectingTime);
        return DeviceAction.Connect;
    }

    private DeviceAction Drop(TimeSpan now)
    {
        Wait(status: 0, now);
        return DeviceAction.Drop;
    }

    private void Wait(int status, TimeSpan now)
    {
        // Welcome alone is no success: a gateway that welcomes and then refuses (41xx–43xx) would be asked without pause. A connection
        // that lasted, or that only the network ended, is one.
        var refused = status is >= 4100 and < 4400;
        if (State >= DeviceState.Ready && (!refused || now - _readyAt >= Backoff.Most))
            _backoff.Reset();
        if (State < DeviceState.Ready || refused)
            _backoff.Failed();

        var action = HoliCodes.ActionOf(status);
        var delay = State == DeviceState.Draining && action != CodeAction.GiveUp ? _hint : _backoff.NextDelayAfter(status);
        var hinted = State == DeviceState.Draining || action == CodeAction.ReportAndRetry;
        Enter(DeviceState.Waiting, delay is { } wait ? now + wait : TimeSpan.MaxValue);
        _notBefore = hinted ? _deadline : now;
        _heartbeat = null;
    }

    private void Enter(DeviceState state, TimeSpan deadline) => (State, _deadline) = (state, deadline);

    private void Expect(DeviceState state)
    {
        if (State != state)
            throw new InvalidOperationException($"The device is {State}, not {state}.");
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
