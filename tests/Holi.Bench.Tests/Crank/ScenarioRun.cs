using System.Globalization;
using Holi.Load.Reports;
using Holi.Servers;

namespace Holi.Bench.Tests.Crank;

/// <summary>One scenario, small, the way the controller runs it: servers until they are ready, the load until it ends, then the servers are stopped.</summary>
internal static class ScenarioRun
{
    public static readonly string Place = Path.Combine(Checkout.Folder, "bench", "crank", "holi.benchmarks.yml");

    public static readonly CrankFile Benchmarks = new(Place);

    private static readonly Dictionary<string, Dictionary<string, string>> Small = new()
    {
        ["connect"] = new() { ["count"] = "20" },
        ["latency"] = new() { ["pairs"] = "2", ["rate"] = "50", ["seconds"] = "1" },
        ["fanout"] = new() { ["rooms"] = "2", ["members"] = "3", ["seconds"] = "1" },
        ["flush"] = new() { ["messages"] = "500", ["kills"] = "0" },
        ["reconnect"] = new() { ["count"] = "4" },
        ["storm"] = new() { ["count"] = "20", ["rounds"] = "1" },
        ["cluster"] = new() { ["pairs"] = "2", ["rate"] = "50", ["seconds"] = "1" },
    };

    private static readonly Dictionary<string, string> Defaults = [];

    public static int ServicesOf(string scenario) => Benchmarks.Resolve(scenario, "local", Defaults).Count;

    public static async Task TryAsync(string scenario)
    {
        var variables = new Dictionary<string, string>(Small[scenario]) { ["serverPort"] = ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture) };
        var started = new List<(AgentJob Running, bool Ends)>();
        try
        {
            foreach (var (_, job) in Benchmarks.Resolve(scenario, "local", variables))
            {
                var running = new AgentJob(job);
                started.Add((running, (string?)job["waitForExit"] == "true"));
                if (started[^1].Ends)
                    await AddsUpAsync(running);
                else
                    await running.ReadyAsync();
            }
            foreach (var (server, _) in started.Where(s => !s.Ends))
                (await server.StopAsync()).ShouldBe(0, server.ToString());
        }
        finally
        {
            foreach (var (running, _) in started)
                await running.DisposeAsync();
        }
    }

    private static async Task AddsUpAsync(AgentJob load)
    {
        (await load.ExitedAsync()).ShouldBe(0, load.ToString());
        var figures = JobStatistics.Aggregated([JobStatistics.Blocks(load.Output).ShouldHaveSingleItem()]);
        figures.Count.ShouldBeGreaterThan(2);
        figures.Keys.ShouldAllBe(name => name.StartsWith("holi/", StringComparison.Ordinal));
    }
}
