using System.CommandLine;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Load.Scenarios.Overload;

namespace Holi.Load.Scenarios;

/// <summary>
/// More is offered than the gateways can commit. First their capacity is measured, then so many times as much is offered (open loop), then half
/// of it. What is admitted must be answered soon, what is not must be told so clearly, nothing acknowledged may be lost, and when it is over all must be well at once.
/// </summary>
internal static class OverloadScenario
{
    private const double CalmShare = 0.5;
    private static readonly TimeSpan CalmMost = TimeSpan.FromSeconds(6);

    public static Command Build(TimeProvider time)
    {
        var devices = new Option<int>("--devices") { Description = "Devices that offer.", DefaultValueFactory = _ => 400 }.AtLeast(1);
        var seconds = new Option<int>("--seconds") { Description = "How long too much is offered; the capacity is measured as long.", DefaultValueFactory = _ => 10 }.AtLeast(1);
        var factor = new Option<double>("--factor") { Description = "How many times the capacity is offered.", DefaultValueFactory = _ => 2 };
        var command = new Command("overload", "Twice what can be committed: latency of what is admitted, refusals, recovery.") { devices, seconds, factor };
        TargetOptions.AddTo(command, needsProcesses: true);
        command.Refuse(order => order.Has(factor) && order.GetValue(factor) is (< 0.1 or > 20), "--factor takes 0.1 to 20.");
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(target, parsed.GetValue(devices), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(factor), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, int devices, TimeSpan duration, double factor, TimeProvider time, CancellationToken cancel)
    {
        await using var crowd = await OfferingCrowd.OpenAsync(target, devices, time, cancel);
        Console.Error.WriteLine($"{devices} devices are connected; measuring what can be committed …");
        var capacity = await crowd.MeasureCapacityAsync(duration, cancel);

        Console.Error.WriteLine($"{capacity:0} messages/s can be committed; offering {factor:0.#} times as many …");
        var cpu = target.Cpu!.Value;
        var start = time.GetTimestamp();
        var much = await crowd.OfferAsync(capacity * factor, duration, cancel);
        var elapsed = time.GetElapsedTime(start);
        var share = (target.Cpu!.Value - cpu) / elapsed;
        Console.Error.WriteLine($"Offering {CalmShare * 100:0} % of it …");
        var calm = await crowd.OfferAsync(capacity * CalmShare, duration < CalmMost ? duration : CalmMost, cancel);
        await crowd.SettleAsync(cancel);
        var (lost, duplicated) = await crowd.CompareWithLogAsync(cancel);

        var report = target.Report("overload").Add("devices", devices, "devices that offer")
            .Add("capacityPerSecond", capacity, "messages that can be committed per second").Add("offeredPerSecond", much.Offered / elapsed.TotalSeconds, "messages offered per second")
            .Add("admittedPerSecond", much.Latencies.Count / elapsed.TotalSeconds, "of those, acknowledged per second")
            .Add("admittedP50Ms", much.Latencies.Milliseconds(50), "from sending to the Commit, median").Add("admittedP99Ms", much.Latencies.Milliseconds(99), "99th percentile")
            .Add("admittedMaxMs", much.Latencies.MaxMilliseconds, "the longest")
            .Add("refusedPercent", 100.0 * much.Refused / Math.Max(1, much.Offered), "of what was offered: not acknowledged")
            .Add("offeredLateP99Ms", much.Lateness.Milliseconds(99), "how late this load itself was, 99th percentile")
            .Add("serverCpuCores", share, "processors that the gateways used meanwhile");
        foreach (var (how, times) in much.Refusals)
            report.Add($"refusals.{how}", times, "connections that were told so");
        report.Add("retryHintMs", much.RetryHintMs, "the longest that a device was asked to stay away: after, and spread")
            .Add("lastLateMs", calm.LastLateMs, "after it was over, until the last message that took 100 ms was sent")
            .Add("lastAwayMs", calm.LastAwayMs, "after it was over, until the last device that was sent away was back")
            .Add("calmRefusals", calm.Refusals.Values.Sum(), "connections that were refused after it was over");
        foreach (var (how, times) in calm.Refusals)
            report.Add($"calmRefusals.{how}", times, "connections that were told so after it was over");
        report
            .Add("calmP99Ms", calm.Latencies.Milliseconds(99), "99th percentile of half the capacity, right after")
            .AddGuarantee("lost", lost, "acknowledged and not in the log").AddGuarantee("duplicated", duplicated, "in the log twice");
        return report.Print(time);
    }
}
