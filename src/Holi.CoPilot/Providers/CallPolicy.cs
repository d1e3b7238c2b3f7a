using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Holi.CoPilot.Providers;

/// <summary>
/// How calls to one provider are made: held back by its rate and its own wishes, made again while that makes sense and there is time, and not made at all while its
/// circuit is open. Thread-safe.
/// </summary>
internal sealed class CallPolicy
{
    private static readonly ResiliencePropertyKey<Func<TimeSpan>> TimeLeft = new("holi.time-left");

    // A retry that waited as long as it was told may be a little early by another clock.
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(250);

    private readonly CoPilotLimits _limits;
    private readonly ProviderState _state;
    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline _pipeline;

    public CallPolicy(CoPilotLimits limits, ProviderState state, TimeProvider time, Random random)
    {
        (_limits, _state, _time) = (limits, state, time);
        var randomLock = new Lock();
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = limits.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = limits.RetryDelay,
                UseJitter = true,
                Randomizer = () =>
                {
                    lock (randomLock)
                        return random.NextDouble();
                },
                ShouldHandle = arguments => ValueTask.FromResult(IsWorthRetrying(arguments)),
                DelayGenerator = static arguments => ValueTask.FromResult((arguments.Outcome.Exception as ProviderFailedException)?.RetryAfter),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = limits.CircuitRatio,
                MinimumThroughput = limits.CircuitCalls,
                SamplingDuration = limits.CircuitWindow,
                BreakDuration = limits.CircuitBreak,
                StateProvider = _circuit,
                ShouldHandle = arguments => ValueTask.FromResult(CountsAgainst(arguments.Outcome.Exception)),
            })
            .Build();
    }

    public CircuitState Circuit => _circuit.CircuitState;

    /// <param name="until">When the provider's time is over.</param>
    /// <param name="mayWait">Its rate is waited for.</param>
    /// <param name="now">The clock.</param>
    /// <param name="call">One call; its token ends with the time.</param>
    /// <param name="cancel">Nobody waits any more: no failure of the provider.</param>
    public async Task<T> RunAsync<T>(TimeSpan until, bool mayWait, Func<TimeSpan> now, Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        var startedAt = now();
        if (until <= startedAt)
            throw new ProviderFailedException(ProviderFailure.NoTime);
        using var share = new CancellationTokenSource(until - startedAt, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancel);
        var context = ResilienceContextPool.Shared.Get(both.Token);
        context.Properties.Set(TimeLeft, () => until - now());
        try
        {
            return await _pipeline.ExecuteAsync(
                async (inside, state) =>
                {
                    await TakeTurnAsync(state.until, state.mayWait, state.now, inside.CancellationToken).ConfigureAwait(false);
                    return await OneAsync(state.call, state.now, share.Token, cancel, inside.CancellationToken).ConfigureAwait(false);
                },
                context, (until, mayWait, now, call)).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            throw new ProviderFailedException(ProviderFailure.CircuitOpen);
        }
        // Between two tries.
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailure.Timeout) { Waited = now() - startedAt };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<T> OneAsync<T>(
        Func<CancellationToken, Task<T>> call, Func<TimeSpan> now, CancellationToken share, CancellationToken cancel, CancellationToken both)
    {
        var startedAt = now();
        try
        {
            return await call(both).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (share.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailure.Timeout) { Waited = now() - startedAt };
        }
        catch (ProviderFailedException e) when (e.RetryAfter is { } wait)
        {
            _state.Pause(now(), wait);
            throw;
        }
    }

    private async Task TakeTurnAsync(TimeSpan until, bool mayWait, Func<TimeSpan> now, CancellationToken cancel)
    {
        while (true)
        {
            var isPaused = _state.IsPaused(now());
            var wait = _state.Take(now());
            if (wait == TimeSpan.Zero)
                return;
            if ((!mayWait && wait > Rounding) || now() + wait >= until)
                throw new ProviderFailedException(isPaused ? ProviderFailure.Throttled : ProviderFailure.RateLimited) { IsHeldBack = true };
            await Task.Delay(wait, _time, cancel).ConfigureAwait(false);
        }
    }

    private bool IsWorthRetrying(RetryPredicateArguments<object> arguments)
    {
        if (arguments.Outcome.Exception is not ProviderFailedException { IsHeldBack: false } e || !FailureRules.MayPass(e.Failure))
            return false;
        var left = arguments.Context.Properties.GetValue(TimeLeft, static () => TimeSpan.Zero)();
        return (e.RetryAfter ?? _limits.RetryDelay) < left;
    }

    // A trial call of an open circuit that nobody waited for has shown nothing: the circuit stays open.
    private bool CountsAgainst(Exception? e) => e switch
    {
        null => false,
        ProviderFailedException { IsHeldBack: true } => Circuit == CircuitState.HalfOpen,
        ProviderFailedException failed => FailureRules.CountsAgainst(failed.Failure, failed.Waited, _limits.Patience) || (Circuit == CircuitState.HalfOpen && failed.Failure == ProviderFailure.Timeout),
        _ => Circuit == CircuitState.HalfOpen,
    };
}
