using Holi.Client;
using Holi.Load.Network;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// A person's device with the public SDK and its store on disk: it writes, reads, marks as read, loses its network and gets it back, and keeps
/// everything it was shown, in order.
/// </summary>
internal sealed class ChaosDevice : IAsyncDisposable
{
    private static readonly TimeSpan ShortLifetime = TimeSpan.FromSeconds(8);

    private readonly SwitchedConnector _network = new(on: true);
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<string, List<(ulong Offset, string Text)>> _shown = [];
    private readonly Spoken _spoken;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly List<Task> _reading = [];
    private readonly Dictionary<string, PeopleWatch> _watches = [];
    private readonly Dictionary<string, ulong> _marked = [];
    private int _number;
    private int _isDisposed;

    private ChaosDevice(ChaosSite site, Spoken spoken, string tenant, string user, string name, string folder, int seed)
    {
        (_spoken, _random, _time) = (spoken, new Random(seed), site.Time);
        (Tenant, User, Name) = (tenant, user, name);
        // Every fourth device has tokens that expire all the time.
        var lifetime = seed % 4 == 0 ? ShortLifetime : (TimeSpan?)null;
        Client = new HoliClient(new HoliClientOptions
        {
            Endpoint = site.Endpoints[0],
            User = user,
            Tenant = tenant,
            Token = _ => ValueTask.FromResult(site.Tokens.For(user, tenant, lifetime, tokenId: TokenId = Guid.NewGuid().ToString("N"))),
            StoreFolder = Path.Combine(folder, name),
            EncryptionKey = new byte[32],
            Connector = new RoamingConnector(site.Endpoints, _network),
            HeartbeatMax = TimeSpan.FromSeconds(2),
            ClientName = "Holi.Load chaos",
            TimeProvider = site.Time,
        });
    }

    public string Tenant { get; }

    public string User { get; }

    public string Name { get; }

    public HoliClient Client { get; }

    /// <summary>Of the token that it last showed.</summary>
    public string TokenId { get; private set; } = "";

    public static async Task<ChaosDevice> StartAsync(
        ChaosSite site, Spoken spoken, string tenant, string user, string name, string folder, int seed, CancellationToken cancel)
    {
        var device = new ChaosDevice(site, spoken, tenant, user, name, folder, seed);
        await device.Client.StartAsync(cancel);
        return device;
    }

    /// <summary>Keeps what it is shown of a conversation from now on.</summary>
    public void Read(string id)
    {
        lock (_shown)
            _shown[id] = [];
        _reading.Add(Task.Run(async () =>
        {
            try
            {
                await foreach (var happened in Client.Conversation(id).Events(0, _ending.Token))
                {
                    lock (_shown)
                        _shown[id].Add((happened.Offset, happened.Text ?? ""));
                }
            }
            catch (OperationCanceledException)
            {
                // The run is over.
            }
        }));
    }

    /// <summary>Watches a conversation's people from now on.</summary>
    public async Task WatchAsync(string id, CancellationToken cancel) => _watches[id] = await Client.Conversation(id).WatchAsync(cancel);

    /// <summary>A conversation's people as this device is shown them; empty where it does not watch.</summary>
    public IReadOnlyList<Person> People(string id) => _watches.TryGetValue(id, out var watch) ? watch.People : [];

    /// <summary>How far it marked a conversation as read; 0: not at all.</summary>
    public ulong Marked(string id)
    {
        lock (_shown)
            return _marked.GetValueOrDefault(id);
    }

    /// <summary>What it was shown of a conversation so far.</summary>
    public IReadOnlyList<(ulong Offset, string Text)> Shown(string id)
    {
        lock (_shown)
            return [.. _shown[id]];
    }

    /// <summary>Lives until it is told to stop.</summary>
    public async Task LiveAsync(IReadOnlyList<string> conversations, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await DoAsync(conversations[_random.Next(conversations.Count)]);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(50, 250)), _time, CancellationToken.None);
        }
        BackOnline();
    }

    /// <summary>Its network is there, and it is told so.</summary>
    public void BackOnline()
    {
        _network.SwitchOn();
        Client.NetworkAvailable();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _ending.CancelAsync();
        await Task.WhenAll(_reading);
        await Client.DisposeAsync();
        _ending.Dispose();
    }

    private async Task DoAsync(string id)
    {
        var conversation = Client.Conversation(id);
        _spoken.Tried();
        switch (_random.Next(100))
        {
            case < 75:
                var text = Spoken.Text(Tenant, Name, _number++);
                await conversation.SendAsync(text);
                // Durable on the device: from here on it may not get lost.
                _spoken.Acknowledge(text, conversation.Topic);
                break;
            case < 90:
                if (Shown(id) is [.., var (offset, _)])
                    await MarkAsync(conversation, offset);
                break;
            case < 93:
                if (Shown(id) is [.., var (newest, _)])
                    await conversation.ReactAsync(newest, "👍");
                break;
            case < 95:
                conversation.Typing(true);
                break;
            default:
                _network.SwitchOff();
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(10, 800)), _time);
                BackOnline();
                break;
        }
    }

    private async Task MarkAsync(Conversation conversation, ulong offset)
    {
        await conversation.MarkReadAsync(offset);
        lock (_shown)
            _marked[conversation.Id] = Math.Max(_marked.GetValueOrDefault(conversation.Id), offset);
    }
}
