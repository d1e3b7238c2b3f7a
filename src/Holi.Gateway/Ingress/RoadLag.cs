namespace Holi.Gateway.Ingress;

/// <summary>How long the oldest of what waits on a road has been waiting, as far as this gateway knows. Thread-safe.</summary>
internal sealed class RoadLag(TimeProvider time)
{
    private sealed record Oldest(TimeSpan Age, long At);

    private static readonly Oldest Nothing = new(TimeSpan.Zero, 0);

    private volatile Oldest? _oldest;

    /// <summary>Zero while nothing waits; null while another gateway fetches, or nobody knows.</summary>
    public TimeSpan? Now => _oldest is not { } oldest ? null : oldest == Nothing ? TimeSpan.Zero : oldest.Age + time.GetElapsedTime(oldest.At);

    /// <summary>The oldest had been waiting for so long when it was fetched. Clocks may differ: below zero counts as zero.</summary>
    public void Waits(TimeSpan age) => _oldest = new Oldest(age > TimeSpan.Zero ? age : TimeSpan.Zero, time.GetTimestamp());

    /// <summary>Nothing waits.</summary>
    public void IsEmpty() => _oldest = Nothing;

    /// <summary>It is not for this gateway to say.</summary>
    public void IsUnknown() => _oldest = null;
}
