using System.CommandLine;
using Holi.Client;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// From the network's return to caught up: a device's network is off while a message is written to it; when the network is back the client
/// is told at once, as a monitor does, and the time runs until its handler has the message.
/// </summary>
internal static class ReconnectScenario
{
    private const int AtOnce = 4;

    public static Command Build(TimeProvider time)
    {
        var count = new Option<int>("--count") { Description = "Devices; each is cut and returns once.", DefaultValueFactory = _ => 200 }.AtLeast(1);
        var command = new Command("reconnect", "Time from the network's return to caught up.") { count };
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
        var stores = Directory.CreateTempSubdirectory("holi-reconnect-");
        try
        {
            await using var writer = new LightDevice("writer");
            await writer.ConnectAsync(target.Endpoint, target.Tokens.For(writer.User), 0, [], cancel);
            var latencies = new Latencies();
            for (var n = 0; n < 10; n++)
                await OnceAsync(target, writer, $"warm-{n}", stores.FullName, time, cancel);
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, count), options, async (n, stop) =>
                latencies.Record(await OnceAsync(target, writer, $"device-{n}", stores.FullName, time, stop)));
            return latencies.AddTo(target.Report("reconnect").Add("devices", count, "devices that were cut and returned"), tail: false).Print(time);
        }
        finally
        {
            stores.Delete(recursive: true);
        }
    }

    private static async Task<TimeSpan> OnceAsync(
        GatewayTarget target, LightDevice writer, string user, string stores, TimeProvider time, CancellationToken cancel)
    {
        var id = Guid.NewGuid().ToString("N");
        var topic = TopicName.Conversation(id);
        await using var device = await FullDevice.StartAsync(target, user, stores, time, cancel);
        await writer.CommandAsync(topic, MessageTypes.ConversationCreate, new ConversationCreate(null, [new NewMember(user, MemberRole.Member)]).ToBytes(), cancel);
        await device.FollowsAsync(id, time, cancel);

        device.Network.SwitchOff();
        device.Client.NetworkLost();
        await device.WaitForAsync(ConnectionState.Waiting, cancel);
        var seq = await writer.PostAsync(topic, "while you were away", cancel);
        while (writer.Committed < seq)
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancel);

        device.Network.SwitchOn();
        var start = time.GetTimestamp();
        device.Client.NetworkAvailable();
        await foreach (var happened in device.Client.Conversation(id).Events(0, cancel))
        {
            if (happened.Text is not null)
                break;
        }
        return time.GetElapsedTime(start);
    }
}
