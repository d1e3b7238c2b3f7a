using System.CommandLine;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// Rooms in which one member posts and all receive, as fast as commits come back. Every event is on disk before it is delivered.
/// </summary>
internal static class FanoutScenario
{
    // So many posts of a room may be uncommitted: enough to keep the committer's batches full.
    private const int InFlight = 16;

    private static readonly string Text = new('x', 128);

    public static Command Build(TimeProvider time)
    {
        var rooms = new Option<int>("--rooms") { Description = "Conversations.", DefaultValueFactory = _ => 50 }.AtLeast(1);
        var members = new Option<int>("--members") { Description = "Members of each, the sender included.", DefaultValueFactory = _ => 10 }.AtLeast(1);
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 10 }.AtLeast(1);
        var command = new Command("fanout", "Deliveries per second, and the server's processor time for a million of them.") { rooms, members, seconds };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(
                target, parsed.GetValue(rooms), parsed.GetValue(members), TimeSpan.FromSeconds(parsed.GetValue(seconds)), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        GatewayTarget target, int rooms, int members, TimeSpan duration, TimeProvider time, CancellationToken cancel)
    {
        var (devices, topics) = await Rooms.OpenAsync(target, "fan", rooms, members, cancel);
        long deliveries = 0, posted = 0, outOfOrder = 0;
        foreach (var device in devices.SelectMany(room => room))
        {
            var last = 0UL;
            device.OnEvent = (_, happened) =>
            {
                if (happened.Type != MessageTypes.MessagePost)
                    return;
                Interlocked.Increment(ref deliveries);
                if (last != 0 && happened.Offset != last + 1)
                    Interlocked.Increment(ref outOfOrder);
                last = happened.Offset;
            };
        }

        Console.Error.WriteLine($"{rooms} rooms of {members} are open; posting for {duration.TotalSeconds:0} s …");
        var cpu = target.Cpu;
        var start = time.GetTimestamp();
        using var stopping = new CancellationTokenSource(duration, time);
        await Task.WhenAll(Enumerable.Range(0, rooms).Select(async room => Interlocked.Add(ref posted, await PostAsync(devices[room][0], topics[room], stopping.Token))));
        await SettleAsync(() => Interlocked.Read(ref deliveries) >= Interlocked.Read(ref posted) * members, time, cancel);
        var elapsed = time.GetElapsedTime(start);

        var report = target.Report("fanout")
            .Add("rooms", rooms, "conversations").Add("members", members, "of each").Add("posts", posted, "messages posted")
            .Add("deliveries", deliveries, "events received")
            .Add("deliveriesPerSecond", deliveries / elapsed.TotalSeconds, "events received per second")
            .AddGuarantee("missing", (posted * members) - deliveries, "deliveries that did not come")
            .AddGuarantee("outOfOrder", outOfOrder, "events whose offset did not follow");
        if (cpu is { } before)
            report.Add("serverCpuSecondsPerMillion", (target.Cpu!.Value - before).TotalSeconds / deliveries * 1e6, "server processor seconds for a million deliveries, commits included");
        await Rooms.CloseAsync(devices);
        return report.Print(time);
    }

    private static async Task<long> PostAsync(LightDevice sender, string topic, CancellationToken stop)
    {
        long posted = 0;
        using var room = new SemaphoreSlim(InFlight);
        var committed = sender.Committed;
        sender.OnCommit = (_, now) =>
        {
            room.Release((int)(now - committed));
            committed = now;
        };
        try
        {
            while (true)
            {
                await room.WaitAsync(stop);
                await sender.PostAsync(topic, Text, CancellationToken.None);
                posted++;
            }
        }
        catch (OperationCanceledException)
        {
            await SettleAsync(() => sender.Committed >= sender.LastSeq, TimeProvider.System, CancellationToken.None);
            sender.OnCommit = null;
            return posted;
        }
    }

    private static async Task SettleAsync(Func<bool> settled, TimeProvider time, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (!settled() && time.GetElapsedTime(start) < TimeSpan.FromSeconds(15))
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancel);
    }
}
