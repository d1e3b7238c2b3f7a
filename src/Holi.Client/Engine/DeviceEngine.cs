using System.Buffers;
using System.Runtime.InteropServices;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>
/// The device: everything it decides, and nothing that moves a byte. Pure: no task, socket, clock or random inside; not thread-safe.
/// <para>Theory of operation. Each method is one input with its time. It changes the parts, then <see cref="Settle"/> lets each
/// part do what it now can: connect, send, acknowledge, cut the next store batch, tell the host. Between inputs nothing happens, except
/// that at <see cref="NextDeadline"/> the host owes a <see cref="Poll"/>.</para>
/// <para>Who owns what: <see cref="DeviceProtocol"/> the states of §12 and the waiting; <see cref="ConnectionLife"/> the connection,
/// <see cref="Opening"/> its first words, <see cref="FrameIntake"/> what comes over it; <see cref="CommandQueue"/> and
/// <see cref="CommandFlow"/> the two ends of the outbox; <see cref="TopicTable"/> and <see cref="TopicIntake"/> cursors and events;
/// <see cref="StoreTurn"/> what is on disk.</para>
/// </summary>
internal sealed class DeviceEngine
{
    private readonly IEngineHost _host;
    private readonly EngineLimits _limits;
    private readonly DeviceProtocol _protocol;
    private readonly ConnectionLife _life;
    private readonly Opening _opening;
    private readonly FrameIntake _frames;
    private readonly CommandQueue _queue;
    private readonly CommandFlow _flow;
    private readonly TopicTable _topics;
    private readonly TopicIntake _intake;
    private readonly WatchedPeople _people;
    private readonly HistoryQuestions _histories;
    private readonly TokenKeeper _tokens;
    private readonly StoreTurn _store;
    private readonly StatusTeller _status;
    private readonly List<AckEntry> _acks = [];
    private Exception? _stopped;
    private bool _isStarted;

    public DeviceEngine(EngineOptions options, IEngineHost host, Func<double> random, StoreContent store, EngineTime time)
    {
        _host = host;
        _limits = options.Limits;
        _protocol = new DeviceProtocol(new Backoff(random), time.Now);
        _queue = new CommandQueue(_limits, store.Identity, store.OutboxSize);
        _flow = new CommandFlow(_limits, _queue, host);
        _topics = new TopicTable(store.Topics);
        _intake = new TopicIntake(_topics);
        _people = new WatchedPeople(_topics);
        _histories = new HistoryQuestions(_limits, _topics);
        _tokens = new TokenKeeper(host, new Backoff(random));
        var openings = new OpeningNumbers(_limits, store.Identity.Openings);
        _status = new StatusTeller(host, time.Now);
        _opening = new Opening(options, _protocol, _queue, _flow, _topics, _intake, _people, _tokens, openings);
        _frames = new FrameIntake(_protocol, _opening, _flow, _queue, _topics, _intake, _people, _histories, _tokens, host.Notify);
        _life = new ConnectionLife(host, _limits, _protocol, _opening, _flow, _topics, _intake, _people, _histories, _tokens, openings, _status);
        _store = new StoreTurn(_limits, host, _queue, _flow, _intake, _histories, openings);
        // A lost command leaves a hole in the seqs that only a new generation closes (§6.4).
        _opening.NeedsGeneration = store.Damage.LostCommands.Count > 0;
    }

    // ---- getters: what the host looks at after each input ----

    /// <summary>When the host owes a <see cref="Poll"/>, at the latest.</summary>
    public TimeSpan NextDeadline
    {
        get
        {
            // A token is renewed only where that can be said: a deadline that Settle would not act on would never pass.
            var token = _life.Ready is not null ? _tokens.NextDeadline : TimeSpan.MaxValue;
            var connecting = _isStarted ? Earlier(_protocol.NextDeadline, token) : TimeSpan.MaxValue;
            return Earlier(connecting, Earlier(_people.NextDeadline, _store.NextDeadline));
        }
    }

    /// <summary>False while too much that came is not on disk: the host does not read the socket until then.</summary>
    public bool MayReceive => _intake.UnstoredBytes < _limits.UnstoredBytesMax;

