using System.Threading.Tasks.Sources;

namespace Holi.Gateway.Commit;

/// <summary>A wait that is used again and again, one at a time, and allocates nothing.</summary>
internal sealed class Pause : IValueTaskSource, IAsyncDisposable
{
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core;

    public Pause(TimeProvider time) =>
        _timer = time.CreateTimer(_ => _core.SetResult(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Over after about so long: timers tell milliseconds apart, and come a little late.</summary>
    public ValueTask ForAsync(TimeSpan time)
    {
        _core.Reset();
        _timer.Change(time, Timeout.InfiniteTimeSpan);
        return new ValueTask(this, _core.Version);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
