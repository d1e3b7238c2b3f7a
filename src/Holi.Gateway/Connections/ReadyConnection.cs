using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Gateway.Connections;

/// <summary>
/// A connection from Welcome on: its parts, and which frame is whose. Parts that most connections need seldom or never are made when they are
/// first needed: a quiet connection's memory is most of what a gateway holds.
/// </summary>
internal sealed class ReadyConnection
{
    private readonly ConnectionCore _core;
    private readonly long _backlog;
    private ForeignAttempts? _attempts;
    private ReplayChecks? _replays;
    private FollowDesk? _follows;
    private HistoryDesk? _history;
    private WatchDesk? _watches;
    private CreditWindow? _audioWindow, _bulkWindow;
    private FrameMeter _requests;
    private bool _isRenewing;

    public ReadyConnection(ConnectionCore core, Opening opening)
    {
        _core = core;
        _backlog = opening.Hello.Backlog;
        Table = opening.Table;
        Commands = new CommandIntake(core, this);
        Delivery = new Delivery(core, this);

        opening.Welcome();
        Commands.Begin(core.Device.Committed, opening.Refusals);
        Commands.WriteCommit();
        if (opening.Hello.Known < core.Device.Committed)
            Replays.Begin(opening.Hello.Known, opening.Hello.Digest);
        foreach (var follow in opening.Follows)
            Delivery.Announce(follow);
        foreach (var (kind, body) in opening.Held)
        {
            if (core.IsOpen)
                OnCommand(kind, new ReadOnlySequence<byte>(body), wasBlind: true);
        }
    }

    public FollowTable Table { get; }
    public CommandIntake Commands { get; }
    public Delivery Delivery { get; }
    public ForeignAttempts Attempts => _attempts ??= new ForeignAttempts(_core);
    public ReplayChecks Replays => _replays ??= new ReplayChecks(_core);
    public FollowDesk Follows => _follows ??= new FollowDesk(_core, this, _backlog);
    public HistoryDesk History => _history ??= new HistoryDesk(_core, this);
    public WatchDesk Watches => _watches ??= new WatchDesk(_core, this);

    /// <summary>Fills the lanes with what is due.</summary>
    public void Fill()
    {
        // Before anything is pulled: a removal that was noted before an event was published is known before that event is seen.
        if (_core.Marks!.TakeNotes() is { } notes)
        {
            foreach (var change in notes)
                Follows.OnMembershipChanged(change);
        }
        if (_follows is { IsDone: true })
            _follows = null;
        Delivery.Fill();
        _history?.TryPut();
        Commands.WriteCommit();
    }

    /// <summary>A device's number for one of its topics. What only a present member may do, on another's topic, is Error 4604.</summary>
    public bool TryGetMine(uint number, uint request, out Follow follow)
    {
        if (!Table.TryGet(number, out follow))
            return false;
        if (follow.State != FollowState.Gone)
            return true;
        _core.Error(HoliCode.NotFound, request, number);
        Attempts.OnRequest();
        return false;
    }

    /// <summary>A frame that the protocol's table has let in.</summary>
    public void Handle(in Frame frame)
    {
        var violation = Violation.None;
        switch (frame.Kind)
        {
            case FrameKind.Command or FrameKind.CommandAgain:
                OnCommand(frame.Kind, frame.Body, _core.Protocol.MayBeBlind(frame.WireBytes));
                break;
            case FrameKind.Ack:
                if (AckFrame.TryRead(frame.Body, out var ack, out violation))
                    Table.OnAck(ack);
                break;
            case FrameKind.Ping:
                if (PingFrame.TryRead(frame.Body, out var ping, out violation))
                    violation = OnPing(ping);
                break;
            case FrameKind.Pong:
                PongFrame.TryRead(frame.Body, out _, out violation);
                break;
            case FrameKind.Credit:
                if (CreditFrame.TryRead(frame.Body, out var credit, out violation))
                    violation = _core.Out.Lanes.OnCredit(credit.Lane, credit.Bytes, _core.Now.Since);
                break;
            case FrameKind.Signal:
                if (SignalFrame.TryRead(frame.Body, out var signal, out violation))
                    Watches.OnSignal(signal);
                break;
            case FrameKind.DeviceState:
                if (DeviceStateFrame.TryRead(frame.Body, out var state, out violation))
                    Watches.OnDeviceState(state);
                break;
            default:
                violation = HandleRequest(frame);
                break;
        }
        if (!violation.IsNone)
            _core.Fail(violation.Code);
    }

