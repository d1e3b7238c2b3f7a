using Holi.Gateway.Storage;

namespace Holi.Gateway.Ops.Health;

/// <summary>
/// Asks the log for what is not there, once in a while, so that readiness knows of a log that cannot be reached before a device does. One question at a
/// time: while it hangs no other is asked, and after <see cref="GatewayLimits.ProbeTimeout"/> the log counts as failing until an answer comes.
/// </summary>
internal sealed class LogProbe(ILogStore store, Dependency log, GatewayLimits limits, TimeProvider time)
{
    // No topic has this key.
    private const long Nowhere = 0;

    private long _askedAt;
    private long _isAsking;

    /// <summary>Called by the sweep. Never blocks.</summary>
    public void Sweep(CancellationToken stopping)
    {
        var since = time.GetElapsedTime(Volatile.Read(ref _askedAt));
        if (Volatile.Read(ref _isAsking) != 0)
        {
            if (since >= limits.ProbeTimeout)
                log.Fails($"does not answer for {(int)since.TotalSeconds} s");
            return;
        }
        if (since < limits.ProbeInterval)
            return;
        Volatile.Write(ref _askedAt, time.GetTimestamp());
        Volatile.Write(ref _isAsking, 1);
        // Not here: a store may read on the thread that asks.
        _ = Task.Run(() => AskAsync(stopping), CancellationToken.None);
    }

    private async Task AskAsync(CancellationToken stopping)
    {
        try
        {
            var began = time.GetTimestamp();
            await store.ReadMembersAsync(Nowhere, stopping).ConfigureAwait(false);
            log.Works(time.GetElapsedTime(began));
        }
        catch (StoreUnavailableException failure)
        {
            log.Fails(failure.Message);
        }
        catch (OperationCanceledException)
        {
            // The gateway ends.
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);
        }
    }
}
