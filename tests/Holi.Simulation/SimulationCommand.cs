using System.Globalization;
using Holi.Simulation.Proof;
using Holi.Simulation.Scenarios;

namespace Holi.Simulation;

/// <summary>The simulator by hand.</summary>
internal static class SimulationCommand
{
    private const string Usage = """
        --seeds N [--from S] [--bug B] [--failures F]   N runs of the seeds from S (1) on; stops after F (1) failures
        --seconds T [...]                               the same, for T seconds
        --seed S [--bug B] [--shrink] [--diary]                   one run again, and the smallest scenario that fails alike, as JSON
        --case FILE [--bug B] [--shrink]                a scenario from a file
        --cluster                                       the seeds' runs are those of several gateways over one log
        --threads N                                     how many runs at a time (as many as there are cores)
        """;

    public static bool Concerns(string[] args) => args.Any(a => a is "--seeds" or "--seed" or "--seconds" or "--case" or "--help");

    public static int Run(string[] args)
    {
        var bug = Option(args, "--bug") is { } name ? Enum.Parse<PlantedBug>(name, ignoreCase: true) : PlantedBug.None;
        Simulation.Run.Diary = args.Contains("--diary") ? Console.Out : null;
        var ofSeveral = args.Contains("--cluster");
        if (Option(args, "--seed") is { } text && ulong.Parse(text, CultureInfo.InvariantCulture) is var seed)
            return Replay(ofSeveral ? ClusterScenario.Make(seed) : ScenarioMaker.Make(seed), bug, args.Contains("--shrink"));
        if (Option(args, "--case") is { } file)
            return Replay(Scenario.FromJson(File.ReadAllText(file)), bug, args.Contains("--shrink"));
        if (Option(args, "--seeds") is null && Option(args, "--seconds") is null)
        {
            Console.WriteLine(Usage);
            return 2;
        }
        return Report(new Campaign
        {
            From = (ulong)Number(args, "--from", 1),
            RunsMax = Number(args, "--seeds", long.MaxValue),
            TimeMax = Option(args, "--seconds") is { } seconds ? TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)) : TimeSpan.MaxValue,
            FailuresMax = (int)Number(args, "--failures", 1),
            Bug = bug,
            OfSeveral = ofSeveral,
            Threads = (int)Number(args, "--threads", Environment.ProcessorCount),
        }.Begin());
    }

    private static int Report(Campaign campaign)
    {
        foreach (var failed in campaign.Failures)
            Console.WriteLine($"seed {failed.Scenario.Seed}: {failed.Failure}");
        foreach (var sight in Enum.GetValues<Sight>())
            Console.WriteLine($"{sight,-32} {campaign.Sightings.Of(sight),12:N0}");
        Console.WriteLine(
            $"{campaign.Runs:N0} runs in {campaign.Took.TotalSeconds:0.0} s ({campaign.Runs / campaign.Took.TotalSeconds:0} per second, "
            + $"{campaign.Happened / Math.Max(1, campaign.Runs)} things each), {campaign.Failures.Count} failed; longest until quiet {campaign.LongestQuiet.TotalSeconds:0.0} s");
        return campaign.Failures.Count > 0 ? 1 : 0;
    }

    private static int Replay(Scenario scenario, PlantedBug bug, bool shrink)
    {
        var verdict = Simulation.Run.Of(scenario, bug);
        Console.WriteLine($"seed {scenario.Seed}, trace {verdict.Hash:x16}, {verdict.Happened} things: {verdict.Failure?.ToString() ?? "holds"}");
        if (verdict.Failure is null)
            return 0;
        if (shrink)
        {
            var smallest = Shrinker.Shrink(scenario, bug);
            Console.WriteLine($"{smallest.ToJson()}\n{smallest.Steps.Count} of {scenario.Steps.Count} steps: {Simulation.Run.Of(smallest, bug).Failure}");
        }
        return 1;
    }

    private static long Number(string[] args, string name, long otherwise) =>
        Option(args, name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string? Option(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
