namespace Holi.Bench.Baseline;

/// <summary>One benchmark's figures.</summary>
/// <param name="Name">Class, method, parameters.</param>
/// <param name="Ns">Nanoseconds of one operation, the median: only for people, since it moves with the machine.</param>
/// <param name="Bytes">Allocated by one operation.</param>
/// <param name="Ratio">Its time divided by that of the reference in the same run.</param>
public sealed record Measured(string Name, double Ns, long Bytes, double Ratio);
