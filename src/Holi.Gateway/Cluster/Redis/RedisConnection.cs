using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>
/// The one owner of the connection to Redis. It connects in the background and for ever; it asks the server every second whether it is there, with a
/// deadline, so that one which hangs with its sockets open is noticed like one that is gone; and what stays silent for too long it replaces. No
/// call through it takes longer than its timeout. Thread-safe.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly ConfigurationOptions _client;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    // Released when it is time to look at once.
    private readonly SemaphoreSlim _look = new(0, 1);
    private Task _keeping = Task.CompletedTask;
    private volatile ConnectionMultiplexer? _current;
    private volatile bool _isUp;
    private volatile string? _trouble = "it was not reached yet";

    /// <param name="options">Checked.</param>
    /// <param name="clientName">What CLIENT LIST shows.</param>
    /// <param name="time">The system's.</param>
    /// <param name="log">For the operator.</param>
    public RedisConnection(RedisOptions options, string clientName, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        _client = options.ToClient(clientName);
    }

    /// <summary>True while the server answers.</summary>
    public bool IsUp => _isUp;

    /// <summary>What is wrong, for people; null while the server answers. Holds no address and no password.</summary>
    public string? Trouble => _trouble;

    /// <summary>Where sharded names are to be used.</summary>
    public bool IsSharded { get; private set; }

    /// <summary>Called when there is a new client, with nothing subscribed yet; and when the present one is connected again.</summary>
    public Action<ISubscriber, bool>? Connected { get; set; }

    /// <summary>True where the servers are a cluster that knows sharded names.</summary>
    internal static bool HasShards(ConnectionMultiplexer client) =>
        client.GetServers().Any(server => server.IsConnected && server.ServerType == ServerType.Cluster && server.Version.Major >= 7);

    /// <summary>Called when a connection was seen to break.</summary>
    public Action? Lost { get; set; }

    /// <summary>Begins to connect. Returns at once.</summary>
    public void Start() => _keeping = Task.Run(KeepAsync);

    /// <summary>One call with a deadline. False where there was no answer by then, for whatever reason.</summary>
    public async Task<bool> TryAsync(Func<ConnectionMultiplexer, Task> call)
    {
        if (_current is not { } current)
            return false;
        return await FailureOfAsync(call, current).ConfigureAwait(false) is null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await ConnectAsync().ConfigureAwait(false);
            await WatchAsync().ConfigureAwait(false);
            await CloseAsync().ConfigureAwait(false);
        }
    }

    // The failure, or null.
    private async Task<Exception?> FailureOfAsync(Func<ConnectionMultiplexer, Task> call, ConnectionMultiplexer current)
    {
        try
        {
            await call(current).WaitAsync(_options.CallTimeout, _time, _stopping.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (RedisFailedException.Is(e) || e is OperationCanceledException)
        {
            return e;
        }
    }

    private async Task ConnectAsync()
    {
        // Nobody waits for it at the end: a server that hangs takes its time.
        var connecting = ConnectionMultiplexer.ConnectAsync(_client.Clone());
        try
        {
            var current = await connecting.WaitAsync(_stopping.Token).ConfigureAwait(false);
            current.ConnectionRestored += (_, restored) => OnRestored(current, restored);
            current.ConnectionFailed += (_, failed) => OnFailed(current, failed);
            _current = current;
        }
        catch (OperationCanceledException)
        {
            _ = CloseLateAsync(connecting);
        }
        catch (Exception e) when (RedisFailedException.Is(e) || e is InvalidOperationException)
        {
            SetDown(e);
            LogCannotConnect(e.GetType().Name);
            await WaitAsync().ConfigureAwait(false);
        }
    }

    // Until nothing was heard for too long.
    private async Task WatchAsync()
    {
        var heardAt = _time.GetTimestamp();
        var isAnnounced = false;
        while (_current is { } current && !_stopping.IsCancellationRequested && _time.GetElapsedTime(heardAt) < _options.RenewAfter)
        {
            if (await FailureOfAsync(static current => current.GetDatabase().PingAsync(), current).ConfigureAwait(false) is { } failure)
            {
                SetDown(failure);
            }
            else
            {
                heardAt = _time.GetTimestamp();
                SetUp();
                if (!isAnnounced)
                    Announce(current);
                isAnnounced = true;
            }
            await WaitAsync().ConfigureAwait(false);
        }
        _isUp = false;
    }

    private void Announce(ConnectionMultiplexer current)
    {
        IsSharded = _options.Sharded ?? HasShards(current);
        Connected?.Invoke(current.GetSubscriber(), true);
    }

    private void OnRestored(ConnectionMultiplexer current, ConnectionFailedEventArgs restored)
    {
        if (current != _current)
            return;
        if (restored.ConnectionType == ConnectionType.Subscription)
            Connected?.Invoke(current.GetSubscriber(), false);
        LookNow();
    }

    // Whether it works all the same (another server of several, the other connection) is asked at once.
    private void OnFailed(ConnectionMultiplexer current, ConnectionFailedEventArgs failed)
    {
        if (current != _current)
            return;
        SetDown(failed.Exception ?? new IOException());
        Lost?.Invoke();
        LookNow();
    }

    private void LookNow()
    {
        try
        {
            _look.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to be looked at.
        }
    }

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _current, null) is { } old)
            await CloseAsync(old).WaitAsync(_options.CallTimeout, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CloseLateAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            await CloseAsync(await connecting.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailedException.Is(e) || e is InvalidOperationException)
        {
            // There is none to close.
        }
    }

    private static async Task CloseAsync(ConnectionMultiplexer old)
    {
        try
        {
            await old.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailedException.Is(e))
        {
            // It is nobody's any more.
        }
    }

    private async Task WaitAsync()
    {
        try
        {
            await _look.WaitAsync(_options.PingInterval, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private void SetUp()
    {
        _trouble = null;
        if (!_isUp)
            LogUp();
        _isUp = true;
    }

    private void SetDown(Exception failure)
    {
        if (_stopping.IsCancellationRequested)
            return;
        _trouble = new RedisFailedException(failure).Message;
        if (_isUp)
            LogDown(_trouble);
        _isUp = false;
    }

    [LoggerMessage(210, LogLevel.Information, "Redis answers.")]
    private partial void LogUp();

    [LoggerMessage(211, LogLevel.Warning, "Redis fails: {Trouble}.")]
    private partial void LogDown(string trouble);

    [LoggerMessage(212, LogLevel.Warning, "Redis cannot be connected to ({Failure}); trying again.")]
    private partial void LogCannotConnect(string failure);
}
