using Holi.Gateway.Ops.Health;
using Holi.Gateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Holi.Gateway.Tests.Ops.Health;

/// <summary>A dependency is asked before a device needs it; one that hangs is noticed, asked once, and forgiven when it answers.</summary>
public sealed class DependencyProbeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly GatewayLimits _limits = new();
    private readonly Dependency _redis;
    private readonly DependencyProbe _probe;
    private volatile int _asked;
    private TaskCompletionSource _answer = new();

    public DependencyProbeTests()
    {
        _redis = new Dependency("redis", isRequired: false, _time);
        _probe = new DependencyProbe(_redis, AskAsync, _limits, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_hangs_fails_after_its_time_and_is_not_asked_again_meanwhile()
    {
        await SweptAsync(() => _asked == 1);
        _time.Advance(_limits.ProbeTimeout);
        await SweptAsync(() => _redis.Health.FailingSince is not null);
        _redis.Health.Reason.ShouldBe("does not answer for 3 s");
        _asked.ShouldBe(1);

        _answer.SetResult();
        await HoldsAsync(() => _redis.Health.FailingSince is null);
        _redis.Health.Lag.ShouldBe(_limits.ProbeTimeout);
    }

    [Fact]
    public async Task What_fails_says_why_and_is_asked_again()
    {
        _answer.SetException(new StoreUnavailableException("cannot be reached"));
        await SweptAsync(() => _redis.Health.Reason == "cannot be reached");
        _answer = new TaskCompletionSource();
        _answer.SetResult();
        _time.Advance(_limits.ProbeInterval);
        await SweptAsync(() => _redis.Health.FailingSince is null);
    }

    private async ValueTask AskAsync(CancellationToken cancel)
    {
        Interlocked.Increment(ref _asked);
        await _answer.Task.WaitAsync(cancel);
    }

    private Task SweptAsync(Func<bool> condition) => HoldsAsync(() =>
    {
        _probe.Sweep(Cancel);
        return condition();
    });

    private static async Task HoldsAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(1), Cancel);
    }
}
