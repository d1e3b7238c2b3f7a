using System.CommandLine;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;

namespace Holi.Load.Scenarios;

/// <summary>From opening the socket to Welcome: authenticated, the device's state read from disk, its fence moved on disk.</summary>
internal static class ConnectScenario
{
    // So many at once: enough to keep the gateway busy, few enough that the machine's queue is not what is measured.
    private const int AtOnce = 4;

    public static Command Build(TimeProvider time)
    {
        var count = new Option<int>("--count") { Description = "Connections to make.", DefaultValueFactory = _ => 1000 }.AtLeast(1);
        var command = new Command("connect", "Time from opening the socket to Welcome.") { count };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(target, parsed.GetValue(count), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, int count, TimeProvider time, CancellationToken cancel)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 20), cancel, async (n, stop) => await OnceAsync(target, $"warm{n}", time, stop));

        var latencies = new Latencies();
        var cpu = target.Cpu;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), options, async (n, stop) => latencies.Record(await OnceAsync(target, $"user{n}", time, stop)));

        var report = target.Report("connect").Add("connections", count, "connections made");
        latencies.AddTo(report, tail: false);
        if (cpu is { } before)
            report.Add("serverCpuMsPerConnect", (target.Cpu!.Value - before).TotalMilliseconds / count, "server processor time each, close included");
        return report.Print(time);
    }

    private static async Task<TimeSpan> OnceAsync(GatewayTarget target, string user, TimeProvider time, CancellationToken cancel)
    {
        await using var device = new LightDevice(user);
        var token = target.Tokens.For(user);
        var start = time.GetTimestamp();
        await device.ConnectAsync(target.Endpoint, token, 0, [], cancel);
        return time.GetElapsedTime(start);
    }
}
