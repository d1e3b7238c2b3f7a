using System.Text.Json;
using Holi.Servers;
using StackExchange.Redis;

namespace Holi.Load.Roads;

/// <summary>§8: one XADD. Taken means in Redis; what becomes of it there is Redis's.</summary>
internal sealed class RedisRoad(RedisServer redis, TimeProvider time) : IRoad
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Task<ConnectionMultiplexer> _connection = ConnectionMultiplexer.ConnectAsync(
        redis.Configuration + ",abortConnect=false,connectTimeout=1000,asyncTimeout=1000");

    public async Task<bool> TrySendAsync(Publication publication, CancellationToken cancel)
    {
        try
        {
            await (await _connection).GetDatabase().StreamAddAsync(
                "holi:publish",
                [
                    new("tenant", publication.Tenant), new("key", publication.Key), new("target", publication.Topic), new("kind", "message.post"),
                    new("content", JsonSerializer.Serialize(new { text = publication.Text })), new("deliverAt", publication.DeliverAtMs ?? RedisValue.EmptyString),
                ]).WaitAsync(Patience, time, cancel);
            return true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync() => await (await _connection).DisposeAsync();
}
