namespace Holi.Bench.Baseline;

/// <summary>What was measured beside what was accepted. Pure.</summary>
public static class Comparison
{
    /// <summary>How far a ratio may grow: above what a shared machine does to one between two runs, below what anybody would call the same.</summary>
    public const double RatioSlack = 1.6;

    /// <summary>How far allocation may grow where there is any: a list or a page that grows falls on some runs and not on others. Nothing stays nothing.</summary>
    public const double BytesSlack = 1.03;

    /// <summary>One benchmark's regression, in words; null where there is none.</summary>
    public static string? Judge(Measured accepted, Measured measured)
    {
        if (measured.Bytes > (long)(accepted.Bytes * BytesSlack))
            return $"{measured.Name} allocates {measured.Bytes} B, accepted are {accepted.Bytes} B";
        return IsSlower(accepted, measured)
            ? $"{measured.Name} takes {measured.Ratio:0.###} of the reference, accepted are {accepted.Ratio:0.###}"
            : null;
    }

    /// <summary>True where only the time is wrong: something else may have run beside it, so it is worth a second look.</summary>
    public static bool IsSlower(Measured accepted, Measured measured) => measured.Ratio > accepted.Ratio * RatioSlack;

    /// <summary>All regressions, and what one side has and the other has not.</summary>
    /// <param name="accepted">The baseline.</param>
    /// <param name="measured">This run.</param>
    /// <param name="isWhole">Whether all benchmarks were asked for: then what is missing is an error, too.</param>
    public static IReadOnlyList<string> Regressions(IReadOnlyList<Measured> accepted, IReadOnlyList<Measured> measured, bool isWhole)
    {
        var found = new List<string>();
        var byName = accepted.ToDictionary(m => m.Name);
        foreach (var one in measured)
        {
            if (!byName.Remove(one.Name, out var was))
                found.Add($"{one.Name} is not in the baseline: accept it");
            else if (Judge(was, one) is { } regression)
                found.Add(regression);
        }
        if (isWhole)
            found.AddRange(byName.Keys.Select(name => $"{name} is in the baseline and was not measured: accept the rest without it"));
        return found;
    }

    /// <summary>Of two runs the better one of each: what disturbs a measure only makes it slower.</summary>
    public static IReadOnlyList<Measured> Better(IReadOnlyList<Measured> first, IReadOnlyList<Measured> second)
    {
        var again = second.ToDictionary(m => m.Name);
        return [.. first.Select(one => again.TryGetValue(one.Name, out var other) && other.Ratio < one.Ratio ? other : one)];
    }
}
