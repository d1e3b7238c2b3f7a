using System.Buffers.Text;
using Holi.Client.Engine;
using Holi.Client.Shell;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>
/// One device of one person: a durable outbox, a replica of what it has received, and a connection that finds its way back for ever.
/// Everything works without a network but what is about the present (typing, who is online, older history). Thread-safe.
/// </summary>
/// <example><code>
/// await using var client = new HoliClient(options);
/// await client.StartAsync();
/// var ward = client.Conversation("ward-3");
/// var sent = await ward.SendAsync("Bed 4 is free");      // durable on this device
/// await sent.Committed;                                    // durable at the gateway
/// await foreach (var e in ward.Events()) Console.WriteLine(e.Text);
/// </code></example>
public sealed class HoliClient : IAsyncDisposable
{
    // 128 random bits: nobody else chooses the same.
    private const int ConversationIdBytes = 16;

    private readonly Lock _lock = new();
    private Running? _running;
    private Task? _ending;
    private bool _isStarting;

    /// <summary>Makes a client; <see cref="StartAsync"/> brings it to life.</summary>
    /// <exception cref="HoliClientOptionsException">The options cannot work; it names all problems.</exception>
    public HoliClient(HoliClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is { Count: > 0 } problems)
            throw new HoliClientOptionsException(problems);
        Options = options;
        Status = new HoliStatus(new ClientStatus(ConnectionState.Stopped, 0, 0, null, null, options.TimeProvider.GetUtcNow()));
    }

    internal HoliClientOptions Options { get; }

    internal long UnixMs => Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whose device this is.</summary>
    public string User => Options.User;

    /// <summary>How the client is doing.</summary>
    public HoliStatus Status { get; }

    /// <summary>This device's id: random, kept in its store.</summary>
    public string Device => Live.Device;

    /// <summary>
    /// What was found damaged in the store, when it was opened or since, to be told to the person; empty when all is well. The client
    /// itself asks for a new generation where commands were lost, and fetches damaged topics again.
    /// </summary>
    public StoreDamage Damage => Live.Damage;

    /// <summary>
    /// Opens the store and begins to connect. Returns when the store is open: from then on everything may be queued and read, whether or not
    /// a gateway is ever reached. Call it once.
    /// </summary>
    /// <exception cref="DeviceStoreException">The store could not be opened; the call may be repeated.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ending is not null, this);
            if (_isStarting)
                throw new InvalidOperationException("The client was started already.");
            _isStarting = true;
        }
        try
        {
            var running = await Task.Run(() => new Running(Options, OpenStore(), Status), cancellation).ConfigureAwait(false);
            lock (_lock)
                _running = running;
            running.Loop.Start();
            if (Options.NetworkMonitor is { } monitor)
                monitor.Changed += OnNetworkChanged;
        }
        catch
        {
            lock (_lock)
                _isStarting = false;
            throw;
        }
    }

    /// <summary>Connects at once instead of waiting, also after the gateway said to give up; a connection that is open is tested.</summary>
    public void ConnectNow() => Tell((engine, time) => engine.ConnectNow(time));

    /// <summary>There is a network again, or another one. Connects at once; a connection that is open is tested within three seconds.</summary>
    public void NetworkAvailable() => Tell((engine, time) => engine.NetworkAvailable(time));

    /// <summary>The network went. A connection that is open is tested within three seconds; attempts go on, as monitors err.</summary>
    public void NetworkLost() => Tell((engine, time) => engine.NetworkLost(time));

    /// <summary>The app went to the background: the gateway sends no typing, presence or receipts until it returns.</summary>
    public void EnterBackground() => Tell((engine, time) => engine.SetForeground(false, time));

    /// <summary>The app came to the front: connects at once, or tests the connection within three seconds.</summary>
    public void EnterForeground() => Tell((engine, time) => engine.SetForeground(true, time));

    /// <summary>A conversation by its id, known to this device or not.</summary>
    /// <exception cref="ArgumentException">Not 1–64 of <c>[A-Za-z0-9_-]</c>.</exception>
    public Conversation Conversation(string id) => new(this, id);

    /// <summary>
    /// Makes a conversation; its creator is its owner. Works offline: the id is chosen here, and messages may be sent to it at once.
    /// </summary>
    public async ValueTask<NewConversation> CreateConversationAsync(
        string? title, IEnumerable<NewMember> members, CancellationToken cancellation = default)
    {
        var id = new byte[ConversationIdBytes];
        Options.Random(id);
        var conversation = Conversation(Base64Url.EncodeToString(id));
        return new NewConversation(conversation, await conversation.CreateAsync(title, members, cancellation).ConfigureAwait(false));
    }

    /// <summary>Every topic that this device knows, by name; conversations that are gone included.</summary>
    public IReadOnlyList<TopicSummary> Topics()
    {
        var live = Live;
        return [.. live.Topics.All.Select(live.Summary).OfType<TopicSummary>().OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The events of all topics, the user's own included, from a position on: for apps that keep their own tables, and for whoever wants
    /// everything. See <see cref="EventFeed"/>.
    /// </summary>
    public EventFeed AllEvents(FeedPosition? after = null) => new(Live.Store, Live.Topics, after ?? FeedPosition.Start);

    /// <summary>
    /// The events of the user's own topic: <see cref="CommandRejected"/>, <see cref="ConversationJoined"/>, <see cref="ConversationLeft"/>. See <see cref="Conversation.Events"/>.
    /// </summary>
    public IAsyncEnumerable<ConversationEvent> OwnEvents(ulong after = 0, CancellationToken cancellation = default) =>
        Events(TopicName.User(User), after, cancellation);

    /// <summary>Commands that are queued and not known to be committed, oldest first: at most <paramref name="count"/> (1–1,000) after a seq. For an app that shows what is still to be sent.</summary>
    public Task<IReadOnlyList<OutboxCommand>> ReadQueuedAsync(ulong after = 0, int count = 100, CancellationToken cancellation = default) =>
        Live.Store.UseAsync(disk => disk.ReadOutbox(after, Math.Clamp(count, 1, 1_000), 1 << 20), cancellation);

    /// <summary>
    /// The person logs out: ends the client and destroys what the device keeps of them, queued commands too. Look at
    /// <see cref="HoliStatus.QueuedCommands"/> first. Destroy the encryption key as well.
    /// </summary>
    /// <exception cref="DeviceStoreException">A file could not be removed: the next opening or wipe goes on with it.</exception>
    public async Task LogoutAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        if (Options.OpenStore is null)
            await Task.Run(() => new DeviceStoreFiles(Options.StoreFolder!).Wipe(new StoreOwner(Options.Tenant, Options.User))).ConfigureAwait(false);
    }

    /// <summary>Automatic logoff: ends the client and keeps its encrypted store; what is queued is sent when the person returns. The same as <see cref="DisposeAsync"/>.</summary>
    public Task LogoffAsync() => DisposeAsync().AsTask();

    /// <summary>Ends the client: the connection is dropped, a write under way is finished, what was not yet durable is refused. May be called again.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
            return new ValueTask(_ending ??= EndAsync());
    }

    internal TopicSummary? Summary(string topic) => Live is { } live && live.Topics.Find(topic) is { } view ? live.Summary(view) : null;

    internal IAsyncEnumerable<ConversationEvent> Events(string topic, ulong after, CancellationToken cancellation) =>
        Feeds.TopicEvents.ReadAsync(Live.Store, Live.Topics, topic, after, cancellation);

    internal async Task<IReadOnlyList<ConversationEvent>> ReadBackAsync(string topic, ulong before, int count, CancellationToken cancellation)
    {
        var live = Live;
        var epoch = live.Topics.View(topic).Epoch;
        var stored = await live.Store.ReadEventsAsync(disk => disk.ReadEventsBack(topic, before, Math.Clamp(count, 1, 1_000)), cancellation).ConfigureAwait(false);
        return [.. stored.Select(e => new ConversationEvent(e, epoch))];
    }

    internal async ValueTask<QueuedCommand> QueueAsync(string topic, ushort type, byte[] payload, CancellationToken cancellation)
    {
        if (payload.Length > WireLimits.FrameBytesMax - 1_024)
            throw new ArgumentException($"The content is over {WireLimits.FrameBytesMax - 1_024} bytes.", nameof(payload));
        var pending = new PendingSend();
        var request = new QueueRequest(topic, type, payload, pending);
        await Live.Loop.WishAsync((engine, time) => engine.Queue(request, time), cancellation).ConfigureAwait(false);
        return await pending.Task.ConfigureAwait(false);
    }

    internal bool Signal(string topic, ushort type, byte[] payload) =>
        Status.State == ConnectionState.Ready && Live.Topics.Find(topic)?.Now is { Gone: false }
        && Live.Loop.TryWish((engine, time) => engine.Signal(topic, type, payload, time));

    internal async ValueTask<PeopleWatch> WatchAsync(string topic, CancellationToken cancellation)
    {
        var live = Live;
        var people = live.People.Add(topic, out var isFirst);
        if (isFirst)
            await live.Loop.WishAsync((engine, time) => engine.Watch(topic, on: true, time), cancellation).ConfigureAwait(false);
        return new PeopleWatch(people, async () =>
        {
            if (live.People.Remove(topic))
                await live.Loop.PostAsync((engine, time) => engine.Watch(topic, on: false, time)).ConfigureAwait(false);
        });
    }

    internal async Task<HistoryPage> LoadHistoryAsync(string topic, ulong before, int count, CancellationToken cancellation)
    {
        var asked = new TaskCompletionSource<HistoryPage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = new HistoryQuestion(topic, before, count, asked);
        await Live.Loop.WishAsync((engine, time) => engine.AskHistory(question, time), cancellation).ConfigureAwait(false);
        return await asked.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private Running Live
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_ending is not null, this);
                return _running ?? throw new InvalidOperationException("The client is not started: await StartAsync first.");
            }
        }
    }

    private IDeviceStore OpenStore()
    {
        if (Options.OpenStore is { } open)
            return open();
        var files = new DeviceStoreFiles(Options.StoreFolder!);
        var owner = new StoreOwner(Options.Tenant, Options.User);
        return Options.EncryptionKey.IsEmpty ? files.OpenUnencrypted(owner) : files.Open(owner, Options.EncryptionKey.Span);
    }

    private void OnNetworkChanged(bool isAvailable)
    {
        if (isAvailable)
            NetworkAvailable();
        else
            NetworkLost();
    }

    // What the app or the system happens to tell: nothing to be told to a client that is not running.
    private void Tell(Action<DeviceEngine, EngineTime> wish)
    {
        Running? live;
        lock (_lock)
            live = _ending is null ? _running : null;
        if (live is not null)
            _ = live.Loop.PostAsync(wish).AsTask();
    }

    private async Task EndAsync()
    {
        await Task.Yield();
        if (Options.NetworkMonitor is { } monitor)
            monitor.Changed -= OnNetworkChanged;
        Running? live;
        lock (_lock)
            (live, _running) = (_running, null);
        if (live is not null)
            await live.DisposeAsync().ConfigureAwait(false);
        else
            Status.Complete();
    }
}

/// <summary>A conversation that this device made, and the command that makes it.</summary>
/// <param name="Conversation">It may be written to at once.</param>
/// <param name="Command">Its creation.</param>
public readonly record struct NewConversation(Conversation Conversation, QueuedCommand Command);
