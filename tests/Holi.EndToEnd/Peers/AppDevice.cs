using System.Security.Cryptography;
using Holi.Client;
using Holi.Load.Gateways;
using Holi.Load.Network;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Peers;

/// <summary>
/// A device as an app has it: the public SDK with its store on disk, a network that can be switched, and every event that it was shown, in
/// the order in which it was.
/// </summary>
internal sealed class AppDevice : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly List<ConversationEvent> _shown = [];
    private readonly SwitchedConnector _network;
    private readonly TempFolder? _ownFolder;
    private readonly Task _listening;

    private AppDevice(HoliClient client, SwitchedConnector network, TempFolder? ownFolder)
    {
        (Client, _network, _ownFolder) = (client, network, ownFolder);
        _listening = Task.Run(ListenAsync);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HoliClient Client { get; }

    public ConnectionState State => Client.Status.State;

    /// <param name="folder">Of its store; without one it has a folder of its own for as long as it lives.</param>
    public static async Task<AppDevice> StartAsync(
        GatewayProcess gateway, string user, string? folder = null, bool online = true, Func<HoliClientOptions, HoliClientOptions>? change = null)
    {
        var own = folder is null ? new TempFolder() : null;
        var network = new SwitchedConnector(online);
        var options = new HoliClientOptions
        {
            Endpoint = gateway.Endpoint,
            User = user,
            Token = _ => ValueTask.FromResult(gateway.Tokens.For(user)),
            StoreFolder = folder ?? own!.Path,
            EncryptionKey = new byte[32],
            Connector = network,
            ClientName = "Holi.EndToEnd",
        };
        var client = new HoliClient(change?.Invoke(options) ?? options);
        await client.StartAsync(Cancel);
        return new AppDevice(client, network, own);
    }

    /// <summary>For <see cref="HoliClientOptions.Random"/>: ids stay random, waits become a 64th of the longest.</summary>
    public static void ShortWaits(Memory<byte> bytes)
    {
        if (bytes.Length >= 16)
            RandomNumberGenerator.Fill(bytes.Span);
        else
            bytes.Span.Fill(0x04);
    }

    /// <summary>Its own network ends, without a word to anybody.</summary>
    public void GoOffline() => _network.SwitchOff();

    /// <summary>Its own network is back, and the client is told, as a phone does.</summary>
    public void GoOnline()
    {
        _network.SwitchOn();
        Client.NetworkAvailable();
    }

    public Task IsAsync(ConnectionState state) => Eventually.HoldsAsync(() => State == state, () => $"{Client.User} is {Client.Status.Current}, not {state}.");

    /// <summary>Makes a conversation, committed.</summary>
    public async Task<string> CreateAsync(params string[] members)
    {
        var made = await Client.CreateConversationAsync(null, members.Select(user => new NewMember(user, MemberRole.Member)), Cancel);
        await Eventually.EndsAsync(made.Command.Committed);
        return made.Conversation.Id;
    }

    /// <summary>Sends a message; it is durable here.</summary>
    public async Task<QueuedCommand> SayAsync(string id, string text) => await Client.Conversation(id).SendAsync(text, Cancel);

    /// <summary>Sends a message; it is durable at the gateway.</summary>
    public async Task SaidAsync(string id, string text) => await Eventually.EndsAsync((await SayAsync(id, text)).Committed);

    public async Task<PeopleLog> WatchAsync(string id) => new(await Client.Conversation(id).WatchAsync(Cancel));

    /// <summary>The events of a conversation, in the order in which they were shown.</summary>
    public IReadOnlyList<ConversationEvent> Shown(string id)
    {
        var topic = TopicName.Conversation(id);
        lock (_shown)
            return [.. _shown.Where(e => e.Topic == topic)];
    }

    /// <summary>The texts of a conversation's messages, in the order in which they were shown.</summary>
    public IReadOnlyList<string> Texts(string id) => [.. Shown(id).Select(e => e.Text).OfType<string>()];

    /// <summary>Waits until as many messages were shown, and compares.</summary>
    public async Task HasTextsAsync(string id, params IEnumerable<string> expected)
    {
        var texts = expected.ToArray();
        await Eventually.HoldsAsync(
            () => Texts(id).Count >= texts.Length, () => $"{Client.User} ({Client.Status.Current}) was shown {string.Join(", ", Texts(id).TakeLast(20))}.");
        Texts(id).ShouldBe(texts);
    }

    /// <summary>The titles of a topic's notifications, in the order in which they were shown.</summary>
    public IReadOnlyList<string> Titles(string topic)
    {
        lock (_shown)
            return [.. _shown.Where(e => e.Topic == topic && e.Type == MessageTypes.Notification).Select(e => TitleOf(e.Payload))];
    }

    /// <summary>Waits until as many notifications were shown, and compares.</summary>
    public async Task HasTitlesAsync(string topic, params IEnumerable<string> expected)
    {
        var titles = expected.ToArray();
        await Eventually.HoldsAsync(
            () => Titles(topic).Count >= titles.Length, () => $"{Client.User} ({Client.Status.Current}) was shown {Titles(topic).Count} of {titles.Length}; not {string.Join(", ", titles.Except(Titles(topic)).Take(50))}; last {string.Join(", ", Titles(topic).TakeLast(5))}.");
        Titles(topic).ShouldBe(titles);
    }

    /// <summary>Waits until nothing is queued.</summary>
    public Task FlushedAsync() => Eventually.HoldsAsync(() => Client.Status.QueuedCommands == 0, () => $"{Client.User} still has {Client.Status.Current}.");

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _listening;
        await Client.DisposeAsync();
        _ending.Dispose();
        _ownFolder?.Dispose();
    }

    private static string TitleOf(ReadOnlyMemory<byte> payload) =>
        Notification.TryRead(new(payload), out var notification) ? notification.Title : "unreadable";

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var happened in Client.AllEvents().WithCancellation(_ending.Token))
            {
                lock (_shown)
                    _shown.Add(happened);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            // The device ends.
        }
    }
}
