using System.Text.Json.Nodes;

namespace Holi.Bench.Tests.Crank;

/// <summary>bench/crank/holi.benchmarks.yml, run the way crank would: its packages cannot be had here.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> WithGateway => [.. Benchmarks.Scenarios.Where(name => ScenarioRun.ServicesOf(name) > 1)];

    [Theory]
    [MemberData(nameof(WithGateway))]
    public Task A_scenario_runs_and_its_statistics_add_up(string name) => ScenarioRun.TryAsync(name);

    private static readonly CrankFile Benchmarks = ScenarioRun.Benchmarks;

    // What a job may say: a name that crank does not know would be passed over in silence.
    private static readonly string[] Known =
    [
        "source", "buildArguments", "framework", "readyStateText", "environmentVariables", "isConsoleApp", "waitForExit", "variables", "arguments", "job", "endpoints",
    ];

    [Fact]
    public void All_that_the_issue_names_are_there() =>
        Benchmarks.Scenarios.ShouldBe(["connect", "latency", "fanout", "flush", "reconnect", "storm", "cluster"], ignoreOrder: true);

    [Fact]
    public void Every_scenario_resolves_for_every_profile_with_an_agent_for_each_service()
    {
        Benchmarks.Profiles.ShouldBe(["local", "remote"], ignoreOrder: true);
        foreach (var (scenario, profile) in Benchmarks.Scenarios.SelectMany(s => Benchmarks.Profiles, (s, p) => (s, p)))
        {
            foreach (var (service, job) in Benchmarks.Resolve(scenario, profile, new Dictionary<string, string>()))
            {
                job.Select(p => p.Key).ShouldBeSubsetOf(Known, $"{scenario}, {service}");
                job["endpoints"].ShouldBeOfType<JsonArray>().ShouldHaveSingleItem();
                Path.GetFullPath((string)job["source"]!["localFolder"]!, Path.GetDirectoryName(ScenarioRun.Place)!).ShouldBe(Checkout.Folder);
                File.Exists(AgentJob.AssemblyOf(job)).ShouldBeTrue("the framework is the one that it is built for");
                ((string?)job["readyStateText"] is null).ShouldBe((string?)job["waitForExit"] == "true", "a server says when it is ready; a load ends");
            }
        }
    }

    [Fact]
    public void The_gateway_is_not_published_natively_unless_it_is_asked_for() =>
        // Its project would be: then there is no assembly, which an agent starts unless it is told otherwise.
        ((JsonArray)Benchmarks.Jobs["gateway"]!["buildArguments"]!).Select(a => (string)a!).ShouldBe(["/p:PublishAot=false"]);
}

/// <summary>Those whose load starts its gateways itself. A class of their own, so that they wait beside the others and not behind them.</summary>
public sealed class AloneScenarioTests
{
    public static TheoryData<string> Alone => [.. ScenarioRun.Benchmarks.Scenarios.Where(name => ScenarioRun.ServicesOf(name) == 1)];

    [Theory]
    [MemberData(nameof(Alone))]
    public Task A_scenario_runs_and_its_statistics_add_up(string name) => ScenarioRun.TryAsync(name);
}
