using System.Globalization;

namespace Holi.Client.Tests.Engine.Fuzz;

/// <summary>The device's promise under everything at once; the simulation does the same with the real gateway's rules.</summary>
public sealed class EngineFuzzTests
{
    [Fact]
    public void Whatever_happens_each_queued_command_takes_effect_once_in_order_and_the_replica_is_the_log()
    {
        var seeds = int.Parse(Environment.GetEnvironmentVariable("HOLI_FUZZ_SEEDS") ?? "300", CultureInfo.InvariantCulture);
        var first = int.Parse(Environment.GetEnvironmentVariable("HOLI_FUZZ_FIRST") ?? "1", CultureInfo.InvariantCulture);
        var seen = new Dictionary<string, int>();
        for (var seed = first; seed < first + seeds; seed++)
        {
            using var host = new FuzzHost(seed);
            try
            {
                host.Run(steps: 400);
            }
            catch (Exception failed)
            {
                throw new InvalidOperationException($"Seed {seed}: {failed.Message}", failed);
            }
            foreach (var (what, count) in host.Seen)
                seen[what] = seen.GetValueOrDefault(what) + count;
        }
        TestContext.Current.SendDiagnosticMessage(string.Join(", ", seen.OrderBy(s => s.Key).Select(s => $"{s.Key} {s.Value}")));
        if (seeds < 300)
            return;
        // A run that never meets these proves nothing.
        foreach (var what in new[] { "cut", "crash", "restore", "disk failed", "generation", "GenerationForked" })
            seen.GetValueOrDefault(what).ShouldBeGreaterThan(20, what);
    }
}
