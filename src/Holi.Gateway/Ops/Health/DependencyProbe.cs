using Holi.Gateway.Storage;

namespace Holi.Gateway.Ops.Health;

/// <summary>
/// Asks a dependency something small, once in a while, so that readiness knows that it is gone before a device does. One question at a time: while it
/// hangs no other is asked, and after <see cref="GatewayLimits.ProbeTimeout"/> the dependency counts as failing until an answer comes.
/// </summary>
/// <param name="dependency">Is told how it went.</param>
/// <param name="ask">The question; where it fails, with <see cref="StoreUnavailableException"/>.</param>
internal sealed class DependencyProbe(Dependency dependency, Func<CancellationToken, ValueTask> ask, GatewayLimits limits, TimeProvider time)
{
    private long _askedAt;
    private volatile bool _isAsking;

    /// <summary>Called by the sweep, one at a time. Never blocks.</summary>
    public void Sweep(CancellationToken stopping)
    {
        var since = time.GetElapsedTime(_askedAt);
        if (_isAsking)
        {
            if (since >= limits.ProbeTimeout)
                dependency.Fails($"does not answer for {(int)since.TotalSeconds} s");
            return;
        }
        if (_askedAt != 0 && since < limits.ProbeInterval)
            return;
        _askedAt = time.GetTimestamp();
        _isAsking = true;
        // Not here: who is asked may answer on the thread that asks.
        _ = Task.Run(() => AskAsync(stopping), CancellationToken.None);
    }

    private async Task AskAsync(CancellationToken stopping)
    {
        try
        {
            var began = time.GetTimestamp();
            await ask(stopping).ConfigureAwait(false);
            dependency.Works(time.GetElapsedTime(began));
        }
        catch (StoreUnavailableException failure)
        {
            dependency.Fails(failure.Message);
        }
        catch (OperationCanceledException)
        {
            // The gateway ends.
        }
        finally
        {
            _isAsking = false;
        }
    }
}
