using System.CommandLine;
using System.Globalization;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Load.Scenarios.Soak;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// A steady load for as long as you like: pairs write to each other at a fixed rate, and others connect and leave all the time. What a gateway holds is
/// sampled every few seconds, and the slope of each series is stated: what leaks grows. Nothing may be lost or repeated, and the far tail counts from when a message was due.
/// </summary>
internal static class SoakScenario
{
    private const int Pairs = 50;

    public static Command Build(TimeProvider time)
    {
        var minutes = new Option<double>("--minutes") { Description = "How long, after a quarter as long of warm-up (a minute at most).", DefaultValueFactory = _ => 5 };
        var rate = new Option<int>("--rate") { Description = "Messages per second over all pairs.", DefaultValueFactory = _ => 500 }.AtLeast(1);
        var churn = new Option<int>("--churn") { Description = "Connections that come and go per second.", DefaultValueFactory = _ => 5 }.AtLeast(0);
        var command = new Command("soak", "Steady load: memory, handles and threads over time, and the tail of latency.") { minutes, rate, churn };
        TargetOptions.AddTo(command, needsProcesses: true);
        command.Refuse(order => order.Has(minutes) && order.GetValue(minutes) <= 0, "--minutes takes more than 0.");
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(target, TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(rate), parsed.GetValue(churn), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, TimeSpan duration, int rate, int churn, TimeProvider time, CancellationToken cancel)
    {
        var warmUp = duration / 4 < TimeSpan.FromMinutes(1) ? duration / 4 : TimeSpan.FromMinutes(1);
        var (warm, total) = ((int)(rate * warmUp.TotalSeconds), (int)(rate * (warmUp + duration).TotalSeconds));
        var (devices, topics) = await Rooms.OpenAsync(target, "soak", Pairs, 2, cancel);
        var loop = new OpenLoop(rate, time);
        var (latencies, seen) = (new Latencies(), new SeenMessages(Pairs));
        for (var pair = 0; pair < Pairs; pair++)
        {
            var own = pair;
            devices[pair][1].OnEvent = (_, happened) =>
            {
                if (happened.Type != MessageTypes.MessagePost || !MessagePost.TryRead(happened.Payload, out var post))
                    return;
                var message = int.Parse(post.Text, CultureInfo.InvariantCulture);
                seen.Add(own, message);
                if (message >= warm)
                    latencies.Record(loop.Since(message));
            };
        }

        Console.Error.WriteLine($"{Pairs * 2} connections are open and {churn}/s come and go; {rate} messages/s for {duration.TotalMinutes:0.#} min after {warmUp.TotalSeconds:0} s of warm-up …");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var guests = new Guests(target, churn, time);
        var visiting = guests.RunAsync(stopping.Token);
        var samples = new ProcessSamples(target.Site!.Nodes, warmUp, duration, time);
        var sampling = samples.RunAsync(stopping.Token);
        await loop.RunAsync(total, message => _ = devices[message % Pairs][0].PostAsync(
            topics[message % Pairs], message.ToString(CultureInfo.InvariantCulture), cancel), cancel);
        for (var waited = time.GetTimestamp(); seen.Count < total && time.GetElapsedTime(waited) < TimeSpan.FromSeconds(15);)
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancel);
        await stopping.CancelAsync();
        await Task.WhenAll(visiting, sampling);

        var report = target.Report("soak").Add("minutes", duration.TotalMinutes, "measured").Add("rate", rate, "messages per second")
            .Add("messages", latencies.Count, "messages measured").Add("visits", guests.Visits, "connections that came and went");
        latencies.AddTo(report, tail: true);
        samples.AddTo(report)
            .AddGuarantee("lost", total - seen.Distinct, "messages that did not arrive").AddGuarantee("duplicated", seen.Count - seen.Distinct, "messages that arrived again")
            .AddGuarantee("outOfOrder", seen.OutOfOrder, "messages that did not follow their predecessor");
        await Rooms.CloseAsync(devices);
        return report.Print(time);
    }
}
