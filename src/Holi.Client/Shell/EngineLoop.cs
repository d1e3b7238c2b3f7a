using System.Buffers;
using System.Threading.Channels;
using Holi.Client.Engine;
using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>
/// The one owner of the engine. Everybody else posts to it; it hands each input to the engine with its time, and does what the engine
/// asks of the world. It never waits.
/// <para>It has no thread and no task of its own: whoever posts turns the loop, unless somebody is turning it already, who then looks
/// again. So a message goes from the socket through the engine without changing threads, and a quiet client costs nothing. Posts from
/// threads that are not the pool's (a user interface) are turned on the pool.</para>
/// <para>Two inboxes, both bounded: the world's (socket, disk, token), which must always be answered, and the app's wishes, which wait while the
/// engine's next batch is full.</para>
/// </summary>
internal sealed class EngineLoop : IEngineHost, IAsyncDisposable
{
    private const int WorldMax = 256;
    private const int WishesMax = 1_024;

    // How many inputs are handled before anything is sent.
    private const int Round = 64;

    // How many rounds a thread turns that only wanted to post something.
    private const int TurnsMost = 16;

    // Of _turning: nobody turns; somebody does; somebody does and is to look again.
    private const int Idle = 0;
    private const int Turning = 1;
    private const int LookAgain = 2;

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
    private GatewaySocket? _socket;
    private int _turning;
    private TimeSpan _timerAt = TimeSpan.MaxValue;
    private int _toRelease;
    private bool _isStopping;

    public EngineLoop(HoliClientOptions options, SharedStore store, StoreContent content, EngineOptions engineOptions, Action<EngineNotice> notify)
    {
        (_options, _notify) = (options, notify);
        _began = options.TimeProvider.GetTimestamp();
        _timer = options.TimeProvider.CreateTimer(_ => Turn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _worker = new StoreWorker(store, this);
        _engine = new DeviceEngine(engineOptions, this, Jitter, content, Time);
    }

    /// <summary>The time as the engine counts it.</summary>
    public EngineTime Time => new(_options.TimeProvider.GetElapsedTime(_began), _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());

    public void Start()
    {
        // Taken from the start: what the first steps bring about waits for this turn's end.
        Volatile.Write(ref _turning, Turning);
        _engine.Start(Time);
        TurnAll();
    }

    /// <summary>From the world. Waits while the inbox is full; after the end it is ignored.</summary>
    public ValueTask PostAsync(Action<DeviceEngine, EngineTime> input) => PostAsync(_world, input, CancellationToken.None);

    /// <summary>From the app. Waits while the engine cannot take more.</summary>
    public ValueTask WishAsync(Action<DeviceEngine, EngineTime> wish, CancellationToken cancellation) => PostAsync(_wishes, wish, cancellation);

    /// <summary>From the app, for what may be dropped: false where the inbox is full.</summary>
    public bool TryWish(Action<DeviceEngine, EngineTime> wish)
    {
        var posted = _wishes.Writer.TryWrite(wish);
        Turn();
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

    void IEngineHost.Write(IReadOnlyList<StoreWrite> batch) => _worker.Write(batch);

    void IEngineHost.ReadOutbox(int read, ulong after, int countMax, int bytesMax) => _worker.Read(read, after, countMax, bytesMax);

    void IEngineHost.FetchToken() => _ = Task.Run(FetchTokenAsync);

    void IEngineHost.Notify(EngineNotice notice)
    {
        if (notice is ProblemMet problem)
            Report(problem.Code, problem.Words);
        _notify(notice);
    }

    // Everybody calls this after posting. Who finds the loop idle turns it, until nobody has posted meanwhile.
    private void Turn()
    {
        if (Interlocked.Exchange(ref _turning, LookAgain) != Idle)
            return;
        if (Thread.CurrentThread.IsThreadPoolThread)
            TurnAll();
        else
            ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.TurnAll(), this, preferLocal: false);
    }

    private void TurnAll()
    {
        for (var turns = 0; turns < TurnsMost; turns++)
        {
            Volatile.Write(ref _turning, Turning);
            var worked = TurnOnce();
            // Ended, it stays taken: whoever posts from now on finds it so.
            if (_isStopping && !_engine.IsStoring)
            {
                End();
                return;
            }
            if (!worked && Interlocked.CompareExchange(ref _turning, Idle, Turning) == Turning)
                return;
        }
        // Whoever posted has other things to do.
        ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.TurnAll(), this, preferLocal: false);
    }

    private bool TurnOnce()
    {
        try
        {
            var worked = Handle(_world.Reader, always: true) | Handle(_wishes.Reader, always: false);
            if (Time is var time && time.Now >= _engine.NextDeadline)
                _engine.Poll(time);
            Send();
            ReadOn();
            if (!worked)
                SetTimer();
            return worked;
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            // Going on with a state that nobody foresaw could break the promise; what is on disk is safe.
            Report(HoliCode.None, "The client met a bug of its own and stopped.", bug);
            _notify(new StatusChanged(new EngineStatus(
                ConnectionState.Stopped, 0, 0, HoliCode.None, "The client met a bug of its own and stopped.", null, Time.Now)));
            _isStopping = true;
            return false;
        }
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

    private async Task FetchTokenAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_options.TokenTimeout, _options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _end.Token);
            var token = await _options.Token(either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            if (token is null || System.Text.Encoding.UTF8.GetByteCount(token) is 0 or > WireLimits.TokenBytesMax)
                throw new InvalidOperationException("The token callback gave no token, or one over 8,192 bytes.");
            await PostAsync((engine, time) => engine.OnToken(token, time)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            if (_end.IsCancellationRequested)
                return;
            Report(HoliCode.None, "The app's token callback failed.", failed);
            await PostAsync((engine, time) => engine.OnTokenFailed(time)).ConfigureAwait(false);
        }
    }

    private async ValueTask PostAsync(Channel<Action<DeviceEngine, EngineTime>> inbox, Action<DeviceEngine, EngineTime> input, CancellationToken cancellation)
    {
        try
        {
            if (!inbox.Writer.TryWrite(input))
                await inbox.Writer.WriteAsync(input, cancellation).ConfigureAwait(false);
            Turn();
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
