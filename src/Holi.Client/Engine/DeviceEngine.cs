using System.Buffers;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// The device: everything it decides, and nothing that moves a byte. Pure: no task, socket, clock or random inside; not thread-safe.
/// <para>Theory of operation. Each method is one input with its time. It changes the parts, then <see cref="Settle"/> lets each
/// part do what it now can: connect, send, acknowledge, cut the next store batch, tell the host. Between inputs nothing happens, except
/// that at <see cref="NextDeadline"/> the host owes a <see cref="Poll"/>.</para>
/// <para>Who owns what: <see cref="DeviceProtocol"/> the states of §12 and the waiting; <see cref="Opening"/> Hello and Welcome;
/// <see cref="CommandQueue"/> and <see cref="CommandFlow"/> the two ends of the outbox; <see cref="TopicTable"/> and
/// <see cref="TopicIntake"/> cursors and events; <see cref="StoreTurn"/> what is on disk.</para>
/// </summary>
internal sealed class DeviceEngine
{
    private readonly IEngineHost _host;
    private readonly EngineOptions _options;
    private readonly DeviceProtocol _protocol;
    private readonly CommandQueue _queue;
    private readonly CommandFlow _flow;
    private readonly TopicTable _topics;
    private readonly TopicIntake _intake;
    private readonly WatchedPeople _people;
    private readonly HistoryQuestions _histories;
    private readonly TokenKeeper _tokens;
    private readonly Opening _opening;
    private readonly FrameIntake _frames;
    private readonly StoreTurn _store;
    private readonly StatusTeller _status;
    private readonly RepairCounter _repairs;
    private readonly List<AckEntry> _acks = [];
    private GatewayLink? _link;
    private int _lastLink;
    private bool _isStarted;

    public DeviceEngine(EngineOptions options, IEngineHost host, Func<double> random, StoreContent store, EngineTime time)
    {
        _options = options;
        _host = host;
        _protocol = new DeviceProtocol(new Backoff(random), time.Now);
        _queue = new CommandQueue(options.Limits, store.Identity, store.OutboxSize);
        _flow = new CommandFlow(options.Limits, _queue, host);
        _topics = new TopicTable(store.Topics);
        _intake = new TopicIntake(_topics);
        _people = new WatchedPeople(_topics);
        _histories = new HistoryQuestions(options.Limits, _topics);
        _tokens = new TokenKeeper(host, new Backoff(random));
        _opening = new Opening(options, _protocol, _queue, _flow, _topics, _intake, _people, _tokens);
        _frames = new FrameIntake(_protocol, _opening, _flow, _queue, _topics, _intake, _people, _histories, _tokens, host.Notify);
        _store = new StoreTurn(options.Limits, host, _queue, _flow, _intake, _histories);
        _status = new StatusTeller(host, time.Now);
        _repairs = new RepairCounter(options.Limits);
        // A lost command leaves a hole in the seqs that only a new generation closes (§6.4).
        _opening.NeedsGeneration = store.Damage.LostCommands.Count > 0;
    }

    // ---- getters ----

    /// <summary>When the host owes a <see cref="Poll"/>, at the latest.</summary>
    public TimeSpan NextDeadline => Earliest(
        _isStarted ? _protocol.NextDeadline : TimeSpan.MaxValue, _isStarted ? _tokens.NextDeadline : TimeSpan.MaxValue,
        _people.NextDeadline, _store.NextDeadline);

    /// <summary>False while too much that came is not on disk: the host does not read the socket until then.</summary>
    public bool MayReceive => _intake.UnstoredBytes < _options.Limits.UnstoredBytesMax;

    /// <summary>False while the next batch is full: the host holds <see cref="Queue"/> back until then.</summary>
    public bool MayQueue => _queue.HasRoom;

    /// <summary>A batch is at the store.</summary>
    public bool IsStoring => _store.IsBusy;

    public ConnectionState State => _isStarted ? StatusTeller.StateOf(_protocol) : ConnectionState.Stopped;