    /// <summary>False while the next batch is full: the host holds <see cref="Queue"/> back until then.</summary>
    public bool MayQueue => _queue.HasRoom;

    /// <summary>A batch is at the store.</summary>
    public bool IsStoring => _store.IsBusy;

    /// <summary>Where the device is with its connection.</summary>
    public ConnectionState State => _isStarted ? StatusTeller.StateOf(_protocol) : ConnectionState.Stopped;

    // ---- the host's world ----

    /// <summary>Writes the next WebSocket message, where there is one. Call it whenever the socket could take one.</summary>
    public bool TryFill(IBufferWriter<byte> message, EngineTime time)
    {
        if (_life.Link is not { } link || !link.Lanes.TryFill(message, WireLimits.MessageBytesMax))
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
        _life.OnOpened(connection, time);
        Settle(time);
    }

    /// <summary>The socket could not be opened, or is closed. <paramref name="status"/>: the close status, 0 where none came.</summary>
    public void OnClosed(int connection, int status, EngineTime time)
    {
        _life.OnClosed(connection, status, time);
        Settle(time);
    }

    /// <summary>A message came; its bytes are not needed after the call.</summary>
    public void OnMessage(int connection, in ReadOnlySequence<byte> message, EngineTime time)
    {
        if (_life.Link is not { } link || link.Number != connection || _protocol.State < DeviceState.Opening)
            return;
        _protocol.OnReceived(time.Now);
        if (_frames.Handle(link, message, time) is { } ending)
            _life.End(ending, time);
        Settle(time);
    }

    /// <summary>The batch is on disk. <paramref name="changed"/>: the identity read back, where the batch was a <see cref="StartGeneration"/>.</summary>
    public void OnWritten(DeviceIdentity? changed, EngineTime time)
    {
        if (changed is not null)
            _opening.NeedsGeneration = false;
        if (_store.Written(changed, _life.Link?.Bulk) is { } credit)
            _life.Link!.Send(credit);
        Settle(time);
    }

    /// <summary>Nothing of the batch is on disk. The connection ends: what it brought is asked for again, once the store can.</summary>
    public void OnWriteFailed(Exception reason, EngineTime time)
    {
        _life.End(new Ending(HoliCode.StorageUnavailable, "The device's store could not be written."), time);
        _store.Failed(reason, time.Now);
        Settle(time);
    }

    /// <summary>A page of the outbox.</summary>
    public void OnOutboxRead(int read, IReadOnlyList<OutboxCommand> commands, EngineTime time)
    {
        // A hole in the seqs, where a damaged command was: only a new generation closes it (StoreDamage.LostCommands).
        if (!_flow.OnRead(read, commands))
            _life.End(new Ending(HoliCode.GenerationForked, "A queued command is damaged: the device asks for a new generation."), time);
        Settle(time);
    }

    /// <summary>A page of the outbox could not be read.</summary>
    public void OnReadFailed(int read, EngineTime time)
    {
        if (_flow.OnReadFailed(read))
            _life.End(new Ending(HoliCode.StorageUnavailable, "The device's outbox could not be read."), time);
        Settle(time);
    }

    /// <summary>The app gave a token.</summary>
    public void OnToken(string token, EngineTime time)
    {
        _life.OnToken(token);
        Settle(time);
    }

