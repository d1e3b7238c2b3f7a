using System.CommandLine;
using System.Globalization;
using Holi.Client;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// From <c>SendAsync</c> to the other side's handler: stored on the sender's disk, committed on the gateway's, stored on the receiver's.
/// Open loop: a message is due at its time whether or not the last one has arrived, and its latency counts from when it was due, so
/// that a stall shows in every message that it delayed (no coordinated omission). With several gateways, the two of a pair are on different ones.
/// </summary>
internal static class LatencyScenario
{
    private const int AtOnce = 4;
    private const string Filler = "................................................................................................................";
    // Under load, the runtime compiles what is hot a second and a third time, for some ten seconds on two cores.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static Command Build(TimeProvider time)
    {
        var pairs = new Option<int>("--pairs") { Description = "Pairs of people; two connections each.", DefaultValueFactory = _ => 100 }.AtLeast(1);
        var rate = new Option<int>("--rate") { Description = "Messages per second over all pairs.", DefaultValueFactory = _ => 1000 }.AtLeast(1);
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 20 }.AtLeast(1);
        var texts = new Option<string?>("--texts") { Description = "What is said: a JSONL file of Holi.Synthetic. Without it: 128 bytes of filler." };
        var command = new Command("latency", "Durable end-to-end latency, from SendAsync to the other's handler.") { pairs, rate, seconds, texts };
        TargetOptions.AddTo(command, throughout: true);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            var said = parsed.GetValue(texts) is { } file ? ChatTexts.Read(file) : null;
            return await RunAsync(target, parsed.GetValue(pairs), parsed.GetValue(rate), parsed.GetValue(seconds), said, time, cancel);
        });
        return command;
    }

    private sealed record Pair(FullDevice Sender, FullDevice Receiver, string Id);

    private static async Task<int> RunAsync(GatewayTarget target, int pairs, int rate, int seconds, ChatTexts? said, TimeProvider time, CancellationToken cancel)
    {
        var stores = Directory.CreateTempSubdirectory("holi-latency-");
        var open = new Pair[pairs];
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, pairs), options, async (n, stop) => open[n] = await OpenAsync(target, n, stores.FullName, time, stop));
            Console.Error.WriteLine($"{pairs * 2} connections are open; {rate} messages/s for {seconds} s after {WarmUp.TotalSeconds:0} s of warm-up …");

            var latencies = new Latencies();
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var total = (int)(rate * (seconds + WarmUp.TotalSeconds));
            var warm = (int)(rate * WarmUp.TotalSeconds);
            var loop = new OpenLoop(rate, time);
            long arrived = 0;
            var receiving = open.Select(pair => ReceiveAsync(pair, message =>
            {
                Interlocked.Increment(ref arrived);
                if (message >= warm)
                    latencies.Record(loop.Since(message));
            }, stopping.Token)).ToArray();

            TimeSpan? cpu = null;
            var sending = new Task[total];
            await loop.RunAsync(total, message =>
            {
                if (message == warm)
                    cpu = target.Cpu;
                var pair = open[message % pairs];
                var text = message.ToString(CultureInfo.InvariantCulture) + (said is null ? Filler : $".{said[message]}");
                sending[message] = pair.Sender.Client.Conversation(pair.Id).SendAsync(text, cancel).AsTask();
            }, cancel);
            await Task.WhenAll(sending);
            var used = target.Cpu - cpu;
            var waited = time.GetTimestamp();
            while (Interlocked.Read(ref arrived) < total && time.GetElapsedTime(waited) < TimeSpan.FromSeconds(30))
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancel);
            await stopping.CancelAsync();
            await Task.WhenAll(receiving);

            var sameGateway = target.Endpoints.Count > 1 ? open.Count(pair => pair.Sender.Gateway == pair.Receiver.Gateway) : 0;
            var report = target.Report("latency").Add("pairs", pairs, "pairs").Add("rate", rate, "messages per second").Add("messages", latencies.Count, "messages measured");
            latencies.AddTo(report, tail: true).AddGuarantee("missing", total - arrived, "messages that did not arrive")
                .AddGuarantee("sameGateway", sameGateway, "pairs of which both are at one of several gateways");
            if (used is { } spent)
                report.Add("serverCpuMicrosecondsPerMessage", spent.TotalMicroseconds / (total - warm), "server processor time of each, durable");
            return report.Print(time);
        }
        finally
        {
            foreach (var pair in open)
            {
                if (pair is null)
                    continue;
                await pair.Sender.DisposeAsync();
                await pair.Receiver.DisposeAsync();
            }
            stores.Delete(recursive: true);
        }
    }

    private static async Task<Pair> OpenAsync(GatewayTarget target, int n, string stores, TimeProvider time, CancellationToken cancel)
    {
        // Where there are several gateways, each message crosses from one to another, also after a connection was lost.
        var sender = await FullDevice.StartAsync(target, $"sender-{n}", stores, time, cancel, onlyGateway: n);
        var receiver = await FullDevice.StartAsync(target, $"receiver-{n}", stores, time, cancel, onlyGateway: n + 1);
        var made = await sender.Client.CreateConversationAsync(null, [new NewMember($"receiver-{n}", MemberRole.Member)], cancel);
        await made.Command.Committed.WaitAsync(cancel);
        await receiver.FollowsAsync(made.Conversation.Id, time, cancel);
        return new Pair(sender, receiver, made.Conversation.Id);
    }

    private static async Task ReceiveAsync(Pair pair, Action<int> arrived, CancellationToken stop)
    {
        try
        {
            await foreach (var happened in pair.Receiver.Client.Conversation(pair.Id).Events(0, stop))
            {
                if (happened.Text is { } text)
                    arrived(int.Parse(text.AsSpan(0, text.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
            }
        }
        catch (OperationCanceledException)
        {
            // The measure is over.
        }
    }
}
