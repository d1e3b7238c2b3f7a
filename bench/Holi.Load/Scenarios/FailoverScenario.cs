using System.CommandLine;
using Holi.Client;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// A gateway is killed with SIGKILL under its devices, which notice, go to another one and catch up with what was written meanwhile: from the kill
/// until each device's handler has the message. Some of them can reach no other gateway: from the kill until somebody elsewhere sees those offline, and
/// only those.
/// </summary>
internal static class FailoverScenario
{
    private const int Stranded = 10, AtOnce = 4;

    // What the gateway's ClusterLimits state: a killed gateway's people are shown offline after 5 to 8 s.
    private static readonly TimeSpan PresenceStated = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan BackStated = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(5);

    public static Command Build(TimeProvider time)
    {
        var count = new Option<int>("--count") { Description = "Devices at the gateway that is killed.", DefaultValueFactory = _ => 200 }.AtLeast(1);
        var command = new Command("failover", "From a gateway's death to its devices being caught up at another, and to others seeing who is gone.") { count };
        TargetOptions.AddTo(command, needsProcesses: true);
        command.Refuse(order => TargetOptions.GatewaysOf(order) < 2, "failover kills one of several gateways: add --gateways 2 --postgres --redis.");
        command.Refuse(order => order.GetValue(count) > 900, "--count takes 900 at most: they are all members of one conversation.");
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(target, parsed.GetValue(count), time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayTarget target, int count, TimeProvider time, CancellationToken cancel)
    {
        var stores = Directory.CreateTempSubdirectory("holi-failover-");
        var devices = new FullDevice[count + Stranded];
        FullDevice? watcher = null;
        try
        {
            await using var writer = new LightDevice("writer");
            await writer.ConnectAsync(target.Endpoints[1], target.Tokens.For(writer.User), 0, [], cancel);
            var topic = TopicName.Conversation("failover");
            var members = Enumerable.Range(0, devices.Length).Select(UserOf).Append("watcher").Select(user => new NewMember(user, MemberRole.Member)).ToArray();
            await writer.CommandAsync(topic, MessageTypes.ConversationCreate, new ConversationCreate(null, members).ToBytes(), cancel);
            await writer.FollowsAsync(topic, cancel);
            watcher = await FullDevice.StartAsync(target, "watcher", stores.FullName, time, cancel, onlyGateway: 1);
            await watcher.FollowsAsync("failover", time, cancel);
            await using var people = await watcher.Client.Conversation("failover").WatchAsync(cancel);
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, devices.Length), options, async (n, stop) =>
            {
                devices[n] = await FullDevice.StartAsync(
                    target, UserOf(n), stores.FullName, time, stop, firstGateway: 0, onlyGateway: n < count ? null : 0);
                await devices[n].FollowsAsync("failover", time, stop);
            });
            // Without Redis nobody is seen across gateways.
            var sees = target.Site!.Redis is not null;
            if (sees && !await HoldsAsync(() => Online(people) == devices.Length, time.GetTimestamp(), Patience, time, cancel))
                throw new InvalidOperationException($"Before the kill the watcher sees {Online(people)} of {devices.Length} people online, of {people.People.Count} members.");

            Console.Error.WriteLine($"{count} devices are at the first gateway, and {Stranded} that can reach no other; killing it …");
            var (latencies, late) = (new Latencies(), 0L);
            var start = time.GetTimestamp();
            var waiting = devices[..count].Select(device => CaughtUpAsync(device.Client, cancel)).ToArray();
            await target.Site.Nodes[0].KillAsync();
            await writer.PostAsync(topic, "while you were away", cancel);
            foreach (var device in waiting)
                _ = device.ContinueWith(_ => Note(time.GetElapsedTime(start)), cancel, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            var gone = sees ? GoneAsync(people, count, start, time, cancel) : Task.FromResult<(TimeSpan, int)>(default);
            await HoldsAsync(() => latencies.Count == count, start, Patience, time, cancel);
            var report = target.Report("failover").Add("devices", count, "devices whose gateway was killed");
            latencies.AddTo(report, tail: true).AddGuarantee("missing", count - latencies.Count, "devices that did not come back")
                .AddGuarantee("late", late, "devices that were not caught up 2 s after the kill");
            if (sees)
            {
                var (presence, wrong) = await gone;
                report.Add("presenceMs", presence.TotalMilliseconds, "from the kill until others see offline who could not come back")
                    .AddGuarantee("presenceWrong", wrong, "people shown otherwise than they are, 8 s after the kill");
            }
            return report.Print(time);

            void Note(TimeSpan passed)
            {
                if (passed > BackStated)
                    Interlocked.Increment(ref late);
                latencies.Record(passed);
            }
        }
        finally
        {
            foreach (var device in devices.Append(watcher))
            {
                if (device is not null)
                    await device.DisposeAsync();
            }
            stores.Delete(recursive: true);
        }
    }

    private static string UserOf(int number) => $"device-{number}";

    // Of those who were at the killed gateway.
    private static int Online(PeopleWatch watch) => watch.People.Count(person => person.IsOnline && person.User.StartsWith("device-", StringComparison.Ordinal));

    // When the stranded were first all seen offline, and how many are shown wrongly when the stated time is over.
    private static async Task<(TimeSpan Seen, int Wrong)> GoneAsync(PeopleWatch watch, int count, long start, TimeProvider time, CancellationToken cancel)
    {
        var stranded = Enumerable.Range(count, Stranded).Select(UserOf).ToHashSet();
        await HoldsAsync(() => !watch.People.Any(person => person.IsOnline && stranded.Contains(person.User)), start, Patience, time, cancel);
        var seen = time.GetElapsedTime(start);
        if (seen < PresenceStated)
            await Task.Delay(PresenceStated - seen, time, cancel);
        return (seen, watch.People.Count(person => person.User.StartsWith("device-", StringComparison.Ordinal) && person.IsOnline == stranded.Contains(person.User)));
    }

    private static async Task<bool> HoldsAsync(Func<bool> condition, long start, TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        while (!condition())
        {
            if (time.GetElapsedTime(start) > patience)
                return false;
            await Task.Delay(Look, time, cancel);
        }
        return true;
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
