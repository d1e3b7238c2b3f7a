using Holi.Servers;
using StackExchange.Redis;

namespace Holi.Load.Chaos.Faults;

/// <summary>
/// Says again what gateways said to each other, in any order, some of it damaged. Whatever comes by pub/sub is a hint, so that nothing may be lost,
/// repeated or shown because of it.
/// </summary>
internal sealed class RedisLiar(RedisServer redis, int seed)
{
    private const int KeptMost = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly List<(RedisChannel Name, byte[] Bytes)> _heard = [];
    private readonly Random _random = new(seed);
    private ConnectionMultiplexer? _connection;
    private volatile bool _isEnding;
    private Task _lying = Task.CompletedTask;

    public async Task BeginAsync(CancellationToken cancel)
    {
        _connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        await _connection.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("holi:*"), (name, message) => Keep(name, (byte[])message!));
        _isEnding = false;
        _lying = LieAsync(_connection.GetSubscriber(), cancel);
    }

    public async Task EndAsync()
    {
        _isEnding = true;
        await _lying;
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    private void Keep(RedisChannel name, byte[] bytes)
    {
        lock (_lock)
        {
            if (_heard.Count < KeptMost)
                _heard.Add((RedisChannel.Literal(name.ToString()), bytes));
            else
                _heard[_random.Next(KeptMost)] = (RedisChannel.Literal(name.ToString()), bytes);
        }
    }

    private async Task LieAsync(ISubscriber subscriber, CancellationToken cancel)
    {
        try
        {
            while (!_isEnding)
            {
                await Task.Delay(Pause, TimeProvider.System, cancel);
                if (Take() is { } lie)
                    await subscriber.PublishAsync(lie.Name, lie.Bytes);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or RedisException)
        {
            // Believed or not, that is enough.
        }
    }

    private (RedisChannel Name, byte[] Bytes)? Take()
    {
        lock (_lock)
        {
            if (_heard.Count == 0)
                return null;
            var (name, bytes) = _heard[_random.Next(_heard.Count)];
            if (_random.Next(4) != 0 || bytes.Length == 0)
                return (name, bytes);
            // Damaged: a byte of it is another one, or its end is missing.
            var damaged = bytes[..(bytes.Length - _random.Next(Math.Min(bytes.Length, 3)))];
            if (damaged.Length > 0)
                damaged[_random.Next(damaged.Length)] = (byte)_random.Next(256);
            return (name, damaged);
        }
    }
}
