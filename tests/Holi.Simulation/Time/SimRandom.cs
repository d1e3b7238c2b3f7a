namespace Holi.Simulation.Time;

/// <summary>
/// The only source of chance in a run (splitmix64). A run splits it into named streams, so that leaving out a step when shrinking does not
/// change what chance decides elsewhere.
/// </summary>
public sealed class SimRandom
{
    private readonly ulong _seed;
    private ulong _state;

    public SimRandom(ulong seed) => _seed = _state = seed;

    /// <summary>A stream of its own for a part of the run.</summary>
    public SimRandom Split(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in name)
            hash = (hash ^ letter) * 1099511628211UL;
        return new SimRandom(Mix(_seed ^ hash));
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15UL);

    /// <summary>From 0 up to but not including 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 up to but not including <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>From <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool Chance(double probability) => NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>A time, small ones as likely as large ones.</summary>
    public TimeSpan Duration(double leastMs, double mostMs) =>
        TimeSpan.FromMilliseconds(leastMs * Math.Pow(mostMs / leastMs, NextDouble()));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
