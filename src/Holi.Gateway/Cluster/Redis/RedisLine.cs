using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>
/// The line on Redis pub/sub. What is sent is bounded by count, and waits nowhere: a server that does not answer gets nothing. What is wanted is subscribed
/// for as long as it is wanted, over every loss of the connection.
/// </summary>
public sealed class RedisLine : ILine
{
    private readonly RedisConnection _connection;
    private readonly RedisOptions _options;
    private readonly ClusterLimits _limits;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _room;
    private readonly Lock _lock = new();
    private readonly HashSet<LineName> _wanted = [];
    private Action<ReadOnlyMemory<byte>> _heard = _ => { };
    private Action<LineName> _missed = _ => { };
    private ISubscriber? _subscriber;

    public RedisLine(RedisConnection connection, RedisOptions options, ClusterLimits limits, TimeProvider time)
    {
        (_connection, _options, _limits, _time) = (connection, options, limits, time);
        _room = new SemaphoreSlim(limits.InFlightMax, limits.InFlightMax);
        connection.Connected = OnConnected;
    }

    public bool Exists => true;

    public string? Trouble => _connection.Trouble;

    public void Start(Action<ReadOnlyMemory<byte>> heard, Action<LineName> missed, Action lost)
    {
        (_heard, _missed) = (heard, missed);
        _connection.Lost = lost;
        _connection.Start();
    }

    public void Subscribe(LineName name)
    {
        ISubscriber? subscriber;
        lock (_lock)
        {
            _wanted.Add(name);
            subscriber = _subscriber;
        }
        if (subscriber is not null)
            _ = SubscribeAsync(subscriber, name);
    }

    public void Unsubscribe(LineName name)
    {
        ISubscriber? subscriber;
        lock (_lock)
        {
            _wanted.Remove(name);
            subscriber = _subscriber;
        }
        if (subscriber is not null)
            _ = UnsubscribeAsync(subscriber, name);
    }

    public async ValueTask<bool> PublishAsync(LineName name, ReadOnlyMemory<byte> message)
    {
        if (!_connection.IsUp || Volatile.Read(ref _subscriber) is not { } subscriber)
            return false;
        // Synchronously as long as there is room, which is nearly always.
        if (!_room.Wait(0) && !await _room.WaitAsync(_options.CallTimeout).ConfigureAwait(false))
            return false;
        _ = SendAsync(subscriber, name, message);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _wanted.Clear();
            _subscriber = null;
        }
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(ISubscriber subscriber, LineName name, ReadOnlyMemory<byte> message)
    {
        try
        {
            await _connection.TryAsync(_ => subscriber.PublishAsync(ToRedis(name), message)).ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }

    private void OnConnected(ISubscriber subscriber, bool isNew)
    {
        LineName[] wanted;
        lock (_lock)
        {
            // A client that is connected again gives another object for the same subscriptions; those under way belong to the first.
            if (isNew)
                _subscriber = subscriber;
            wanted = [.. _wanted];
        }
        // The client itself renews the subscriptions that it has, when it is connected again.
        foreach (var name in wanted)
            _ = isNew ? SubscribeAsync(subscriber, name) : TellMissedAsync(name);
    }

    private async Task SubscribeAsync(ISubscriber subscriber, LineName name)
    {
        ChannelMessageQueue? queue = null;
        while (IsWanted(subscriber, name))
        {
            if (await _connection.TryAsync(async _ => queue = await subscriber.SubscribeAsync(ToRedis(name)).ConfigureAwait(false)).ConfigureAwait(false))
            {
                queue!.OnMessage(message => Hear(queue, name, message));
                // It may have been given up while it was asked for.
                if (!IsWanted(subscriber, name))
                    await UnsubscribeAsync(subscriber, name).ConfigureAwait(false);
                _missed(name);
                return;
            }
            // The client keeps a queue for what failed, too; nobody reads it, and it would fill as soon as the connection is back.
            await UnsubscribeAsync(subscriber, name).ConfigureAwait(false);
            await Task.Delay(_options.PingInterval, _time).ConfigureAwait(false);
        }
    }

    private Task<bool> UnsubscribeAsync(ISubscriber subscriber, LineName name) => _connection.TryAsync(_ => subscriber.UnsubscribeAsync(ToRedis(name)));

    // Subscriptions come back one by one, a moment after the connection.
    private async Task TellMissedAsync(LineName name)
    {
        await Task.Delay(_options.PingInterval / 4, _time).ConfigureAwait(false);
        _missed(name);
    }

    private void Hear(ChannelMessageQueue queue, LineName name, in ChannelMessage message)
    {
        // The client's own queue has no bound: what does not fit into ours is let go.
        if (queue.TryGetCount(out var waiting) && waiting > _limits.InboxMax)
        {
            _missed(name);
            return;
        }
        if ((byte[]?)message.Message is { } bytes)
            _heard(bytes);
    }

    private bool IsWanted(ISubscriber subscriber, LineName name)
    {
        lock (_lock)
            return ReferenceEquals(_subscriber, subscriber) && _wanted.Contains(name);
    }

    private RedisChannel ToRedis(LineName name) => _connection.IsSharded ? RedisChannel.Sharded(name.Text) : RedisChannel.Literal(name.Text);
}
