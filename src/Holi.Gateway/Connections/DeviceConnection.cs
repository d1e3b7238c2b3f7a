using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Gateway.Connections;

/// <summary>
/// One device's connection, without socket, task or clock: messages and answers go in with the time, messages come out. Not thread-safe; its
/// host calls it under one lock or from one loop.
/// <para>A frame's way: <see cref="Receive"/> takes a message apart, the protocol's table admits each frame, and one of the parts handles it:
/// <see cref="Opening"/>, <see cref="CommandIntake"/>, <see cref="FollowDesk"/>, <see cref="HistoryDesk"/>, <see cref="WatchDesk"/>. The way
/// out is <see cref="Delivery"/> into the lanes, and <see cref="TryFill"/> out of them.</para>
/// </summary>
public sealed class DeviceConnection
{
    // The headers of the parts that a message may hold, and then some.
    private const int RoundBytes = 64;

    private readonly ConnectionCore _core;
    private readonly PartAssembler _parts = new(Side.Device);
    private Opening? _opening;
    private ReadyConnection? _ready;

    /// <param name="host">Whoever waits for it.</param>
    /// <param name="around">What all connections share.</param>
    /// <param name="now">When the socket opened.</param>
    public DeviceConnection(IConnectionHost host, Surroundings around, Instant now) =>
        _core = new ConnectionCore(host, around, now.Since) { Now = now };

    /// <summary>Where it is (§12).</summary>
    public GatewayState State => _core.Protocol.State;

    /// <summary>None while it is open.</summary>
    public HoliCode CloseCode => _core.CloseCode;

    /// <summary>Who it is; null before the token was verified.</summary>
    public TokenIdentity? Identity => _core.Identity;

    /// <summary>The code that another thread wants it closed with; it takes effect with the next <see cref="TryFill"/>.</summary>
    public HoliCode CloseWanted => _core.Marks?.CloseWanted ?? HoliCode.None;

    /// <summary>When to call <see cref="Poll"/>, at the latest.</summary>
    public TimeSpan NextDeadline =>
        TimeSpan.FromTicks(Math.Min(_core.Protocol.NextDeadline.Ticks, _core.IsOpen ? _core.Out.Lanes.NextDeadline.Ticks : long.MaxValue));

    /// <summary>Bytes that wait in a lane.</summary>
    public int PendingBytes(Lane lane) => _core.Out.PendingBytes(lane);

    /// <summary>Commands that were taken and are not committed.</summary>
    public int CommandsInFlight => _core.Protocol.Commands?.InFlight ?? 0;

    /// <summary>Which device it is; the default before the token was verified.</summary>
    public DeviceKey Device => _core.Key;

    /// <summary>What was done since this was last called.</summary>
    public Tally TakeTally()
    {
        var tally = _core.Tally;
        _core.Tally = default;
        return tally;
    }

    /// <summary>A whole message came. Its memory may be used again afterwards.</summary>
    public void Receive(in ReadOnlySequence<byte> message, Instant now)
    {
        _core.Now = now;
        _core.Protocol.OnReceived(now.Since);
        var reader = new FrameReader(message);
        Violation violation = default;
        while (_core.IsOpen && reader.TryRead(out var frame, out violation))
        {
            _core.Tally.FramesIn++;
            violation = _parts.OnWhole(frame.Kind);
            if (!violation.IsNone)
                break;
            Handle(frame);
        }
        if (!violation.IsNone)
            _core.Fail(violation.Code);
        // Asks and does not read. Noticed here, because while a message cannot be sent none is filled.
        if (_core.Out.IsOverflowed)
            _core.Fail(HoliCode.TooSlow);
    }

    /// <summary>The host met something that is no frame: a text message, one too large, a socket that cannot be written.</summary>
    public void Fail(HoliCode code) => _core.Fail(code);

    /// <summary>Writes the next outgoing message. False where there is none; then nothing was written.</summary>
    public bool TryFill(IBufferWriter<byte> message, Instant now)
    {
        _core.Now = now;
        if (_core.IsOpen && CloseWanted != HoliCode.None)
            _core.Fail(CloseWanted);
        var any = false;
        var room = _core.Limits.MessageBytes;
        // What may only follow what has left its lane (§5.1) comes along in a second round, if it surely fits.
        for (var goesOn = true; goesOn && FillLanes(now);)
        {
            var (pending, credit) = (_core.Out.PendingBytes() + RoundBytes, _core.Out.Lanes.CreditOf(Lane.Bulk));
            var waiting = _core.Out.PendingFrames();
            goesOn = _core.Out.Lanes.TryFill(message, room, now.Since);
            _core.Tally.FramesOut += waiting - _core.Out.PendingFrames();
            any |= goesOn;
            room -= pending;
            // One part's worth of bulk is enough for a message.
            goesOn &= room >= LaneSets.PieceBytesMax && credit == _core.Out.Lanes.CreditOf(Lane.Bulk);
        }
        return any;
    }

    // Fills the lanes. False where what they hold goes nowhere any more.
    private bool FillLanes(Instant now)
    {
        if (_core.IsOpen)
            _ready?.Fill();
        if (_core.IsOpen && _core.Out.IsOverflowed)
            _core.Fail(HoliCode.TooSlow);
        if (State == GatewayState.Draining)
            Poll(now);
        // A drained connection still gets what was filled: its last Commit. Any other end is an end.
        return _core.IsOpen || CloseCode == HoliCode.GoingAway || (_core.IsGoingAway && CloseCode == HoliCode.Overloaded);
    }

