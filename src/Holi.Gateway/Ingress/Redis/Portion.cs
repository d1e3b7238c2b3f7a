namespace Holi.Gateway.Ingress.Redis;

/// <summary>
/// How many entries to take at a time. Redis bounds a read by count alone, and an entry may be a few bytes or many megabytes: so it begins with few, takes more
/// while they are small, and fewer when they were large or did not come in time. At one it stays: an entry that comes alone comes sooner or later. No clock.
/// </summary>
internal sealed class Portion(RoadLimits limits)
{
    private const int First = 8;

    /// <summary>As many are to be taken next.</summary>
    public int Entries { get; private set; } = Math.Min(First, limits.Entries);

    /// <summary>So many came, with so many bytes.</summary>
    public void Came(int entries, long bytes)
    {
        var fitting = entries == 0 ? limits.Entries : limits.PortionBytes / Math.Max(1, bytes / entries);
        Entries = (int)Math.Clamp(fitting, 1, Math.Min(limits.Entries, 2 * Entries));
    }

    /// <summary>They did not come, for whatever reason.</summary>
    public void Failed() => Entries = Math.Max(1, Entries / 2);
}
