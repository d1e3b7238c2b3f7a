using System.IO.Enumeration;

namespace Holi.Bench.Baseline;

/// <summary><c>check</c>: fails where something got worse than was accepted. <c>accept</c>: what is measured now is the baseline.</summary>
internal static class BaselineCommand
{
    // What is slower only because the machine was busy is not slower three times.
    private const int LooksMax = 3;

    /// <param name="args">The command, then <c>--filter PATTERN</c>.</param>
    /// <returns>The exit code: 0 good, 1 worse, 2 no such order.</returns>
    public static int Run(string[] args)
    {
        if (args.Length is not (1 or 3) || (args.Length == 3 && args[1] != "--filter"))
        {
            Console.Error.WriteLine("check [--filter PATTERN] | accept [--filter PATTERN]");
            return 2;
        }
        var pattern = args.Length == 3 ? args[2] : "*";
        var names = BaselineRun.Names.Where(name => FileSystemName.MatchesSimpleExpression(pattern, name)).ToList();
        var measured = BaselineRun.Measure(names);
        // Of two runs the better: a baseline taken while something else ran would let anything pass.
        return args[0] == "accept"
            ? Accept(Comparison.Better(measured, BaselineRun.Measure(names)), pattern == "*")
            : Check(measured, pattern == "*");
    }

    private static int Accept(IReadOnlyList<Measured> measured, bool isWhole)
    {
        var kept = isWhole ? [] : BaselineFile.Read().Where(was => measured.All(m => m.Name != was.Name));
        BaselineFile.Write(measured.Concat(kept));
        Print(measured);
        return 0;
    }

    private static int Check(IReadOnlyList<Measured> measured, bool isWhole)
    {
        var accepted = BaselineFile.Read();
        for (var look = 1; look < LooksMax && Slower(accepted, measured) is { Count: > 0 } slower; look++)
            measured = Comparison.Better(measured, BaselineRun.Measure(slower));
        Print(measured);
        var regressions = Comparison.Regressions(accepted, measured, isWhole);
        foreach (var regression in regressions)
            Console.WriteLine($"WORSE: {regression}");
        Console.WriteLine(regressions.Count == 0 ? $"{measured.Count} benchmarks: none is worse than accepted" : $"{regressions.Count} of {measured.Count} are worse");
        return regressions.Count == 0 ? 0 : 1;
    }

    private static List<string> Slower(IReadOnlyList<Measured> accepted, IReadOnlyList<Measured> measured) =>
        [.. measured.Where(m => accepted.FirstOrDefault(was => was.Name == m.Name) is { } was && Comparison.IsSlower(was, m)).Select(m => m.Name)];

    private static void Print(IReadOnlyList<Measured> measured)
    {
        foreach (var one in measured)
            Console.WriteLine($"{one.Name,-40} {one.Ns,12:N1} ns {one.Bytes,8:N0} B {one.Ratio,10:N3}");
    }
}
