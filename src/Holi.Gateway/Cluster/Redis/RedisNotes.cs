using Microsoft.Extensions.Caching.Distributed;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>
/// The cache of notes that gateways share. What comes here is sealed already. Without a Redis that answers there is nothing in it, and nothing stays in it. Thread-safe.
/// </summary>
internal sealed class RedisNotes(RedisConnection redis) : IDistributedCache
{
    // A cache whose entries never end would never be let go.
    private static readonly TimeSpan LifetimeMax = TimeSpan.FromDays(30);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        byte[]? value = null;
        await redis.TryAsync(async current => value = await current.GetDatabase().StringGetAsync(key).ConfigureAwait(false)).ConfigureAwait(false);
        return value;
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        redis.TryAsync(current => current.GetDatabase().StringSetAsync(key, value, options.AbsoluteExpirationRelativeToNow ?? LifetimeMax));

    public Task RemoveAsync(string key, CancellationToken token = default) => redis.TryAsync(current => current.GetDatabase().KeyDeleteAsync(key));

    // Entries end at their time, however often they are read.
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => throw new NotSupportedException("The cache of notes is not read by waiting threads.");

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("The cache of notes is not written by waiting threads.");

    public void Remove(string key) => throw new NotSupportedException("The cache of notes is not written by waiting threads.");

    public void Refresh(string key)
    {
    }
}