    // ---- the host's world ----

    /// <summary>Writes the next WebSocket message, where there is one. Call it whenever the socket could take one.</summary>
    public bool TryFill(IBufferWriter<byte> message, EngineTime time)
    {
        if (_link is null || !_link.Lanes.TryFill(message, WireLimits.MessageBytesMax))
            return false;
        _protocol.OnSent(time.Now);
        Settle(time);
        return true;
    }

    /// <summary>Time has passed.</summary>
    public void Poll(EngineTime time) => Settle(time);

    /// <summary>The socket is open.</summary>
    public void OnOpened(int connection, EngineTime time)
    {
        if (_link?.Number != connection || _protocol.State != DeviceState.Connecting)
            return;
        if (_tokens.Token(time.Now) is { } token)
        {
            _protocol.OnOpened(time.Now);
            _opening.SayHello(_link, token);
        }
        else
        {
            End(new Ending(HoliCode.TokenExpired, "The token expired while the socket was being opened."), time);
        }
        Settle(time);
    }

    /// <summary>The socket could not be opened, or is closed. <paramref name="status"/>: the close status, 0 where none came.</summary>
    public void OnClosed(int connection, int status, EngineTime time)
    {
        if (_link?.Number != connection)
            return;
        var link = _link;
        Forget();
        Wait(status == 0 ? (int)link.GoAwayCode : status, words: null, time);
        Settle(time);
    }

    /// <summary>A message came; its bytes are not needed after the call.</summary>
    public void OnMessage(int connection, in ReadOnlySequence<byte> message, EngineTime time)
    {
        if (_link?.Number != connection || _protocol.State < DeviceState.Opening)
            return;
        _protocol.OnReceived(time.Now);
        if (_frames.Handle(_link, message, time) is { } ending)
            End(ending, time);
        Settle(time);
    }

    /// <summary>The batch is on disk. <paramref name="changed"/>: the identity read back, where the batch was a <see cref="StartGeneration"/>.</summary>
    public void OnWritten(DeviceIdentity? changed, EngineTime time)
    {
        if (changed is not null)
            _opening.NeedsGeneration = false;
        if (_store.Written(changed, _link?.Bulk) is { } credit)
            _link!.Send(credit);
        Settle(time);
    }

    /// <summary>Nothing of the batch is on disk. The connection ends: what it brought is asked for again, once the store can.</summary>
    public void OnWriteFailed(Exception reason, EngineTime time)
    {
        End(new Ending(HoliCode.StorageUnavailable, "The device's store could not be written."), time);
        _store.Failed(reason);
        Settle(time);
    }

    /// <summary>A page of the outbox.</summary>
    public void OnOutboxRead(int read, IReadOnlyList<OutboxCommand> commands, EngineTime time)
    {
        // A hole in the seqs, where a damaged command was: only a new generation closes it (StoreDamage.LostCommands).
        if (!_flow.OnRead(read, commands))
            End(new Ending(HoliCode.GenerationForked, "A queued command is damaged: the device asks for a new generation."), time);
        Settle(time);
    }

    /// <summary>A page of the outbox could not be read.</summary>
    public void OnReadFailed(int read, EngineTime time)
    {
        if (_flow.OnReadFailed(read))
            End(new Ending(HoliCode.StorageUnavailable, "The device's outbox could not be read."), time);
        Settle(time);
    }

    /// <summary>The app gave a token.</summary>
    public void OnToken(string token, EngineTime time)
    {
        _tokens.OnToken(token);
        if (_link is null && _protocol.State == DeviceState.Connecting)
            OpenSocket();
        else if (_link is not null && _protocol.State == DeviceState.Ready)
            _link.Send(new TokenFrame(token));
        Settle(time);
    }

    /// <summary>The app could not give a token.</summary>
    public void OnTokenFailed(EngineTime time)
    {
        _tokens.OnFailed(_protocol.State == DeviceState.Ready, time.Now);
        if (_link is null && _protocol.State == DeviceState.Connecting)
            Disconnect(0, "The app's token callback failed.", time);
        else
            _status.Met(HoliCode.None, "The app's token callback failed.");
        Settle(time);
    }

