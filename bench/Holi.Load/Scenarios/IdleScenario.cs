using System.CommandLine;
using Holi.Load.Gateways;
using Holi.Load.Reports;

namespace Holi.Load.Scenarios;

/// <summary>What a quiet connection costs the server, after each has sent one message and received one.</summary>
internal static class IdleScenario
{
    private const int WarmRooms = 50, SpareFiles = 500;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(8);

    public static Command Build(TimeProvider time)
    {
        var count = new Option<int>("--count") { Description = "Connections, an even number.", DefaultValueFactory = _ => 5000 }.AtLeast(1);
        var command = new Command("idle", "Server memory per quiet connection.") { count };
        TargetOptions.AddTo(command, needsProcesses: true);
        command.Refuse(order => order.GetValue(count) % 2 != 0, "--count takes an even number: each talks with one other.");
        command.Refuse(
            order => order.GetValue(count) + SpareFiles > OpenFiles.Limit,
            $"--count needs as many open files, here and in each gateway, and {OpenFiles.Limit} are allowed: raise it with 'ulimit -Hn 200000' in a shell of root's.");
        command.SetAction(async (parsed, cancel) =>
        {
            // The gateway's own bound is for small servers; here the machine's is looked for.
            var settings = new Dictionary<string, string> { ["Limits__ConnectionsMax"] = "1000000" };
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel, settings);
            return await RunAsync(target, parsed.GetValue(count), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, int count, TimeProvider time, CancellationToken cancel)
    {
        // The code paths are compiled and the pools filled before the base line is taken.
        var warm = await Rooms.OpenAsync(target, "warm", WarmRooms, 2, cancel);
        await TalkAsync(warm.Devices, warm.Topics, cancel);
        await Task.Delay(Quiet, time, cancel);
        var (rss, heap) = await MeasureAsync(target.Site!.Nodes, cancel);

        var (before, start) = (target.Cpu!.Value, time.GetTimestamp());
        var (devices, topics) = await Rooms.OpenAsync(target, "idle", count / 2, 2, cancel);
        await TalkAsync(devices, topics, cancel);
        var (opening, openingCpu) = (time.GetElapsedTime(start), target.Cpu!.Value - before);
        Console.Error.WriteLine($"{count} connections are open and quiet …");
        await Task.Delay(Quiet / 2, time, cancel);
        before = target.Cpu!.Value;
        await Task.Delay(Quiet, time, cancel);
        var quietCpu = target.Cpu!.Value - before;
        var (rssAfter, heapAfter) = await MeasureAsync(target.Site!.Nodes, cancel);

        var report = target.Report("idle")
            .Add("connections", count, "quiet connections")
            .Add("rssBytesPerConnection", (rssAfter - rss) / (double)count, "resident bytes each")
            .Add("heapBytesPerConnection", (heapAfter - heap) / (double)count, "managed heap bytes each")
            .Add("rssBytesBase", rss, "resident bytes before").Add("rssBytes", rssAfter, "resident bytes with all")
            .Add("openingSeconds", opening.TotalSeconds, "it took to open them and let them talk")
            .Add("openingCpuMs", openingCpu.TotalMilliseconds / count, "the gateways' processor time of each: connection, conversation, two messages")
            .Add("idleCpuPercent", quietCpu / Quiet * 100, "of one processor that the gateways used while all were quiet");
        await Rooms.CloseAsync(devices);
        await Rooms.CloseAsync(warm.Devices);
        return report.Print(time);
    }

    private static async Task TalkAsync(Devices.LightDevice[][] devices, string[] topics, CancellationToken cancel)
    {
        for (var room = 0; room < devices.Length; room++)
        {
            foreach (var device in devices[room])
                await device.PostAsync(topics[room], "hello", cancel);
        }
    }

    private static async Task<(long Rss, long Heap)> MeasureAsync(IReadOnlyList<GatewayProcess> nodes, CancellationToken cancel)
    {
        var (rss, heap) = (0L, 0L);
        foreach (var node in nodes)
        {
            using var status = await node.StatusAsync(cancel);
            heap += status.RootElement.GetProperty("memory").GetProperty("heapBytes").GetInt64();
            rss += node.RssBytes;
        }
        return (rss, heap);
    }
}
