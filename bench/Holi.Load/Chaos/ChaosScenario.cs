using System.CommandLine;
using Holi.Load.Chaos.Faults;
using Holi.Load.Gateways;
using Holi.Load.Reports;

namespace Holi.Load.Chaos;

/// <summary>
/// A mixed workload on several gateways while faults strike, three at a time; then everything is healed, and what everybody said and was told is
/// held against what the logs hold and the devices show.
/// </summary>
internal static class ChaosScenario
{
    public static Command Build(TimeProvider time)
    {
        var seconds = new Option<int>("--seconds") { Description = "How long faults strike.", DefaultValueFactory = _ => 60 };
        var faults = new Option<string?>("--faults") { Description = "Names with commas between; default: all that this machine can do." };
        var seed = new Option<int>("--seed") { Description = "Seed of the workload and the faults.", DefaultValueFactory = _ => 1 };
        var redis = new Option<string>("--redis-throughout")
        {
            Description = "well, flushed (FLUSHALL each second) or dead (killed at the start, back with the healing).",
            DefaultValueFactory = _ => "well",
        };
        redis.AcceptOnlyFromAmong("well", "flushed", "dead");
        var command = new Command("chaos", "Faults strike, everything heals, nothing is lost.") { seconds, faults, seed, redis };
        TargetOptions.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(
            TargetOptions.PlanOf(parsed),
            new ChaosPlan(
                TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(faults)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
                parsed.GetValue(seed),
                parsed.GetValue(redis)!),
            time, cancel));
        return command;
    }

    private static async Task<int> RunAsync(SitePlan site, ChaosPlan plan, TimeProvider time, CancellationToken cancel)
    {
        await using var run = await ChaosRun.StartAsync(site, plan, time, cancel);
        var struck = await run.StormAsync(cancel);
        var (unconverged, convergedMs) = await run.ConvergeAsync(cancel);
        await run.EndAsync();
        unconverged += (await run.ConvergeAsync(cancel)).Unconverged;
        var findings = await run.CheckAsync(cancel);
        foreach (var example in findings.Examples)
            Console.Error.WriteLine("broken: " + example);
        var report = new Report("chaos")
            .Add("operations", run.Spoken.Operations, "things tried")
            .Add("acknowledged", run.Spoken.Acknowledged.Count, "messages acknowledged")
            .AddGuarantee("lost", findings.Lost, "acknowledged and not in a log")
            .AddGuarantee("duplicated", findings.Duplicated, "in the logs more than once")
            .AddGuarantee("outOfOrder", findings.OutOfOrder, "in another order than said, or shown otherwise than the log has it")
            .AddGuarantee("crossTenant", findings.CrossTenant, "where it does not belong")
            .AddGuarantee("unconverged", unconverged, "devices that were not up to date 5 s after healing")
            .Add("convergedMs", convergedMs, "from healing to everybody being up to date");
        foreach (var (name, count) in struck)
            report.Add("fault." + name, count, "times struck");
        return report.Print(time);
    }
}

/// <summary>What a run of chaos is to be.</summary>
/// <param name="Duration">How long faults strike.</param>
/// <param name="Faults">Their names; empty for all.</param>
/// <param name="Seed">Of the workload and the faults.</param>
/// <param name="Redis">Its condition throughout: well, flushed or dead.</param>
internal sealed record ChaosPlan(TimeSpan Duration, IReadOnlyList<string> Faults, int Seed, string Redis);
