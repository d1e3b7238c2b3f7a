using Holi.Servers;

namespace Holi.Load.Gateways;

/// <summary>What Redis goes through during a whole measure.</summary>
internal enum RedisCondition
{
    /// <summary>Nothing.</summary>
    Well,

    /// <summary>All it holds is deleted each second.</summary>
    Flushed,

    /// <summary>It is killed when the gateways are up, and not started again before the end.</summary>
    Dead,
}

/// <summary>Redis in trouble, from its beginning to <see cref="EndAsync"/>.</summary>
internal sealed class RedisTrouble : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly RedisServer _redis;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private Task _flushing = Task.CompletedTask;
    private bool _isDead;

    private RedisTrouble(RedisServer redis, TimeProvider time) => (_redis, _time) = (redis, time);

    /// <summary>Begins it; null where Redis is to be well.</summary>
    public static async Task<RedisTrouble?> BeginAsync(RedisServer? redis, RedisCondition condition, TimeProvider time)
    {
        if (redis is null || condition == RedisCondition.Well)
            return null;
        var trouble = new RedisTrouble(redis, time) { _isDead = condition == RedisCondition.Dead };
        if (trouble._isDead)
            await redis.Process.KillAsync();
        else
            trouble._flushing = trouble.FlushAsync();
        return trouble;
    }

    /// <summary>Redis is left alone again, and there, however empty.</summary>
    public async Task EndAsync(CancellationToken cancel)
    {
        await _ending.CancelAsync();
        await _flushing;
        if (_isDead)
            await _redis.RestartAsync(cancel);
        _isDead = false;
    }

    /// <summary>Ends it; what was killed stays dead.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _flushing;
        _ending.Dispose();
    }

    private async Task FlushAsync()
    {
        try
        {
            while (true)
            {
                await _redis.SayAsync("FLUSHALL", _ending.Token);
                await Task.Delay(Every, _time, _ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