    // ---- the app's wishes ----

    /// <summary>Begins: connects at once, and again for ever.</summary>
    public void Start(EngineTime time)
    {
        _isStarted = true;
        _protocol.Retry(time.Now);
        Settle(time);
    }

    /// <summary>Ends: the connection is dropped, what the store was not given is refused with <paramref name="reason"/>. A batch at the store still counts.</summary>
    public void Stop(Exception reason, EngineTime time)
    {
        if (_isStarted)
            Disconnect(0, words: null, time);
        _isStarted = false;
        _queue.Close(reason, _host.Notify);
        Settle(time);
    }

    /// <summary>Queues a command: answered by <see cref="CommandQueued"/> or <see cref="CommandNotQueued"/>.</summary>
    public void Queue(QueueRequest request, EngineTime time)
    {
        var full = _queue.Add(request, time.UnixMs, out var done);
        if (full is not null)
            _host.Notify(new CommandNotQueued(request, full));
        else
            TakeNote(request);
        if (done)
            _host.Notify(new CommandQueued(request));
        Settle(time);
    }

    /// <summary>Sends a signal, now or never. False: there is no connection that could take it.</summary>
    public bool Signal(string topic, ushort type, byte[] payload, EngineTime time)
    {
        var sent = _protocol.State == DeviceState.Ready && _topics.NumberOf(topic) is var number and not 0
            && _link!.Send(new SignalFrame(number, type, new(payload)));
        Settle(time);
        return sent;
    }

    /// <summary>Begins or ends watching the people of a topic.</summary>
    public void Watch(string topic, bool on, EngineTime time)
    {
        _people.Watch(topic, on, _protocol.State == DeviceState.Ready ? _link : null);
        Settle(time);
    }

    /// <summary>Asks for older events: answered by <see cref="HistoryLoaded"/> or <see cref="HistoryFailed"/>.</summary>
    public void AskHistory(HistoryQuestion question, EngineTime time)
    {
        var code = _protocol.State == DeviceState.Ready ? _histories.Ask(question, _link!) : HoliCode.Busy;
        if (code != HoliCode.None)
            _host.Notify(new HistoryFailed(question, code));
        Settle(time);
    }

    /// <summary>The app came to the front, or left it (§11.1, §11.5).</summary>
    public void SetForeground(bool isForeground, EngineTime time)
    {
        if (_opening.IsForeground != isForeground && _protocol.State == DeviceState.Ready)
            _link!.Send(new DeviceStateFrame(isForeground));
        _opening.IsForeground = isForeground;
        if (isForeground)
            ConnectNow(time);
        Settle(time);
    }

    /// <summary>The person or the app asks: connect at once, even after a code that said to give up; a connection that is open is tested.</summary>
    public void ConnectNow(EngineTime time)
    {
        if (_protocol.HasGivenUp)
            _protocol.Retry(time.Now);
        NetworkAvailable(time);
    }

    /// <summary>There is a network (again): backoff ends, a connection is tested, an attempt that began before is begun anew.</summary>
    public void NetworkAvailable(EngineTime time)
    {
        _protocol.Wake(time.Now);
        if (_protocol.State == DeviceState.Connecting && _link is not null)
            Disconnect(0, words: null, time);
        Settle(time);
    }

    /// <summary>The network went, says its monitor. Monitors err: an open connection is tested, attempts go on.</summary>
    public void NetworkLost(EngineTime time)
    {
        if (_protocol.State >= DeviceState.Opening)
            _protocol.Wake(time.Now);
        Settle(time);
    }

    // ---- inside ----

