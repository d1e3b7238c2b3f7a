using System.Globalization;
using Holi.Simulation.Proof;
using Holi.Simulation.Scenarios;

namespace Holi.Simulation;

/// <summary>D O S L B X E over the whole system, and proof that the proof can fail (see SimulationCommand.cs for longer ones).</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    // Fewer runs than this need not have met everything.
    private const int RunsForCoverage = 1_500;

    // Within so many runs a bug between gateways is found; the rarest took some hundreds.
    private const int RunsToCatch = 2_000;

    // How far the seeds from 1 were run and found clean: Holi.Simulation.dll --seeds 40000. Whoever changes what a run is made of runs them again. A
    // machine that gets further in its time would meet seeds nobody has looked at, and a red suite must mean a change, not a new seed.
    private const int SeedsProven = 40_000;

    // The same for the seeds' runs of several gateways: Holi.Simulation.dll --cluster --seeds 30000.
    private const int SeedsProvenOfSeveral = 30_000;

    private static TimeSpan Time => TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("HOLI_SIMULATION_SECONDS") ?? "60", CultureInfo.InvariantCulture));

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder(), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order()];

    [Fact]
    public void Every_run_keeps_the_promise_and_together_they_meet_every_state()
    {
        // As many as the time allows, and none beyond those that are proven; --seconds and --seeds look for new ones.
        const ulong from = 1;
        var campaign = new Campaign { From = from, RunsMax = SeedsProven, TimeMax = Time / 2 }.Begin();
        output.WriteLine($"{campaign.Runs} runs from seed {from}, longest until quiet {campaign.LongestQuiet}");
        campaign.Failures.Select(f => $"seed {f.Scenario.Seed}: {f.Failure}").ShouldBeEmpty();
        if (campaign.Runs >= RunsForCoverage)
            campaign.Sightings.Missing(ofSeveral: false).ShouldBeEmpty($"states that {campaign.Runs} runs never reached");
    }

    [Fact]
    public void Several_gateways_keep_it_too_and_together_they_meet_every_state_of_theirs()
    {
        var campaign = new Campaign { OfSeveral = true, RunsMax = SeedsProvenOfSeveral, TimeMax = Time / 2 }.Begin();
        output.WriteLine($"{campaign.Runs} runs, longest until quiet {campaign.LongestQuiet}");
        campaign.Failures.Select(f => $"seed {f.Scenario.Seed}: {f.Failure}").ShouldBeEmpty();
        if (campaign.Runs >= RunsForCoverage)
            campaign.Sightings.Missing(ofSeveral: true).ShouldBeEmpty($"states that {campaign.Runs} runs never reached");
    }

    [Theory]
    [InlineData(PlantedBug.AckBeforeCommit)]
    [InlineData(PlantedBug.InMemoryDedup)]
    [InlineData(PlantedBug.MissingReAck)]
    [InlineData(PlantedBug.NoClientDedup)]
    [InlineData(PlantedBug.UnorderedCommits)]
    [InlineData(PlantedBug.NewestHelloWins)]
    public void A_planted_bug_is_caught(PlantedBug bug)
    {
        var campaign = new Campaign { Bug = bug, TimeMax = TimeSpan.FromSeconds(60) }.Begin();
        output.WriteLine($"{campaign.Runs} runs, {campaign.Took}: {campaign.Failures.FirstOrDefault()?.Failure}");
        campaign.Failures.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(PlantedBug.HolesPublished)]
    [InlineData(PlantedBug.WakeupsHeadTrusted)]
    [InlineData(PlantedBug.PublishedBeforeRemoval)]
    [InlineData(PlantedBug.NeverCompared)]
    [InlineData(PlantedBug.FenceNotChecked)]
    [InlineData(PlantedBug.OneCountForAllWriters)]
    [InlineData(PlantedBug.NoRowLocks)]
    [InlineData(PlantedBug.NewestHelloWins)]
    public void A_bug_planted_between_gateways_is_caught(PlantedBug bug)
    {
        var campaign = new Campaign { OfSeveral = true, Bug = bug, RunsMax = RunsToCatch }.Begin();
        output.WriteLine($"{campaign.Runs} runs, {campaign.Took}: {campaign.Failures.FirstOrDefault()?.Failure}");
        campaign.Failures.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_run_is_a_function_of_its_seed()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Run.Of(seed).Hash.ShouldBe(Run.Of(Scenario.FromJson(ScenarioMaker.Make(seed).ToJson())).Hash, $"seed {seed}");
            Run.OfSeveral(seed).Hash.ShouldBe(Run.Of(Scenario.FromJson(ClusterScenario.Make(seed).ToJson())).Hash, $"seed {seed}, several");
        }
    }

    [Theory]
    [InlineData(PlantedBug.UnorderedCommits, false)]
    [InlineData(PlantedBug.WakeupsHeadTrusted, true)]
    public void A_failing_scenario_shrinks_to_what_it_takes(PlantedBug bug, bool ofSeveral)
    {
        var failing = new Campaign { Bug = bug, OfSeveral = ofSeveral, TimeMax = TimeSpan.FromSeconds(60) }.Begin().Failures[0];
        var smallest = Shrinker.Shrink(failing.Scenario, bug, triesMax: 300);
        smallest.Steps.Count.ShouldBeLessThan(failing.Scenario.Steps.Count);
        Run.Of(smallest, bug).Failure.ShouldNotBeNull();
        Run.Of(smallest).Failure.ShouldBeNull();
    }

    /// <summary>Scenarios that once failed. Why is written in each.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void What_once_failed_holds(string name) =>
        Run.Of(Scenario.FromJson(File.ReadAllText(Path.Combine(Folder(), name + ".json")))).Failure.ShouldBeNull();

    // Beside the program, not beside the source: a deterministic build (CI) does not know where its source lay.
    private static string Folder() => Path.Combine(AppContext.BaseDirectory, "Cases");
}