    /// <summary>Looks at the deadlines.</summary>
    public void Poll(Instant now)
    {
        _core.Now = now;
        var code = _core.Protocol.Poll(now.Since);
        if (code != HoliCode.None)
            _core.Fail(code);
    }

    /// <summary>The gateway is going to stop (§11.3).</summary>
    public void Drain(Instant now)
    {
        _core.Now = now;
        if (State is GatewayState.Opened or GatewayState.Authenticating)
            _core.Fail(HoliCode.GoingAway);
        if (State != GatewayState.Ready)
            return;
        _core.GoAway(HoliCode.GoingAway, _core.Limits.DrainRetryAfter, _core.Limits.DrainSpread);
    }

    /// <summary>The socket is over, whoever ended it: forgets everything. The host answers nothing any more.</summary>
    public void Closed()
    {
        _core.Protocol.Close();
        _core.Out.Lanes.Clear();
        _parts.Clear();
        _opening?.Table.Clear();
        _ready?.Clear();
        if (_core.Marks is null)
            return;
        _core.People.Disconnect(_core.Marks);
        _core.Cluster?.Devices.Remove(_core.Device.DeviceId, _core.Marks);
        _core.Devices.Release(_core.Key, _core.Marks);
    }

    public void OnAuthenticated(in TokenVerdict verdict, Instant now)
    {
        if (!Enter(now))
            return;
        if (_opening is not null)
            _opening.OnAuthenticated(verdict);
        else
            _ready?.OnToken(verdict);
    }

    public void OnOpened(in DeviceOpened opened, Instant now)
    {
        if (Enter(now))
            _opening!.OnOpened(opened);
        Welcome();
    }

    public void OnMemberships(IReadOnlyList<Membership> memberships, Instant now)
    {
        if (Enter(now))
            _opening!.OnMemberships(memberships);
        Welcome();
    }

    public void OnRefusals(IReadOnlyList<Refusal> refusals, Instant now)
    {
        if (Enter(now))
            _opening!.OnRefusals(refusals);
        Welcome();
    }

    public void OnCommitted(ulong committed, IReadOnlyList<Refusal> refusals, Instant now)
    {
        if (Enter(now))
            _ready!.Commands.OnCommitted(committed, refusals);
    }

    public void OnRefused(HoliCode code, Instant now)
    {
        _core.Now = now;
        _core.Fail(code);
    }

    public void OnMembership(Membership? membership, Instant now)
    {
        if (Enter(now))
            _ready!.Follows.OnMembership(membership);
    }

    public void OnEvents(IReadOnlyList<StoredEvent> page, Instant now)
    {
        if (Enter(now))
            _ready!.Delivery.OnEvents(page);
    }

    public void OnHistory(IReadOnlyList<StoredEvent> page, Instant now)
    {
        if (Enter(now))
            _ready!.History.OnHistory(page);
    }

    public void OnRoster(RosterRead roster, Instant now)
    {
        if (Enter(now))
            _ready!.Watches.OnRoster(roster);
    }

    public void OnCheck(long? stored, Instant now)
    {
        if (Enter(now))
            _ready!.Replays.OnCheck(stored);
    }

    // An answer that comes after the end is nobody's.
    private bool Enter(Instant now)
    {
        _core.Now = now;
        return _core.IsOpen;
    }

    private void Handle(in Frame frame)
    {
        switch (_core.Protocol.Admit(frame.Kind, out var violation))
        {
            case Admission.Refused:
                _core.Fail(violation.Code);
                break;
            case Admission.Held:
                _opening!.Hold(frame);
                break;
            case Admission.Taken when frame.Kind == FrameKind.Hello:
                OnHello(frame);
                break;
            case Admission.Taken when frame.Kind == FrameKind.Part:
                OnPart(frame);
                break;
            case Admission.Taken:
                _ready!.Handle(frame);
                break;
        }
    }

    private void OnHello(in Frame frame)
    {
        if (!HelloFrame.TryRead(frame.Body, out var hello, out var violation)
            || !(violation = _core.Protocol.Authenticate(frame.WireBytes, _core.Now.Since)).IsNone)
        {
            _core.Fail(violation.Code);
            return;
        }
        _opening = new Opening(_core, hello);
        _core.Host.Authenticate(hello.Token);
    }

    private void OnPart(in Frame frame)
    {
        if (!PartFrame.TryRead(frame.Body, out var part, out var violation)
            || !(violation = _ready!.Charge(part.Lane, frame.WireBytes)).IsNone)
        {
            _core.Fail(violation.Code);
            return;
        }
        var isWhole = _parts.TryAdd(part.Lane, part.Last, part.Bytes, out var bytes, out violation);
        if (isWhole)
        {
            var reader = new FrameReader(bytes, WireLimits.FrameBytesMax);
            if (reader.TryRead(out var whole, out violation))
                Handle(whole);
            _parts.Release(part.Lane);
        }
        if (!violation.IsNone)
            _core.Fail(violation.Code);
    }

    private void Welcome()
    {
        if (_ready is not null || _opening is not { IsDone: true } opening)
            return;
        _opening = null;
        _ready = new ReadyConnection(_core, opening);
    }
}
