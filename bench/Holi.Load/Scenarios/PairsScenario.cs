using System.CommandLine;
using System.Globalization;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// One to one at a steady rate, by devices with nothing behind them: what a message costs the gateway when commits are small, and how long it
/// takes from when it was due (open loop, as in <see cref="LatencyScenario"/>) until the other side has read it, committed in between.
/// </summary>
internal static class PairsScenario
{
    // The just-in-time compiler is at work in the first seconds; its processor time is not the messages'.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);
    private static readonly string Filler = new('.', 120);

    public static Command Build(TimeProvider time)
    {
        var pairs = new Option<int>("--pairs") { Description = "Pairs of people; two connections each.", DefaultValueFactory = _ => 100 }.AtLeast(1);
        var rate = new Option<int>("--rate") { Description = "Messages per second over all pairs.", DefaultValueFactory = _ => 1000 }.AtLeast(1);
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 10 }.AtLeast(1);
        var command = new Command("pairs", "Server processor time and latency of single messages, without the clients' stores.") { pairs, rate, seconds };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(target, parsed.GetValue(pairs), parsed.GetValue(rate), parsed.GetValue(seconds), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, int pairs, int rate, int seconds, TimeProvider time, CancellationToken cancel)
    {
        var (devices, topics) = await Rooms.OpenAsync(target, "pair", pairs, 2, cancel);
        var warm = (int)(rate * WarmUp.TotalSeconds);
        var total = warm + (rate * seconds);
        var start = time.GetTimestamp() + (time.TimestampFrequency / 5);
        long Due(int message) => start + (long)((double)message / rate * time.TimestampFrequency);
        var latencies = new Latencies();
        long arrived = 0;
        foreach (var pair in devices)
        {
            pair[1].OnEvent = (_, happened) =>
            {
                if (happened.Type != MessageTypes.MessagePost || !MessagePost.TryRead(happened.Payload, out var post))
                    return;
                Interlocked.Increment(ref arrived);
                var message = int.Parse(post!.Text.AsSpan(0, post.Text.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
                if (message >= warm)
                    latencies.Record(time.GetElapsedTime(Due(message)));
            };
        }

        Console.Error.WriteLine($"{pairs * 2} connections are open; {rate} messages/s for {seconds} s after {WarmUp.TotalSeconds:0} s of warm-up …");
        TimeSpan? cpu = null;
        for (var message = 0; message < total; message++)
        {
            while (time.GetTimestamp() < Due(message))
                await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancel);
            if (message == warm)
                cpu = target.Cpu;
            var text = message.ToString(CultureInfo.InvariantCulture) + Filler;
            await devices[message % pairs][0].PostAsync(topics[message % pairs], text, cancel);
        }
        var used = target.Cpu - cpu;
        for (var waited = time.GetTimestamp(); Interlocked.Read(ref arrived) < total && time.GetElapsedTime(waited) < TimeSpan.FromSeconds(15);)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancel);

        var report = target.Report("pairs").Add("pairs", pairs, "pairs").Add("rate", rate, "messages per second").Add("messages", latencies.Count, "messages measured");
        latencies.AddTo(report, tail: true).AddGuarantee("missing", total - arrived, "messages that did not arrive");
        if (used is { } spent)
            report.Add("serverCpuMicrosecondsPerMessage", spent.TotalMicroseconds / (total - warm), "server processor time of each, durable");
        await Rooms.CloseAsync(devices);
        return report.Print(time);
    }
}
