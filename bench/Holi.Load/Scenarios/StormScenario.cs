using System.CommandLine;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Load.Scenarios.Storm;

namespace Holi.Load.Scenarios;

/// <summary>
/// All connections are cut at one moment, messages are written to them meanwhile, and all come back by themselves: how long until the last one is caught
/// up, and what that costs the gateway. Each returns when the protocol's backoff says (§12), to the next gateway where there are several.
/// </summary>
internal static class StormScenario
{
    // The first storm compiles what the others need.
    private const int WarmUps = 1;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    public static Command Build(TimeProvider time)
    {
        var count = new Option<int>("--count") { Description = "Connections, in rooms of ten.", DefaultValueFactory = _ => 1000 }.AtLeast(1);
        var messages = new Option<int>("--messages") { Description = "Messages to each room while its people are away.", DefaultValueFactory = _ => 5 }.AtLeast(1);
        var rounds = new Option<int>("--rounds") { Description = "Storms that are measured, after one that is not.", DefaultValueFactory = _ => 3 }.AtLeast(1);
        var within = new Option<int>("--within-ms") { Description = "Fail where somebody is not back and caught up within so many ms; 0: only state it." };
        var command = new Command("storm", "All connections cut at once, until the last is back and caught up.") { count, messages, rounds, within };
        TargetOptions.AddTo(command, needsProcesses: true);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            var plan = new Plan(parsed.GetValue(count), parsed.GetValue(messages), parsed.GetValue(rounds), TimeSpan.FromMilliseconds(parsed.GetValue(within)));
            return await RunAsync(target, plan, time, cancel);
        });
        return command;
    }

    private sealed record Plan(int Count, int Messages, int Rounds, TimeSpan Within);

    private static async Task<int> RunAsync(GatewayTarget target, Plan plan, TimeProvider time, CancellationToken cancel)
    {
        await using var crowd = await StormCrowd.OpenAsync(target, plan.Count, time, cancel);
        var (backs, cpu, late, missing, slowest) = (new Latencies(), TimeSpan.Zero, 0L, 0L, new List<double>());
        for (var round = 0; round < WarmUps + plan.Rounds; round++)
        {
            Console.Error.WriteLine($"{plan.Count} connections are open; cutting all …");
            await Task.Delay(Between, time, cancel);
            var before = target.Cpu!.Value;
            var times = await crowd.StormAsync(plan.Messages, cancel);
            if (round < WarmUps)
                continue;
            cpu += target.Cpu!.Value - before;
            missing += plan.Count - times.Count;
            slowest.Add(times.Max().TotalMilliseconds);
            foreach (var back in times)
            {
                backs.Record(back);
                late += plan.Within > TimeSpan.Zero && back > plan.Within ? 1 : 0;
            }
        }

        slowest.Sort();
        var report = target.Report("storm").Add("connections", plan.Count, "cut at one moment").Add("rounds", plan.Rounds, "storms")
            .Add("lastBackMs", slowest[slowest.Count / 2], "from the cut until the last connection is back and caught up; median of the storms")
            .Add("lastBackMsWorst", slowest[^1], "the same, of the slowest storm");
        backs.AddTo(report, tail: false)
            .Add("serverCpuMsPerConnection", cpu.TotalMilliseconds / plan.Rounds / plan.Count, "the gateways' processor time of each return, the messages included")
            .Add("attempts", crowd.Attempts, "openings tried in all storms").Add("refused", crowd.Refused, "of those, refused by a gateway")
            .AddGuarantee("missing", missing, "connections that were not caught up after a minute")
            .AddGuarantee("outOfOrder", crowd.OutOfOrder, "messages that did not follow their predecessor: lost, repeated or turned round");
        if (plan.Within > TimeSpan.Zero)
            report.AddGuarantee("late", late, "connections that took longer than --within-ms");
        return report.Print(time);
    }
}
