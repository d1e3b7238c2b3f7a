using Holi.Gateway.Connections;

namespace Holi.Gateway.Cluster;

/// <summary>How the line fares; for readiness and status. A snapshot.</summary>
/// <param name="Exists">False where gateways share a log without a line.</param>
/// <param name="IsHealthy">This gateway hears itself on it.</param>
/// <param name="SinceMs">Since when that is so, ms since 1970.</param>
/// <param name="Lag">How long its last heartbeat took to come back; null where none has.</param>
public sealed record LineHealth(bool Exists, bool IsHealthy, long SinceMs, TimeSpan? Lag = null);

/// <summary>
/// Whether the line works, found out in the one way that leaves no doubt: a gateway hears its own heartbeat. That goes through everything that could fail
/// (the connection out, the server, the subscription, the connection in), and a server that hangs with its sockets open is noticed like one that is
/// gone. No clock; thread-safe.
/// </summary>
internal sealed class LineWatch
{
    private readonly ClusterLimits _limits;
    private readonly Lock _lock = new();
    private TimeSpan? _saidAt, _heardAt;
    private LineHealth _health;

    public LineWatch(ClusterLimits limits, bool exists, Instant now) =>
        (_limits, _health) = (limits, new LineHealth(exists, IsHealthy: false, now.UnixMs));

    public LineHealth Health => Volatile.Read(ref _health);

    /// <summary>Our heartbeat is about to be said.</summary>
    public void OnSaid(Instant now)
    {
        lock (_lock)
            _saidAt ??= now.Since;
    }

    /// <summary>Heard our own heartbeat. Where some were lost, the lag is that of the first of them.</summary>
    public void OnEcho(Instant now)
    {
        lock (_lock)
        {
            _heardAt = now.Since;
            Set(isHealthy: true, now);
            if (_saidAt is { } saidAt)
                Volatile.Write(ref _health, _health with { Lag = now.Since - saidAt });
            _saidAt = null;
        }
    }

    /// <summary>A connection broke. Until our heartbeat comes back, the line is not to be relied on.</summary>
    public void OnLost(Instant now)
    {
        lock (_lock)
            Set(isHealthy: false, now);
    }

    /// <summary>Looks at the time. True where the line works.</summary>
    public bool Poll(Instant now)
    {
        lock (_lock)
        {
            if (_heardAt is { } heardAt && now.Since - heardAt > _limits.SilenceMax)
                Set(isHealthy: false, now);
            return _health.IsHealthy;
        }
    }

    private void Set(bool isHealthy, Instant now)
    {
        if (_health.IsHealthy == isHealthy)
            return;
        // What was said before the silence ended says nothing of how fast the line is now.
        if (isHealthy)
            _saidAt = null;
        Volatile.Write(ref _health, _health with { IsHealthy = isHealthy, SinceMs = now.UnixMs });
    }
}
