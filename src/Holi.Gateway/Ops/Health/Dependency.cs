namespace Holi.Gateway.Ops.Health;

/// <summary>How a dependency fares. A snapshot.</summary>
/// <param name="Name">Which one: a word of this program.</param>
/// <param name="IsRequired">True where the gateway takes no new devices without it; false where it is only slower.</param>
/// <param name="FailingSince">When it began to fail; null while it works.</param>
/// <param name="Reason">What failed last, for people; never contains content or secrets. Null while it works.</param>
/// <param name="Lag">How long its last answer took; null where it never answered.</param>
public sealed record DependencyHealth(string Name, bool IsRequired, DateTimeOffset? FailingSince, string? Reason, TimeSpan? Lag);

/// <summary>Something that the gateway leans on. Whoever talks to it tells how that went; whoever wants to know asks. Thread-safe.</summary>
public sealed class Dependency(string name, bool isRequired, TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile DependencyHealth _health = new(name, isRequired, null, null, null);

    public DependencyHealth Health => _health;

    /// <summary>It answered, after <paramref name="lag"/>.</summary>
    public void Works(TimeSpan lag)
    {
        lock (_lock)
            _health = _health with { FailingSince = null, Reason = null, Lag = lag };
    }

    /// <summary>It does not do what it should. The first failure of a row counts as the beginning.</summary>
    /// <param name="reason">For people; without content and secrets.</param>
    public void Fails(string reason)
    {
        lock (_lock)
            _health = _health with { FailingSince = _health.FailingSince ?? time.GetUtcNow(), Reason = reason };
    }
}
