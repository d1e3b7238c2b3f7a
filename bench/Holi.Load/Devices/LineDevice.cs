using System.CommandLine;
using System.Globalization;
using Holi.Client;
using Holi.Load.Network;
using Holi.Load.Scenarios.Flush;

namespace Holi.Load.Devices;

/// <summary>
/// A device in a process of its own that does what the lines of its standard input say, so that it can be killed or stopped at any
/// moment: <c>online</c>, and <c>queue FROM COUNT</c> for numbered messages. It answers <c>queued N</c> (its outbox at the start),
/// <c>durable N</c> for each message that is on disk, and <c>flushed</c> whenever its outbox has become empty. With <c>--die</c> it dies at a named
/// point (<see cref="DyingStore"/>).
/// </summary>
internal static class LineDevice
{
    public static Command Build(TimeProvider time)
    {
        var url = new Option<string>("--url") { Required = true };
        var token = new Option<string>("--token") { Required = true };
        var user = new Option<string>("--user") { Required = true };
        var store = new Option<string>("--store") { Required = true };
        var conversation = new Option<string>("--conversation") { Required = true };
        var die = new Option<string?>("--die");
        var command = new Command("line-device", "(used by tests)") { url, token, user, store, conversation, die };
        command.Hidden = true;
        command.SetAction((parsed, cancel) => RunAsync(
            new HoliClientOptions
            {
                Endpoint = new Uri(parsed.GetValue(url)!),
                User = parsed.GetValue(user)!,
                Token = _ => ValueTask.FromResult(parsed.GetValue(token)!),
                StoreFolder = parsed.GetValue(store)!,
                EncryptionKey = new byte[32],
                HeartbeatMax = TimeSpan.FromSeconds(1),
                ClientName = "Holi.Load line",
                TimeProvider = time,
            },
            parsed.GetValue(conversation)!,
            parsed.GetValue(die),
            cancel));
        return command;
    }

    private static async Task<int> RunAsync(HoliClientOptions options, string id, string? diesAt, CancellationToken cancel)
    {
        var network = new SwitchedConnector(on: false);
        if (diesAt is not null)
            options = options with { OpenStore = () => new DyingStore(OpenStore(options), diesAt) };
        await using var client = new HoliClient(options with { Connector = network });
        await client.StartAsync(cancel);
        Say($"queued {client.Status.QueuedCommands}");
        var telling = TellAsync(client, cancel);
        while (await Console.In.ReadLineAsync(cancel) is { } line)
        {
            var words = line.Split(' ');
            if (words[0] == "online")
            {
                network.SwitchOn();
                client.NetworkAvailable();
            }
            else if (words[0] == "queue")
            {
                _ = QueueAsync(client.Conversation(id), Number(words[1]), Number(words[2]), cancel);
            }
        }
        await client.DisposeAsync();
        await telling;
        return 0;
    }

    private static IDeviceStore OpenStore(HoliClientOptions options) =>
        new DeviceStoreFiles(options.StoreFolder!).Open(new StoreOwner(options.Tenant, options.User), options.EncryptionKey.Span);

    private static async Task QueueAsync(Conversation conversation, int from, int count, CancellationToken cancel)
    {
        var waiting = Enumerable.Range(from, count).Select(n => conversation.SendAsync(FlushMessages.Text(n), cancel).AsTask()).ToArray();
        for (var n = 0; n < count; n++)
        {
            await waiting[n];
            Say($"durable {from + n}");
        }
    }

    private static async Task TellAsync(HoliClient client, CancellationToken cancel)
    {
        var before = 0L;
        await foreach (var status in client.Status.WatchAsync(cancel))
        {
            if (status.QueuedCommands == 0 && before > 0)
                Say($"flushed");
            before = status.QueuedCommands;
        }
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static void Say(FormattableString words)
    {
        Console.Out.WriteLine(words.ToString(CultureInfo.InvariantCulture));
        Console.Out.Flush();
    }
}