    /// <summary>The app could not give a token.</summary>
    public void OnTokenFailed(EngineTime time)
    {
        _life.OnTokenFailed(time);
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

    /// <summary>Ends: the connection is dropped; what the store was not given, and what comes later, is refused with <paramref name="reason"/>. A batch at the store still counts.</summary>
    public void Stop(Exception reason, EngineTime time)
    {
        if (_isStarted)
            _life.Drop(0, words: null, time);
        (_isStarted, _stopped) = (false, reason);
        _queue.Close(reason, _host.Notify);
        Settle(time);
    }

    /// <summary>Queues a command: answered by <see cref="CommandQueued"/> or <see cref="CommandNotQueued"/>.</summary>
    public void Queue(QueueRequest request, EngineTime time)
    {
        var isDone = false;
        var reason = _stopped ?? _queue.Add(request, time.UnixMs, out isDone);
        if (reason is not null)
            _host.Notify(new CommandNotQueued(request, reason));
        else
            _intake.OnQueued(request);
        if (isDone)
            _host.Notify(new CommandQueued(request));
        Settle(time);
    }

    /// <summary>Sends a signal, now or never. False: there is no connection that could take it.</summary>
    public bool Signal(string topic, ushort type, byte[] payload, EngineTime time)
    {
        var number = _topics.NumberOf(topic);
        var sent = number != 0 && _life.Ready?.Send(new SignalFrame(number, type, new(payload))) == true;
        Settle(time);
        return sent;
    }

    /// <summary>Begins or ends watching the people of a topic.</summary>
    public void Watch(string topic, bool on, EngineTime time)
    {
        _people.Watch(topic, on, _life.Ready);
        Settle(time);
    }

    /// <summary>Asks for older events: answered by <see cref="HistoryLoaded"/> or <see cref="HistoryFailed"/>.</summary>
    public void AskHistory(HistoryQuestion question, EngineTime time)
    {
        var code = _life.Ready is { } link ? _histories.Ask(question, link) : HoliCode.Busy;
        if (code != HoliCode.None)
            _host.Notify(new HistoryFailed(question, code));
        Settle(time);
    }

    /// <summary>Topics whose stored events are damaged: dropped here and fetched again, over a new connection.</summary>
    public void Refetch(IReadOnlyList<string> names, EngineTime time)
    {
        if (_intake.Empty(names))
            _life.Drop((int)HoliCode.GoingAway, "Stored events were damaged; they are fetched again.", time);
        Settle(time);
    }

    /// <summary>The app came to the front, or left it (§11.1, §11.5).</summary>
    public void SetForeground(bool isForeground, EngineTime time)
    {
        if (_opening.IsForeground != isForeground)
            _life.Ready?.Send(new DeviceStateFrame(isForeground));
        _opening.IsForeground = isForeground;
        if (isForeground && _protocol.HasGivenUp)
            _protocol.Retry(time.Now);
        if (isForeground)
            _life.OnNetwork(time);
        Settle(time);
    }

    /// <summary>The person or the app asks: connect at once, whatever was waited for; a connection that is open is tested.</summary>
    public void ConnectNow(EngineTime time)
    {
        _protocol.Retry(time.Now);
        _life.OnNetwork(time);
        Settle(time);
    }

    /// <summary>There is a network (again): backoff ends, a connection is tested, an attempt that began before is begun anew.</summary>
    public void NetworkAvailable(EngineTime time)
    {
        _life.OnNetwork(time);
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
            _life.Advance(time);
        if (_life.Link is { } link)
        {
            if (_flow.Pump())
                _frames.TellCommitted(link);
            else
                _life.End(Opening.Fork, time);
        }
        _people.Poll(time.Now);
        if (_life.Ready is not null)
            _tokens.Poll(time.Now);
        SendAcks();
        _people.Settle(_life.Ready, _host.Notify);
        _store.Cut(_life.Link?.Bulk, time.Now, isLast: _stopped is not null);
        if (_life.Link is { } open && _store.ReleaseDropped(open.Bulk) is { } credit)
            open.Send(credit);
        _status.Tell(State, _queue.Count, _queue.Bytes, _protocol.NextDeadline, time.Now);
    }

    private void SendAcks()
    {
        // An ack that found no room would be lost: it waits until the lane has some.
        if (_life.Link is { } full && full.Lanes.PendingBytes(Lane.Interactive) > _limits.LaneBytesMax / 2)
            return;
        _acks.Clear();
        _intake.Settle(_acks, _host.Notify);
        for (var rest = CollectionsMarshal.AsSpan(_acks); !rest.IsEmpty; rest = rest[Math.Min(rest.Length, _limits.AcksPerFrame)..])
            _life.Link!.Send(rest[..Math.Min(rest.Length, _limits.AcksPerFrame)]);
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
