using System.CommandLine;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Network;
using Holi.Load.Reports;
using Holi.Load.Scenarios.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>
/// A device on a slow link. First the link is idle but for alerts and chat; then a large history comes down and sound goes up without pause, and the same
/// alerts and chat must still get through. The gateway takes no recordings yet: it drops the sound, and pays its credit back as it would then.
/// </summary>
internal static class LanesScenario
{
    private const string Archive = "conversation/archive";
    private const int MessageBytes = 15_000, InFlight = 40;
    private const double UrgentMsMost = 1_000;
    // While parts are being fitted to the link; stated apart.
    private static readonly TimeSpan BeginningMost = TimeSpan.FromSeconds(4);

    public static Command Build(TimeProvider time)
    {
        var kbits = new Option<int>("--kbits") { Description = "The link, in kbit/s each way.", DefaultValueFactory = _ => 64 }.AtLeast(16);
        var seconds = new Option<int>("--seconds") { Description = "How long the link is saturated; it is idle half as long before.", DefaultValueFactory = _ => 40 }.AtLeast(1);
        var megabytes = new Option<int>("--megabytes") { Description = "The history that comes down.", DefaultValueFactory = _ => 50 }.AtLeast(1);
        var strict = new Option<bool>("--strict") { Description = "Fail where an alert's p99 is over 1 s, or over twice the idle link's and a part's time." };
        var command = new Command("lanes", "Alerts and chat on a slow link that bulk and audio saturate.") { kbits, seconds, megabytes, strict };
        TargetOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            var plan = new Plan(parsed.GetValue(kbits), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(megabytes), parsed.GetValue(strict));
            return await RunAsync(target, plan, time, cancel);
        });
        return command;
    }

    private sealed record Plan(int Kbits, TimeSpan Duration, int Megabytes, bool Strict);

    private static async Task<int> RunAsync(GatewayTarget target, Plan plan, TimeProvider time, CancellationToken cancel)
    {
        await using var friend = new LightDevice("friend");
        await friend.ConnectAsync(target.EndpointOf(1), target.Tokens.For(friend.User), 0, [], cancel);
        await WriteArchiveAsync(friend, plan.Megabytes, time, cancel);
        await using var link = new SlowLink(target.Endpoints[0], plan.Kbits, time);
        await using var device = new LaneDevice(time);
        await using var traffic = new LaneTraffic(target, device, friend, time);
        await traffic.BeginAsync(cancel);
        await device.ConnectAsync(link.Endpoint, target.Tokens.For(LaneTraffic.User), cancel);
        foreach (var topic in (string[])[LaneTraffic.Chat, TopicName.Alert(LaneTraffic.User)])
        {
            device.Follow(topic, fromTheBeginning: false);
            await device.IsCurrentAsync(topic, cancel);
        }

        Console.Error.WriteLine($"The link of {plan.Kbits} kbit/s is idle but for alerts and chat …");
        var idle = await traffic.RunAsync(plan.Duration / 2, cancel);
        Console.Error.WriteLine($"A history of {plan.Megabytes} MB comes down, and sound goes up without pause …");
        device.Follow(Archive, fromTheBeginning: true);
        device.Record();
        var start = time.GetTimestamp();
        var beginning = await traffic.RunAsync(plan.Duration / 4 < BeginningMost ? plan.Duration / 4 : BeginningMost, cancel);
        device.PartBytesMost = 0;
        var (bulk, audio, up, down, since) = (device.BulkBytes, device.AudioBytes, link.Bytes.Up, link.Bytes.Down, time.GetTimestamp());
        var full = await traffic.RunAsync(plan.Duration, cancel);
        var elapsed = time.GetElapsedTime(since).TotalSeconds;
        if (device.Failure is { } failure)
            throw new InvalidOperationException("The device's connection ended.", failure);

        double Kbits(long bytes) => bytes * 8 / elapsed / 1000;
        var part = device.PartBytesMost * 8.0 / plan.Kbits;
        var bound = Math.Min(UrgentMsMost, (2 * idle.Alerts.Milliseconds(99)) + part);
        var report = target.Report("lanes").Add("kbits", plan.Kbits, "kbit/s of the link, each way").Add("alerts", full.Alerts.Count, "alerts while the link was saturated")
            .Add("alertP50Ms", full.Alerts.Milliseconds(50), "of alerts, from publishing to the device, median").Add("alertP99Ms", full.Alerts.Milliseconds(99), "99th percentile")
            .Add("idleAlertP50Ms", idle.Alerts.Milliseconds(50), "the same while the link was idle").Add("idleAlertP99Ms", idle.Alerts.Milliseconds(99), "99th percentile")
            .Add("beginningAlertMaxMs", beginning.Alerts.MaxMilliseconds, "the longest in the first seconds, while parts are being fitted to the link")
            .Add("partMs", part, "what the largest frame or part of the sync takes on the link, once fitted").Add("alertBoundMs", bound, "what alertP99Ms must not exceed: 1 s, and twice the idle link's with one part's time")
            .Add("chatP99Ms", full.Chats.Milliseconds(99), "of chat to the device").Add("idleChatP99Ms", idle.Chats.Milliseconds(99), "the same while the link was idle")
            .Add("ownChatP99Ms", full.OwnChats.Milliseconds(99), "of chat from the device, until its Commit").Add("idleOwnChatP99Ms", idle.OwnChats.Milliseconds(99), "the same while the link was idle")
            .Add("bulkKbits", Kbits(device.BulkBytes - bulk), "of the sync").Add("audioKbits", Kbits(device.AudioBytes - audio), "of the sound")
            .Add("downKbits", Kbits(link.Bytes.Down - down), "of all that came down").Add("upKbits", Kbits(link.Bytes.Up - up), "of all that went up")
            .Add("saturatedSeconds", time.GetElapsedTime(start).TotalSeconds, "how long it was")
            .AddGuarantee("missing", idle.Said + beginning.Said + full.Said - idle.Heard - beginning.Heard - full.Heard, "alerts and messages that did not arrive")
            .AddGuarantee("duplicated", traffic.Duplicated, "that arrived again");
        if (plan.Strict)
            report.AddGuarantee("late", full.Alerts.Milliseconds(99) > bound ? 1 : 0, "1 where alerts are later than alertBoundMs");
        return report.Print(time);
    }

    private static async Task WriteArchiveAsync(LightDevice friend, int megabytes, TimeProvider time, CancellationToken cancel)
    {
        foreach (var topic in (string[])[Archive, LaneTraffic.Chat])
        {
            var create = new ConversationCreate(null, [new NewMember(LaneTraffic.User, MemberRole.Member)]).ToBytes();
            await friend.CommandAsync(topic, MessageTypes.ConversationCreate, create, cancel);
            await friend.FollowsAsync(topic, cancel);
        }
        var text = new string('.', MessageBytes);
        for (var message = 0L; message < megabytes * 1_000_000L / MessageBytes; message++)
        {
            while (friend.LastSeq - friend.Committed > InFlight)
                await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancel);
            await friend.PostAsync(Archive, text, cancel);
        }
        while (friend.Committed < friend.LastSeq)
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancel);
    }
}
