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
        var seconds = new Option<int>("--seconds") { Description = "How long faults strike.", DefaultValueFactory = _ => 60 }.AtLeast(1);
        var faults = new Option<string?>("--faults")
        {
            Description = "Names with commas between. Default: all that this machine can do. There are: "
                + string.Join("; ", FaultTable.Kinds.Select(kind => $"{kind.Name} ({kind.What})")) + ".",
        };
        var seed = new Option<int>("--seed") { Description = "Seed of the workload and the faults.", DefaultValueFactory = _ => 1 };
        var earlier = new Option<string?>("--earlier-gateway") { Description = "A gateway of the version before, for mixed-versions: a native binary or Holi.Gateway.dll." };
        var command = new Command("chaos", "Faults strike, everything heals, nothing is lost.") { seconds, faults, seed, earlier };
        TargetOptions.AddTo(command, throughout: true, needsProcesses: true);
        command.Refuse(order => order.GetValue(earlier) is { } program && !File.Exists(program), "--earlier-gateway names a file that is not there.");
        command.Validators.Add(order =>
        {
            foreach (var error in Names(order.GetValue(faults)).Select(name => Wrong(name, TargetOptions.NeedsOf(order, order.GetValue(earlier) is not null))).OfType<string>())
                order.AddError(error);
        });
        command.SetAction((parsed, cancel) =>
        {
            var site = TargetOptions.PlanOf(parsed);
            var plan = new ChaosPlan(
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), Names(parsed.GetValue(faults)), parsed.GetValue(seed), site.RedisThroughout, parsed.GetValue(earlier));
            return RunAsync(site, plan, time, cancel);
        });
        return command;
    }

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string? Wrong(string name, FaultNeeds has)
    {
        if (FaultTable.Kinds.FirstOrDefault(kind => kind.Name == name) is not { } kind)
            return $"There is no fault '{name}'; there are {string.Join(", ", FaultTable.Kinds.Select(known => known.Name))}.";
        return kind.Lacks(has) is { } lacking ? $"The fault '{name}' needs {lacking}." : null;
    }

    private static async Task<int> RunAsync(SitePlan site, ChaosPlan plan, TimeProvider time, CancellationToken cancel)
    {
        await using var run = await ChaosRun.StartAsync(site, plan, time, cancel);
        var (struck, skipped) = await run.StormAsync(cancel);
        var (unconverged, convergedMs) = await run.ConvergeAsync(cancel);
        await run.EndAsync();
        unconverged += (await run.ConvergeAsync(cancel)).Late;
        var (receipts, _) = await run.ReceiptsAsync(cancel);
        unconverged += (await run.GuestsAsync(cancel)).Late;
        var (presence, presenceMs) = await run.PresenceAsync(cancel);
        var findings = await run.CheckAsync(cancel);
        foreach (var example in findings.Examples)
            Console.Error.WriteLine("broken: " + example);
        var report = new Report("chaos")
            .Add("gateways", site.Gateways, "gateways")
            .Add("operations", run.Spoken.Operations, "things tried")
            .Add("acknowledged", run.Spoken.Acknowledged.Count, "messages acknowledged")
            .AddGuarantee("lost", findings.Lost, "acknowledged and not in a log")
            .AddGuarantee("duplicated", findings.Duplicated, "in the logs more than once")
            .AddGuarantee("outOfOrder", findings.OutOfOrder, "in another order than said, or shown otherwise than the log has it")
            .AddGuarantee("crossTenant", findings.CrossTenant, "where it does not belong")
            .AddGuarantee("crossMembership", findings.CrossMembership, "shown to somebody who was no member then")
            .AddGuarantee("unconverged", unconverged, "devices that were not up to date 5 s after healing, or after being invited or dismissed")
            .AddGuarantee("receiptsWrong", receipts, "receipts that were not up to date 5 s after the last message")
            .AddGuarantee("presenceWrong", presence, "people shown otherwise than they are, 8 s after they came or went")
            .Add("shownToGuests", run.ShownToGuests, "events shown to who came and went")
            .Add("convergedMs", convergedMs, "from healing to everybody being up to date")
            .Add("presenceMs", presenceMs, "from people's leaving to everybody seeing them offline")
            .Add("faults", struck.Values.Sum(), "faults that struck")
            .Add("faultsSkipped", skipped, "kinds of faults that could not be struck here; why is on standard error");
        foreach (var (name, count) in struck.OrderBy(kind => kind.Key, StringComparer.Ordinal))
            report.Add("fault." + name, count, "times struck");
        return report.Print(time);
    }
}

/// <summary>What a run of chaos is to be.</summary>
/// <param name="Duration">How long faults strike.</param>
/// <param name="Faults">Their names; empty for all.</param>
/// <param name="Seed">Of the workload and the faults.</param>
/// <param name="Redis">Its condition throughout.</param>
/// <param name="EarlierGateway">The gateway of the version before; null where none was named.</param>
internal sealed record ChaosPlan(TimeSpan Duration, IReadOnlyList<string> Faults, int Seed, RedisCondition Redis, string? EarlierGateway);
