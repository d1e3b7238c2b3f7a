using System.CommandLine;
using System.Globalization;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Load.Roads;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// Backends publish to people, while gateways are killed with SIGKILL: whether everything arrives once, and how long it takes from when it was due to
/// be published until the device's handler has it. Open loop at <c>--rate</c>; without a rate as fast as the road takes it. With <c>--deliver-in</c> each is
/// scheduled so far ahead, and it counts how long after its time it is there.
/// </summary>
internal static class PublishScenario
{
    private const int People = 20, AtOnce = 4, InFlight = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(5), Again = TimeSpan.FromMilliseconds(50);

    public static Command Build(TimeProvider time)
    {
        var road = new Option<string>("--road") { Description = "http, redis or sql.", DefaultValueFactory = _ => "redis" };
        road.AcceptOnlyFromAmong("http", "redis", "sql");
        var messages = new Option<int>("--messages") { Description = "Publications.", DefaultValueFactory = _ => 50_000 };
        var rate = new Option<int>("--rate") { Description = "Publications a second; 0: as many as there can be." };
        var kills = new Option<int>("--kill-gateway") { Description = "SIGKILLs of a gateway meanwhile." };
        var ahead = new Option<int>("--deliver-in") { Description = "Seconds ahead for which each is scheduled; 0: published at once." };
        var command = new Command("publish", "Backends publish to devices: arrivals, and latency.") { road, messages, rate, kills, ahead };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            await using var way = RoadOf(parsed.GetValue(road)!, target, time);
            var plan = new Plan(parsed.GetValue(messages), parsed.GetValue(rate), parsed.GetValue(kills), TimeSpan.FromSeconds(parsed.GetValue(ahead)));
            return await RunAsync(target, way, plan, time, cancel);
        });
        return command;
    }

    private sealed record Plan(int Messages, int Rate, int Kills, TimeSpan Ahead);

    private static IRoad RoadOf(string name, GatewayTarget target, TimeProvider time) => name switch
    {
        "http" => new HttpRoad(target.Endpoints, target.Tokens),
        "redis" when target.Site?.Redis is { } redis => new RedisRoad(redis, time),
        "sql" when target.Site?.Postgres is { } postgres => new SqlRoad(postgres),
        _ => throw new ArgumentException($"The road {name} needs a private server: add --{(name == "sql" ? "postgres" : "redis")} and leave out --url."),
    };

    private static async Task<int> RunAsync(GatewayTarget target, IRoad road, Plan plan, TimeProvider time, CancellationToken cancel)
    {
        var messages = plan.Messages;
        var stores = Directory.CreateTempSubdirectory("holi-publish-");
        var devices = new FullDevice[People];
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, People), options, async (n, stop) => devices[n] = await OpenAsync(target, n, stores.FullName, time, stop));
            var due = new long[messages];
            var seen = new int[messages];
            var (arrived, duplicated) = (0, 0L);
            var latencies = new Latencies();
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var receiving = devices.Select((device, n) => ReceiveAsync(device, n, number =>
            {
                if (Interlocked.Increment(ref seen[number]) > 1)
                {
                    Interlocked.Increment(ref duplicated);
                    return;
                }
                latencies.Record(time.GetElapsedTime(Volatile.Read(ref due[number])));
                Interlocked.Increment(ref arrived);
            }, stopping.Token)).ToArray();

            Console.Error.WriteLine($"{People} devices are connected; publishing {messages} …");
            var start = time.GetTimestamp();
            var killing = KillAsync(target, plan.Kills, () => Volatile.Read(ref arrived), messages, time, cancel);
            await PublishAsync(road, due, plan, start, time, cancel);
            for (var since = time.GetTimestamp(); Volatile.Read(ref arrived) < messages && time.GetElapsedTime(since) < Patience + plan.Ahead;)
                await Task.Delay(Look, time, cancel);
            var seconds = time.GetElapsedTime(start).TotalSeconds;
            await killing;
            await stopping.CancelAsync();
            await Task.WhenAll(receiving);

            var report = new Report("publish").Add("messages", messages, "publications").Add("rate", plan.Rate, "publications a second; 0: as many as there can be")
                .AddGuarantee("lost", messages - arrived, "publications that did not arrive")
                .AddGuarantee("duplicated", duplicated, "publications that arrived again")
                .Add("seconds", seconds, "from the first publication to the last arrival")
                .Add("messagesPerSecond", messages / seconds, "publications a second, end to end")
                .Add("deliverInSeconds", plan.Ahead.TotalSeconds, "seconds ahead for which each was scheduled")
                .Add("kills", plan.Kills, "SIGKILLs of a gateway");
            return latencies.AddTo(report, tail: true).Print(time);
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

    private static string IdOf(int person) => $"published-{person}";

    private static async Task<FullDevice> OpenAsync(GatewayTarget target, int n, string stores, TimeProvider time, CancellationToken cancel)
    {
        var device = await FullDevice.StartAsync(target, $"person-{n}", stores, time, cancel);
        var made = await device.Client.Conversation(IdOf(n)).CreateAsync(null, [], cancel);
        await made.Committed.WaitAsync(cancel);
        await device.FollowsAsync(IdOf(n), time, cancel);
        return device;
    }

    private static async Task ReceiveAsync(FullDevice device, int person, Action<int> arrived, CancellationToken stop)
    {
        try
        {
            await foreach (var happened in device.Client.Conversation(IdOf(person)).Events(0, stop))
            {
                if (happened.Text is { } text)
                    arrived(int.Parse(text, CultureInfo.InvariantCulture));
            }
        }
        catch (OperationCanceledException)
        {
            // The measure is over.
        }
    }

    private static async Task PublishAsync(IRoad road, long[] due, Plan plan, long start, TimeProvider time, CancellationToken cancel)
    {
        var (rate, ahead) = (plan.Rate, (long)(plan.Ahead.TotalSeconds * time.TimestampFrequency));
        using var room = new SemaphoreSlim(rate > 0 ? due.Length : InFlight);
        var sending = new List<Task>(due.Length);
        for (var number = 0; number < due.Length; number++)
        {
            await room.WaitAsync(cancel);
            var at = rate > 0 ? start + (long)((double)number / rate * time.TimestampFrequency) : time.GetTimestamp();
            while (time.GetTimestamp() < at)
                await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancel);
            Volatile.Write(ref due[number], at + ahead);
            sending.Add(SendAsync(road, number, plan.Ahead, room, time, cancel));
        }
        await Task.WhenAll(sending);
    }

    private static async Task SendAsync(IRoad road, int number, TimeSpan ahead, SemaphoreSlim room, TimeProvider time, CancellationToken cancel)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        // Once: what is sent again is the same.
        var deliverAt = ahead > TimeSpan.Zero ? (time.GetUtcNow() + ahead).ToUnixTimeMilliseconds() : (long?)null;
        var publication = new Publication("dev", "load:" + text, TopicName.Conversation(IdOf(number % People)), text, deliverAt);
        while (!await road.TrySendAsync(publication, cancel))
            await Task.Delay(Again, time, cancel);
        room.Release();
    }

    // The first gateway that ran has the turn on Redis and SQL, and the next one when it is gone.
    private static async Task KillAsync(GatewayTarget target, int kills, Func<int> arrived, int messages, TimeProvider time, CancellationToken cancel)
    {
        for (var kill = 1; kill <= kills; kill++)
        {
            while (arrived() < messages * kill / (kills + 1))
                await Task.Delay(Look, time, cancel);
            var node = target.Site!.Nodes[(kill - 1) % target.Site.Nodes.Count];
            await node.KillAsync();
            await node.RestartAsync(cancel);
        }
    }
}
