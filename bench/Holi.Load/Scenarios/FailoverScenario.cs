using System.CommandLine;
using Holi.Client;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// A gateway is killed with SIGKILL under its devices, which notice, go to another one and catch up with what was written meanwhile: from the kill
/// until each device's handler has the message.
/// </summary>
internal static class FailoverScenario
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(5);

    public static Command Build(TimeProvider time)
    {
        var count = new Option<int>("--count") { Description = "Devices at the gateway that is killed.", DefaultValueFactory = _ => 200 };
        var command = new Command("failover", "From a gateway's death to its devices being caught up at another.") { count };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            if (target.Site is not { Nodes.Count: > 1 })
                throw new ArgumentException("failover kills one of several gateways: add --gateways 2 --postgres --redis.");
            return await RunAsync(target, parsed.GetValue(count), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, int count, TimeProvider time, CancellationToken cancel)
    {
        var stores = Directory.CreateTempSubdirectory("holi-failover-");
        var devices = new FullDevice[count];
        try
        {
            await using var writer = new LightDevice("writer");
            await writer.ConnectAsync(target.Endpoints[1], target.Tokens.For(writer.User), 0, [], cancel);
            var topic = TopicName.Conversation("failover");
            var members = Enumerable.Range(0, count).Select(n => new NewMember($"device-{n}", MemberRole.Member)).ToArray();
            await writer.CommandAsync(topic, MessageTypes.ConversationCreate, new ConversationCreate(null, members).ToBytes(), cancel);
            await writer.FollowsAsync(topic, cancel);
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, count), options, async (n, stop) =>
            {
                devices[n] = await FullDevice.StartAsync(target, $"device-{n}", stores.FullName, time, stop, firstGateway: 0);
                await devices[n].FollowsAsync("failover", time, stop);
            });

            Console.Error.WriteLine($"{count} devices are at the first gateway; killing it …");
            var latencies = new Latencies();
            var start = time.GetTimestamp();
            var waiting = devices.Select(device => CaughtUpAsync(device.Client, cancel)).ToArray();
            await target.Site!.Nodes[0].KillAsync();
            await writer.PostAsync(topic, "while you were away", cancel);
            foreach (var device in waiting)
                _ = device.ContinueWith(_ => latencies.Record(time.GetElapsedTime(start)), cancel, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            while (latencies.Count < count && time.GetElapsedTime(start) < Patience)
                await Task.Delay(Look, time, cancel);
            var report = new Report("failover").Add("devices", count, "devices whose gateway was killed");
            return latencies.AddTo(report, tail: true).AddGuarantee("missing", count - latencies.Count, "devices that did not come back").Print(time);
        }
        finally
        {
            foreach (var device in devices)
            {
                if (device is not null)
                    await device.DisposeAsync();
            }
            stores.Delete(recursive: true);
        }
    }

    private static async Task CaughtUpAsync(HoliClient client, CancellationToken cancel)
    {
        await foreach (var happened in client.Conversation("failover").Events(0, cancel))
        {
            if (happened.Text is not null)
                return;
        }
    }
}
