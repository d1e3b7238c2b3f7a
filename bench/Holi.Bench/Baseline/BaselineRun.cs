using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Holi.Bench.Baseline;

/// <summary>
/// All benchmarks in one short run, in this process: a process for each would take minutes, and what is compared is their ratio to a reference that was
/// measured in the same one.
/// </summary>
internal static class BaselineRun
{
    private const string Reference = "Reference.Reference";

    public static IReadOnlyList<string> Names =>
        [.. Types().SelectMany(type => BenchmarkConverter.TypeToBenchmarks(type).BenchmarksCases).Select(NameOf)];

    /// <summary>Measures these and the reference.</summary>
    public static IReadOnlyList<Measured> Measure(IReadOnlyCollection<string> names)
    {
        var reports = new List<BenchmarkReport>();
        foreach (var type in Types())
        {
            var wanted = BenchmarkConverter.TypeToBenchmarks(type).BenchmarksCases.Select(NameOf).Where(name => name == Reference || names.Contains(name)).ToList();
            if (wanted.Count == 0)
                continue;
            Console.Error.WriteLine(string.Join('\n', wanted));
            reports.AddRange(BenchmarkRunner.Run(type, Short(names)).Reports);
        }
        var reference = reports.Single(r => NameOf(r.BenchmarkCase) == Reference).ResultStatistics!.Median;
        return [.. reports.Select(report => Of(report, reference)).Where(m => m.Name != Reference)];
    }

    private static Measured Of(BenchmarkReport report, double reference)
    {
        var name = NameOf(report.BenchmarkCase);
        var ns = report.ResultStatistics?.Median ?? throw new InvalidOperationException($"{name} did not run; see it alone: --filter '*{name}*'");
        var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
        return new Measured(name, Math.Round(ns, 1), bytes, Math.Round(ns / reference, 4));
    }

    private static IEnumerable<Type> Types() =>
        Assembly.GetExecutingAssembly().GetTypes()
            .Where(type => type.Name.EndsWith("Benchmarks", StringComparison.Ordinal))
            .OrderBy(type => type != typeof(ReferenceBenchmarks)).ThenBy(type => type.Name, StringComparer.Ordinal);

    private static string NameOf(BenchmarkCase one)
    {
        var parameters = one.Parameters.Count == 0 ? "" : $"({one.Parameters.DisplayInfo.Trim('[', ']')})";
        return one.Descriptor.Type.Name.Replace("Benchmarks", "", StringComparison.Ordinal) + "." + one.Descriptor.WorkloadMethod.Name + parameters;
    }

    private static ManualConfig Short(IReadOnlyCollection<string> names) => ManualConfig.CreateEmpty()
        .AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.DontLogOutput)
            .WithIterationTime(TimeInterval.FromMilliseconds(100))
            .WithWarmupCount(5)
            .WithIterationCount(9))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(NullLogger.Instance)
        .AddFilter(new SimpleFilter(one => NameOf(one) is var name && (name == Reference || names.Contains(name))))
        .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "holi-bench"));
}
