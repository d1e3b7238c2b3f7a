using System.CommandLine;
using System.Globalization;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Reports;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Flush;

/// <summary>
/// The promise, tried: a device queues messages without a network, connects and flushes, while gateway and device are killed with SIGKILL
/// again and again at random moments; with several gateways the device goes on at another. A witness checks that every message arrived once and in order.
/// </summary>
internal static class FlushScenario
{
    private const string Sender = "flush-sender";
    private const string Witness = "flush-witness";

    // Longest wait for the next message to arrive before what is missing counts as lost.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // Flushed while one kill is carried out, about: were there fewer for each, the flush would be over before the last.
    private const int MessagesPerKill = 100;

    private sealed record Plan(int Messages, int KillGateway, int KillClient, int Seed);

    public static Command Build(TimeProvider time)
    {
        var messages = new Option<int>("--messages") { Description = "Messages to queue and flush.", DefaultValueFactory = _ => 10_000 }.AtLeast(1);
        var killGateway = new Option<int>("--kill-gateway") { Description = "SIGKILLs of a gateway during the flush." }.AtLeast(0);
        var killClient = new Option<int>("--kill-client") { Description = "SIGKILLs of the device during the flush." }.AtLeast(0);
        var seed = new Option<int>("--seed") { Description = "Seed of the moments of the kills.", DefaultValueFactory = _ => 1 };
        var command = new Command("flush", "Queue offline, flush under kill -9, count what arrived.") { messages, killGateway, killClient, seed };
        TargetOptions.AddTo(command, throughout: true);
        command.Refuse(
            order => order.GetValue(killGateway) > 0 && !TargetOptions.IsPrivate(order), "--kill-gateway kills only gateways that flush started itself: leave out --url.");
        command.Refuse(
            order => (order.GetValue(killGateway) + order.GetValue(killClient)) * MessagesPerKill > order.GetValue(messages),
            $"So many kills do not fall into so short a flush: --messages must be {MessagesPerKill} for each of them, or more.");
        command.SetAction(async (parsed, cancel) =>
        {
            var plan = new Plan(parsed.GetValue(messages), parsed.GetValue(killGateway), parsed.GetValue(killClient), parsed.GetValue(seed));
            await using var target = await TargetOptions.OpenAsync(parsed, time, cancel);
            return await RunAsync(plan, target, time, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(Plan plan, GatewayTarget target, TimeProvider time, CancellationToken cancel)
    {
        var store = Directory.CreateTempSubdirectory("holi-flush-");
        try
        {
            var id = await CreateConversationAsync(target, cancel);
            var receiver = new FlushReceiver(target, Witness, TopicName.Conversation(id), plan.Messages, time);
            await using var sender = new SenderProcess(
                ["flush-sender", "--url", string.Join(',', target.Endpoints), "--token", target.Tokens.For(Sender), "--user", Sender, "--store", store.FullName,
                    "--conversation", id, "--messages", plan.Messages.ToString(CultureInfo.InvariantCulture)],
                time);

            var queueing = time.GetTimestamp();
            sender.Start();
            await sender.Queued.WaitAsync(cancel);
            var queueSeconds = time.GetElapsedTime(queueing).TotalSeconds;
            Console.Error.WriteLine($"{plan.Messages} messages are queued on the device ({queueSeconds:0.0} s); connecting …");

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var receiving = receiver.RunAsync(stop.Token);
            var start = time.GetTimestamp();
            sender.Flush();
            var killer = new FlushKiller(target, sender, receiver, plan.Messages, plan.Seed, time);
            await killer.RunAsync(plan.KillGateway, plan.KillClient, Patience, cancel);
            await WaitAsync(receiver, plan.Messages, time, cancel);
            var seconds = time.GetElapsedTime(start).TotalSeconds;
            var peakKb = await sender.Flushed.WaitAsync(Patience, time, cancel);
            await stop.CancelAsync();
            await receiving;
            await killer.AllBackAsync();

            return target.Report("flush")
                .Add("messages", plan.Messages, "messages queued and flushed")
                .AddGuarantee("lost", plan.Messages - receiver.Arrived, "messages that never arrived")
                .AddGuarantee("duplicated", receiver.Duplicated, "messages that arrived again")
                .AddGuarantee("outOfOrder", receiver.OutOfOrder, "messages that did not follow their predecessor")
                .Add("seconds", seconds, "from the network's return to the last message's arrival")
                .Add("messagesPerSecond", plan.Messages / seconds, "messages a second, kills and restarts included")
                .Add("kills", killer.Kills, "SIGKILLs while messages were left to flush")
                .AddGuarantee("killsMissed", plan.KillGateway + plan.KillClient - killer.Kills, "kills that found the flush over")
                .Add("queueSeconds", queueSeconds, "queueing them, each on disk, the device's start included")
                .Add("clientPeakRssMb", peakKb / 1024.0, "the device's resident memory at its highest, in its last life")
                .Print(time);
        }
        finally
        {
            store.Delete(recursive: true);
        }
    }

    private static async Task<string> CreateConversationAsync(GatewayTarget target, CancellationToken cancel)
    {
        var id = Guid.NewGuid().ToString("N");
        await using var owner = new LightDevice("flush-owner");
        await owner.ConnectAsync(target.Endpoint, target.Tokens.For(owner.User), 0, [], cancel);
        NewMember[] members = [new(Sender, MemberRole.Member), new(Witness, MemberRole.Member)];
        await owner.CommandAsync(TopicName.Conversation(id), MessageTypes.ConversationCreate, new ConversationCreate(null, members).ToBytes(), cancel);
        await owner.FollowsAsync(TopicName.Conversation(id), cancel);
        return id;
    }

    private static async Task WaitAsync(FlushReceiver receiver, int messages, TimeProvider time, CancellationToken cancel)
    {
        var (arrived, since) = (-1, time.GetTimestamp());
        while (receiver.Arrived < messages && time.GetElapsedTime(since) < Patience)
        {
            if (receiver.Arrived != arrived)
                (arrived, since) = (receiver.Arrived, time.GetTimestamp());
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancel);
        }
    }
}
