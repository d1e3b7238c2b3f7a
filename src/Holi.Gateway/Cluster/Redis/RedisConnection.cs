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
    private Task _keeping = Task.CompletedTask;
    private volatile ConnectionMultiplexer? _current;
    private volatile bool _isUp;

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

    /// <summary>Where sharded names are to be used.</summary>
    public bool IsSharded { get; private set; }

    /// <summary>Called when there is a new client, with nothing subscribed yet; and when the present one is connected again.</summary>
    public Action<ISubscriber, bool>? Connected { get; set; }

    /// <summary>True where the servers are a cluster that knows sharded names.</summary>
    internal static bool HasShards(ConnectionMultiplexer client) =>
        client.GetServers().Any(server => server.IsConnected && server.ServerType == ServerType.Cluster && server.Version.Major >= 7);

    /// <summary>Begins to connect. Returns at once.</summary>
    public void Start() => _keeping = Task.Run(KeepAsync);

    /// <summary>One call with a deadline. False where there was no answer by then, for whatever reason.</summary>
    public async Task<bool> TryAsync(Func<ConnectionMultiplexer, Task> call)
    {
        if (_current is not { } current)
            return false;
        try
        {
            await call(current).WaitAsync(_options.CallTimeout, _time, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
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

    private async Task ConnectAsync()
    {
        try
        {
            var current = await ConnectionMultiplexer.ConnectAsync(_client.Clone()).ConfigureAwait(false);
            current.ConnectionRestored += (_, restored) => OnRestored(current, restored);
            _current = current;
        }
        catch (Exception e) when (e is RedisException or IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            LogCannotConnect(e.GetType().Name);
        }
    }

    // Until nothing was heard for too long.
    private async Task WatchAsync()
    {
        var heardAt = _time.GetTimestamp();
        var isAnnounced = false;
        while (!_stopping.IsCancellationRequested && _time.GetElapsedTime(heardAt) < _options.RenewAfter)
        {
            if (await TryAsync(static current => current.GetDatabase().PingAsync()).ConfigureAwait(false))
            {
                heardAt = _time.GetTimestamp();
                SetUp(true);
                if (!isAnnounced)
                    Announce();
                isAnnounced = true;
            }
            else
            {
                SetUp(false);
            }
            await WaitAsync().ConfigureAwait(false);
        }
        SetUp(false);
    }

    private void Announce()
    {
        var current = _current!;
        IsSharded = _options.Sharded ?? HasShards(current);
        Connected?.Invoke(current.GetSubscriber(), true);
    }

    private void OnRestored(ConnectionMultiplexer current, ConnectionFailedEventArgs restored)
    {
        if (current == _current && restored.ConnectionType == ConnectionType.Subscription)
            Connected?.Invoke(current.GetSubscriber(), false);
    }

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _current, null) is not { } old)
            return;
        try
        {
            await old.CloseAsync(allowCommandsToComplete: false).WaitAsync(_options.CallTimeout, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It is nobody's any more.
        }
    }

    private async Task WaitAsync()
    {
        try
        {
            await Task.Delay(_options.PingInterval, _time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void SetUp(bool isUp)
    {
        if (_isUp == isUp)
            return;
        _isUp = isUp;
        if (isUp)
            LogUp();
        else
            LogDown();
    }

    [LoggerMessage(210, LogLevel.Information, "Redis answers.")]
    private partial void LogUp();

    [LoggerMessage(211, LogLevel.Warning, "Redis does not answer.")]
    private partial void LogDown();

    [LoggerMessage(212, LogLevel.Warning, "Redis cannot be connected to ({Failure}); trying again.")]
    private partial void LogCannotConnect(string failure);
}
