using System.CommandLine;
using System.Globalization;
using Holi.Client;
using Holi.Load.Network;

namespace Holi.Load.Scenarios.Flush;

/// <summary>
/// The device of the flush: a process of its own, so that it can be killed. It queues its messages without a network, then switches the
/// network on and waits until its outbox is empty. Started again after a kill, it goes on where its store says it was.
/// </summary>
internal static class FlushSender
{
    // Commands queued before their durability is awaited: the client's group commit is fed, memory is not.
    private const int Window = 500;

    // How far it is, is told in steps of so many: a flush has a thousand of them.
    private const int LeftSteps = 100;

    public static Command Build(TimeProvider time)
    {
        var url = new Option<string>("--url") { Required = true };
        var token = new Option<string>("--token") { Required = true };
        var user = new Option<string>("--user") { Required = true };
        var store = new Option<string>("--store") { Required = true };
        var conversation = new Option<string>("--conversation") { Required = true };
        var messages = new Option<int>("--messages") { Required = true };
        var command = new Command("flush-sender", "(used by flush)") { url, token, user, store, conversation, messages };
        command.Hidden = true;
        command.SetAction((parsed, cancel) => RunAsync(
            new HoliClientOptions
            {
                Endpoint = Gateways(parsed.GetValue(url)!)[0],
                User = parsed.GetValue(user)!,
                Token = _ => ValueTask.FromResult(parsed.GetValue(token)!),
                StoreFolder = parsed.GetValue(store)!,
                EncryptionKey = new byte[32],
                ClientName = "Holi.Load flush",
                TimeProvider = time,
            },
            Gateways(parsed.GetValue(url)!),
            parsed.GetValue(conversation)!,
            parsed.GetValue(messages),
            cancel));
        return command;
    }

    private static Uri[] Gateways(string urls) => [.. urls.Split(',').Select(url => new Uri(url))];

    private static async Task<int> RunAsync(HoliClientOptions options, Uri[] gateways, string conversation, int messages, CancellationToken cancel)
    {
        var queuedMark = Path.Combine(options.StoreFolder!, "queued");
        var network = new SwitchedConnector(on: false);
        var roaming = new RoamingConnector(gateways, network) { Reached = gateway => Say("at", gateway) };
        await using var client = new HoliClient(options with { Connector = roaming });
        await client.StartAsync(cancel);
        if (!File.Exists(queuedMark))
        {
            await QueueAsync(client, conversation, messages, cancel);
            await File.WriteAllTextAsync(queuedMark, "", cancel);
        }
        Say("queued", client.Status.QueuedCommands);
        await WaitForParentAsync(cancel);

        network.SwitchOn();
        client.NetworkAvailable();
        var said = long.MaxValue;
        await foreach (var status in client.Status.WatchAsync(cancel))
        {
            if (status.QueuedCommands == 0)
                break;
            if (Math.Abs(status.QueuedCommands - said) < LeftSteps)
                continue;
            said = status.QueuedCommands;
            Say("left", said);
        }
        Say("flushed", PeakRssKb());
        return 0;
    }

    // While there is no network nothing leaves the outbox, so what is queued tells which message is next.
    private static async Task QueueAsync(HoliClient client, string id, int messages, CancellationToken cancel)
    {
        var conversation = client.Conversation(id);
        var window = new List<Task<QueuedCommand>>(Window);
        for (var next = (int)client.Status.QueuedCommands; next < messages; next += window.Count)
        {
            window.Clear();
            for (var n = next; n < Math.Min(messages, next + Window); n++)
                window.Add(conversation.SendAsync(FlushMessages.Text(n), cancel).AsTask());
            await Task.WhenAll(window);
        }
    }

    private static void Say(string what, long figure)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {figure}"));
            Console.Out.Flush();
        }
    }

    private static async Task WaitForParentAsync(CancellationToken cancel) => await Console.In.ReadLineAsync(cancel);

    // VmHWM: the most that was ever resident (proc(5)).
    private static long PeakRssKb()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(6).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
        }
        return 0;
    }
}