    /// <summary>Bytes of a lane came: those under credit are counted, and given back at once, since nothing of them is kept.</summary>
    public Violation Charge(Lane lane, int wireBytes)
    {
        if (!lane.IsCredited())
            return Violation.None;
        ref var window = ref lane == Lane.Audio ? ref _audioWindow : ref _bulkWindow;
        window ??= new CreditWindow(_core.Limits.ReceiveCreditBytes);
        var violation = window.OnReceived(wireBytes);
        if (!violation.IsNone)
            return violation;
        var returned = window.OnReleased(wireBytes);
        if (returned > 0)
        {
            new CreditFrame(lane, (ulong)returned).Write(Outgoing.Begin());
            _core.Out.Send(Lane.Control);
        }
        return Violation.None;
    }

    /// <summary>A newer token was verified, or not (§11.2).</summary>
    public void OnToken(in TokenVerdict verdict)
    {
        _isRenewing = false;
        var current = _core.Identity!;
        if (verdict.Identity is not { } identity)
            _core.Fail(verdict.Code);
        else if (identity.User != current.User || identity.Tenant != current.Tenant)
            _core.Fail(HoliCode.Forbidden);
        else
            Renew(identity);
    }

    /// <summary>The connection is over.</summary>
    public void Clear()
    {
        Commands.Clear();
        Table.Clear();
    }

    private void Renew(TokenIdentity identity)
    {
        _core.Identity = identity;
        _core.Protocol.RenewToken(_core.ExpiryOf(identity));
        new TokenAcceptedFrame(identity.ExpiresMs).Write(Outgoing.Begin());
        _core.Out.Send(Lane.Control);
    }

    private Violation HandleRequest(in Frame frame)
    {
        if (_requests.Add(_core.Now.Since, _core.Limits.MeterWindow) > _core.Limits.RequestsPerWindow)
            return new Violation(HoliCode.RateLimited, "13");
        Violation violation;
        switch (frame.Kind)
        {
            case FrameKind.Follow:
                if (FollowFrame.TryRead(frame.Body, out var follow, out violation))
                    Follows.OnFollow(follow);
                return violation;
            case FrameKind.Unfollow:
                if (UnfollowFrame.TryRead(frame.Body, out var unfollow, out violation))
                    Follows.OnUnfollow(unfollow);
                return violation;
            case FrameKind.Watch:
                if (WatchFrame.TryRead(frame.Body, out var watch, out violation))
                    Watches.OnWatch(watch);
                return violation;
            case FrameKind.HistoryRequest:
                if (HistoryRequestFrame.TryRead(frame.Body, out var request, out violation))
                    History.OnRequest(request);
                return violation;
            case FrameKind.Token:
                if (TokenFrame.TryRead(frame.Body, out var token, out violation))
                    OnTokenFrame(token);
                return violation;
            default:
                return HandleUnsupported(frame);
        }
    }

    // Parts of the protocol that this gateway's Welcome does not offer (§10.3, §10.4).
    private Violation HandleUnsupported(in Frame frame)
    {
        if (frame.Kind == FrameKind.SnapshotRequest)
        {
            if (SnapshotRequestFrame.TryRead(frame.Body, out var snapshot, out var violation))
                _core.Error(HoliCode.Unsupported, snapshot.Request, snapshot.Topic);
            return violation;
        }
        var overCredit = Charge(Lane.Audio, frame.WireBytes);
        if (overCredit.IsNone && frame.Kind == FrameKind.RecordingOpen)
            _core.Error(HoliCode.Unsupported);
        return overCredit;
    }

    private void OnCommand(FrameKind kind, in ReadOnlySequence<byte> body, bool wasBlind)
    {
        var isRead = kind == FrameKind.Command
            ? CommandFrame.TryRead(body, out var command, out var violation)
            : CommandFrame.TryReadAgain(body, out command, out violation);
        if (isRead)
            Commands.Take(command, (int)body.Length, wasBlind);
        else
            _core.Fail(violation.Code);
    }

    private Violation OnPing(in PingFrame ping)
    {
        var violation = _core.Protocol.OnPing(_core.Now.Since);
        if (!violation.IsNone)
            return violation;
        new PongFrame(ping.Nonce, _core.Now.UnixMs).Write(Outgoing.Begin());
        _core.Out.Send(Lane.Control);
        Delivery.OnPing();
        return Violation.None;
    }

    private void OnTokenFrame(TokenFrame token)
    {
        if (_isRenewing)
            return;
        _isRenewing = true;
        _core.Host.Authenticate(token.Token);
    }
}