    private void Settle(EngineTime time)
    {
        // While we do not read, silence is ours and not the gateway's.
        if (!MayReceive)
            _protocol.OnReceived(time.Now);
        if (_isStarted)
            Advance(time);
        if (_link is not null && !_flow.Pump())
            End(Opening.Fork, time);
        _people.Poll(time.Now);
        if (_isStarted && _protocol.State == DeviceState.Ready)
            _tokens.Poll(time.Now);
        SendAcks();
        _people.Settle(_host.Notify);
        _store.Cut(_link?.Bulk, time.Now);
        _status.Tell(State, _queue.Count, _queue.Bytes, _protocol.State == DeviceState.Waiting ? _protocol.NextDeadline : null, time.Now);
    }

    private void Advance(EngineTime time)
    {
        switch (_protocol.Poll(time.Now))
        {
            case DeviceAction.Connect when _tokens.Token(time.Now) is null:
                _tokens.Fetch();
                break;
            case DeviceAction.Connect:
                OpenSocket();
                break;
            case DeviceAction.SendPing:
                _link!.Send(new PingFrame(_link.NextNonce++));
                break;
            case DeviceAction.Drop:
                Disconnect(0, "The gateway was silent for too long.", time);
                break;
        }
    }

    private void OpenSocket()
    {
        _link = new GatewayLink(++_lastLink, _options.Limits);
        _host.Connect(_link.Number);
    }

    private void SendAcks()
    {
        if (_link is not null && _link.Lanes.PendingBytes(Lane.Interactive) > _options.Limits.LaneBytesMax / 2)
            return;
        _acks.Clear();
        _intake.Settle(_acks, _host.Notify);
        for (var from = 0; from < _acks.Count; from += _options.Limits.AcksPerFrame)
            _link!.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_acks)[from..Math.Min(_acks.Count, from + _options.Limits.AcksPerFrame)]);
    }

    private void TakeNote(QueueRequest request)
    {
        if (request.Type == MessageTypes.ConversationCreate && ConversationCreate.TryRead(new(request.Payload), out var created))
            _intake.Touch(_topics.Create(request.Topic, created));
        if (request.Type != MessageTypes.ReadMark || !ReadMark.TryRead(new(request.Payload), out var mark))
            return;
        if (_topics.Find(request.Topic) is not { } topic || topic.Now.Read >= mark.Offset)
            return;
        topic.Change(topic.Now with { Read = mark.Offset });
        _intake.Touch(topic);
    }

    private void End(Ending ending, EngineTime time)
    {
        if (_link is null)
        {
            _status.Met(ending.Code, ending.Words);
            return;
        }
        var code = ending.Code == HoliCode.BadValue ? _repairs.Judge(ending.Code, time.Now) : ending.Code;
        _host.Notify(new ProblemMet(ending.Code, ending.Words));
        Disconnect((int)code, ending.Words, time, HoliCodes.ActionOf((int)ending.Code) == CodeAction.ReportAndRetry ? ending.Code : HoliCode.None);
    }

    private void Disconnect(int status, string? words, EngineTime time, HoliCode closeWith = HoliCode.None)
    {
        if (_link is { } link)
            _host.Drop(link.Number, closeWith);
        Forget();
        Wait(status, words, time);
    }

    // What a connection's end means to everybody. Nothing durable hangs on it (§1).
    private void Forget()
    {
        if (_link is { } link)
        {
            _intake.Disconnect(link);
            link.Clear();
        }
        _link = null;
        _flow.Close();
        _topics.Disconnect();
        _people.Disconnect();
        _histories.Fail(withBatch: false, _host.Notify);
        _tokens.Disconnect();
    }

    private void Wait(int status, string? words, EngineTime time)
    {
        var action = _protocol.OnClosed(status, time.Now);
        if (action == CodeAction.NewToken)
            _tokens.Refused();
        if (action == CodeAction.Repair)
            _opening.NeedsGeneration = true;
        _status.Met((HoliCode)status, words);
    }

    private static TimeSpan Earliest(TimeSpan a, TimeSpan b, TimeSpan c, TimeSpan d) =>
        new(Math.Min(Math.Min(a.Ticks, b.Ticks), Math.Min(c.Ticks, d.Ticks)));
}
