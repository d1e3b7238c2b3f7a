using System.Buffers;
using System.Threading.Channels;
using Holi.Client.Engine;
using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>
/// The one owner of the engine. Everybody else posts to it; it hands each input to the engine with its time, and does what the engine
/// asks of the world. It never waits.
/// <para>It has no thread and no task of its own: whoever posts turns it (<see cref="SerialTurns"/>).</para>
/// <para>Two inboxes, both bounded: the world's (socket, disk, token), which must always be answered, and the app's wishes, which wait while the
/// engine's next batch is full.</para>
/// </summary>
internal sealed class EngineLoop : IEngineHost, IAsyncDisposable
{
    private const int WorldMax = 256;
    private const int WishesMax = 1_024;

    // How many inputs are handled before anything is sent.
    private const int Round = 64;

    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TimerLeast = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan TimerMost = TimeSpan.FromDays(30);

    private readonly HoliClientOptions _options;
    private readonly Action<EngineNotice> _notify;
    private readonly Channel<Action<DeviceEngine, EngineTime>> _world = Channel.CreateBounded<Action<DeviceEngine, EngineTime>>(WorldMax);
    private readonly Channel<Action<DeviceEngine, EngineTime>> _wishes = Channel.CreateBounded<Action<DeviceEngine, EngineTime>>(WishesMax);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly ITimer _timer;
    private readonly long _began;
    private readonly DeviceEngine _engine;
    private readonly StoreWorker _worker;
    private readonly TokenFetch _tokens;
    private readonly SerialTurns _turns;
    private GatewaySocket? _socket;
    private IReadOnlyList<StoreWrite>? _toWriteNow;
    private TimeSpan _timerAt = TimeSpan.MaxValue;
    private int _toRelease;
    private bool _isStopping;

    public EngineLoop(HoliClientOptions options, SharedStore store, StoreContent content, EngineOptions engineOptions, Action<EngineNotice> notify)
    {
        (_options, _notify) = (options, notify);
        _began = options.TimeProvider.GetTimestamp();
        _turns = new SerialTurns(TurnOnce);
        _tokens = new TokenFetch(options, this, _end.Token);
        _timer = options.TimeProvider.CreateTimer(_ => _turns.Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _worker = new StoreWorker(store, this);
        _engine = new DeviceEngine(engineOptions, this, Jitter, content, Time);
    }

    /// <summary>The time as the engine counts it.</summary>
    public EngineTime Time => new(_options.TimeProvider.GetElapsedTime(_began), _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());

    public void Start() => _turns.Begin(() => _engine.Start(Time));

    /// <summary>From the world. Waits while the inbox is full; after the end it is ignored.</summary>
    public ValueTask PostAsync(Action<DeviceEngine, EngineTime> input) => PostAsync(_world, input, CancellationToken.None);

    /// <summary>From the app. Waits while the engine cannot take more.</summary>
    public ValueTask WishAsync(Action<DeviceEngine, EngineTime> wish, CancellationToken cancellation) => PostAsync(_wishes, wish, cancellation);

    /// <summary>From the app, for what may be dropped: false where the inbox is full.</summary>
    public bool TryWish(Action<DeviceEngine, EngineTime> wish)
    {
        var posted = _wishes.Writer.TryWrite(wish);
        _turns.Wake();
        return posted;
    }

    /// <summary>A message for the engine; its memory goes back when it was handled.</summary>
    public ValueTask PostMessageAsync(GatewaySocket socket, byte[] bytes, int count) => PostAsync((engine, time) =>
    {
        engine.OnMessage(socket.Number, new ReadOnlySequence<byte>(bytes, 0, count), time);
        ArrayPool<byte>.Shared.Return(bytes);
        if (socket == _socket)
            _toRelease++;
    });

    public void Report(HoliCode code, string words, Exception? failed = null)
    {
        if (_options.OnProblem is not null)
            _ = Task.Run(() => _options.OnProblem(new ClientProblem(code, words, failed)));
    }

    /// <summary>Drops the connection, lets the disk finish, ends the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        await PostAsync((engine, time) =>
        {
            _isStopping = true;
            engine.Stop(new ObjectDisposedException(nameof(HoliClient)), time);
        }).ConfigureAwait(false);
        await _ended.Task.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    void IEngineHost.Connect(int connection)
    {
        _toRelease = 0;
        _socket = new GatewaySocket(connection, this, _options);
        _ = Task.Run(_socket.RunAsync);
    }

