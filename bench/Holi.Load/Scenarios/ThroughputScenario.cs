using System.CommandLine;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Load.Scenarios.Flush;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// Many devices come back at once, each with an outbox full of messages on disk: how many a second are committed and arrive at others. Each message
/// is durable at its sender and in the gateway's log before it is delivered.
/// </summary>
internal static class ThroughputScenario
{
    private const int Witnesses = 5, AtOnce = 4, Window = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(5);

    public static Command Build(TimeProvider time)
    {
        var devices = new Option<int>("--devices") { Description = "Devices that flush at once.", DefaultValueFactory = _ => 50 }.AtLeast(1);
        var messages = new Option<int>("--messages") { Description = "Messages in all.", DefaultValueFactory = _ => 200_000 }.AtLeast(1);
        var command = new Command("throughput", "Durable messages per second when many devices flush at once.") { devices, messages };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(target, parsed.GetValue(devices), parsed.GetValue(messages), time, cancel);
        });
        return command;
    }

    private sealed record Sender(FullDevice Device, string Id, int Messages);

    private static async Task<int> RunAsync(GatewayTarget target, int devices, int messages, TimeProvider time, CancellationToken cancel)
    {
        var stores = Directory.CreateTempSubdirectory("holi-throughput-");
        var senders = new Sender[devices];
        var tally = new Tally();
        var witnesses = Enumerable.Range(0, Witnesses).Select(n => new LightDevice($"witness-{n}") { OnEvent = tally.Count }).ToArray();
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, devices), options, async (n, stop) =>
                senders[n] = await QueueAsync(target, n, (messages / devices) + (n < messages % devices ? 1 : 0), stores.FullName, time, stop));
            foreach (var witness in witnesses)
            {
                await witness.ConnectAsync(target.Endpoint, target.Tokens.For(witness.User), 0, [], cancel);
                await witness.TopicsReadAsync(cancel);
            }
            Console.Error.WriteLine($"{messages} messages are queued on {devices} devices; connecting all …");

            var cpu = target.Cpu;
            var start = time.GetTimestamp();
            foreach (var sender in senders)
            {
                sender.Device.Network.SwitchOn();
                sender.Device.Client.NetworkAvailable();
            }
            while ((tally.Arrived < messages || senders.Any(sender => sender.Device.Client.Status.QueuedCommands > 0)) && time.GetElapsedTime(start) < Patience)
                await Task.Delay(Look, time, cancel);
            var seconds = time.GetElapsedTime(start).TotalSeconds;

            var report = target.Report("throughput").Add("devices", devices, "devices that flush at once").Add("messages", messages, "messages in all")
                .AddGuarantee("lost", messages - tally.Arrived, "messages that did not arrive")
                .AddGuarantee("outOfOrder", tally.OutOfOrder, "messages that did not follow their predecessor")
                .Add("seconds", seconds, "from the network's return to the last arrival and the last acknowledgement")
                .Add("messagesPerSecond", messages / seconds, "durable messages a second, end to end");
            if (cpu is { } before)
                report.Add("serverCpuMicrosecondsPerMessage", (target.Cpu!.Value - before).TotalMicroseconds / messages, "the gateways' processor time of each");
            return report.Print(time);
        }
        finally
        {
            foreach (var sender in senders)
            {
                if (sender is not null)
                    await sender.Device.DisposeAsync();
            }
            foreach (var witness in witnesses)
                await witness.DisposeAsync();
            stores.Delete(recursive: true);
        }
    }

    // Its conversation is made with a network, its messages are written without.
    private static async Task<Sender> QueueAsync(GatewayTarget target, int n, int messages, string stores, TimeProvider time, CancellationToken cancel)
    {
        var device = await FullDevice.StartAsync(target, $"sender-{n}", stores, time, cancel);
        var made = await device.Client.CreateConversationAsync(null, [new NewMember($"witness-{n % Witnesses}", MemberRole.Member)], cancel);
        await made.Command.Committed.WaitAsync(cancel);
        device.Network.SwitchOff();
        device.Client.NetworkLost();
        for (var next = 0; next < messages; next += Window)
        {
            var window = Enumerable.Range(next, Math.Min(Window, messages - next))
                .Select(number => made.Conversation.SendAsync(FlushMessages.Text(number), cancel).AsTask()).ToArray();
            await Task.WhenAll(window);
        }
        return new Sender(device, made.Conversation.Id, messages);
    }

    /// <summary>What the witnesses see, by topic: every message must follow its predecessor.</summary>
    private sealed class Tally
    {
        private readonly Dictionary<string, int> _last = [];
        private readonly Lock _lock = new();
        private long _arrived;

        public long Arrived => Interlocked.Read(ref _arrived);

        public long OutOfOrder { get; private set; }

        public void Count(LightDevice witness, EventFrame happened)
        {
            if (happened.Type != MessageTypes.MessagePost || !MessagePost.TryRead(happened.Payload, out var post))
                return;
            var (topic, number) = (witness.NameOf(happened.Topic), FlushMessages.NumberOf(post.Text));
            lock (_lock)
            {
                if (number != _last.GetValueOrDefault(topic, -1) + 1)
                    OutOfOrder++;
                _last[topic] = number;
            }
            Interlocked.Increment(ref _arrived);
        }
    }
}