    void IEngineHost.Drop(int connection, HoliCode code)
    {
        if (_socket?.Number != connection)
            return;
        _socket.Drop(code);
        _socket = null;
    }

    void IEngineHost.Write(IReadOnlyList<StoreWrite> batch)
    {
        if (batch.Any(write => write.NeedsSync))
            _worker.Write(batch);
        else
            _toWriteNow = batch;
    }

    void IEngineHost.ReadOutbox(int read, ulong after, int countMax, int bytesMax) => _worker.Read(read, after, countMax, bytesMax);

    void IEngineHost.FetchToken() => _tokens.Begin();

    void IEngineHost.Notify(EngineNotice notice)
    {
        if (notice is ProblemMet problem)
            Report(problem.Code, problem.Words);
        _notify(notice);
    }

    private TurnEnd TurnOnce()
    {
        var worked = false;
        try
        {
            worked = Handle(_world.Reader, always: true) | Handle(_wishes.Reader, always: false);
            if (Time is var time && time.Now >= _engine.NextDeadline)
                _engine.Poll(time);
            worked |= WriteNow();
            Send();
            ReadOn();
            if (!worked)
                SetTimer();
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            Break(bug);
        }
        if (!_isStopping || _engine.IsStoring)
            return worked ? TurnEnd.Worked : TurnEnd.Idle;
        End();
        return TurnEnd.Over;
    }

    // Going on with a state that nobody foresaw could break the promise; what is on disk is safe.
    private void Break(Exception bug)
    {
        const string words = "The client met a bug of its own and stopped.";
        Report(HoliCode.None, words, bug);
        _notify(new StatusChanged(new EngineStatus(ConnectionState.Stopped, 0, 0, HoliCode.None, words, null, Time.Now)));
        _isStopping = true;
    }

    private void End()
    {
        _end.Cancel();
        _socket?.Drop(HoliCode.None);
        _world.Writer.TryComplete();
        _wishes.Writer.TryComplete();
        // What came too late is handed over all the same: a stopped engine refuses it.
        while (_world.Reader.TryRead(out var late) || _wishes.Reader.TryRead(out late))
            late(_engine, Time);
        _ended.TrySetResult();
    }

    private bool Handle(ChannelReader<Action<DeviceEngine, EngineTime>> inbox, bool always)
    {
        var handled = 0;
        while (handled < Round && (always || _engine.MayQueue) && inbox.TryRead(out var input))
        {
            input(_engine, Time);
            handled++;
        }
        return handled > 0;
    }

    private bool WriteNow()
    {
        if (_toWriteNow is not { } batch)
            return false;
        _toWriteNow = null;
        _worker.WriteNow(batch)(_engine, Time);
        return true;
    }

    private void Send()
    {
        while (_socket is { IsSending: false } socket && _engine.TryFill(socket.Output, Time))
        {
            // Filling may have ended the connection.
            if (socket != _socket || !socket.Send())
                return;
        }
    }

    private void ReadOn()
    {
        for (; _toRelease > 0 && _engine.MayReceive; _toRelease--)
            _socket?.Handled();
    }

    private void SetTimer()
    {
        var at = _engine.NextDeadline;
        var due = at == TimeSpan.MaxValue ? TimeSpan.MaxValue : at - Time.Now;
        // A timer may fire a little early: then it is set again although the deadline is the same.
        if (at == _timerAt && due > TimerSlack)
            return;
        _timerAt = at;
        // A millisecond at least, so that rounding down never makes the loop turn without progress; a month at most, as timers take no more.
        var wait = due < TimerLeast ? TimerLeast : due < TimerMost ? due : TimerMost;
        _timer.Change(at == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : wait, Timeout.InfiniteTimeSpan);
    }

    private async ValueTask PostAsync(Channel<Action<DeviceEngine, EngineTime>> inbox, Action<DeviceEngine, EngineTime> input, CancellationToken cancellation)
    {
        try
        {
            if (!inbox.Writer.TryWrite(input))
                await inbox.Writer.WriteAsync(input, cancellation).ConfigureAwait(false);
            _turns.Wake();
        }
        catch (ChannelClosedException) when (inbox == _world)
        {
            // The client has ended; nobody waits for this any more.
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(HoliClient));
        }
    }

    private double Jitter()
    {
        var bytes = new byte[4];
        _options.Random(bytes);
        return BitConverter.ToUInt32(bytes) / (uint.MaxValue + 1.0);
    }
}
