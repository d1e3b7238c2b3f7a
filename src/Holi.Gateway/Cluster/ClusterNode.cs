using Holi.Gateway.Auth;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Ops.Health;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Cluster;

/// <summary>
/// This gateway as one of several: tells the others what it committed and who is here, takes in what they tell, and compares the log for what nobody told. The
/// shell around <see cref="MessageIntake"/>, <see cref="OwnRoll"/>, <see cref="OtherRolls"/>, <see cref="LineWatch"/> and <see cref="LogComparison"/>:
/// a loop that sends, a timer that ticks, and whatever threads the line calls from.
/// </summary>
public sealed partial class ClusterNode : ICommitListener, IAsyncDisposable
{
    /// <summary>What the operator calls the line.</summary>
    private const string DependencyName = "redis";

    private readonly ILogStore _store;
    private readonly GatewayLimits _limits;
    private readonly TopicHub _hub;
    private readonly ILine _line;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Outbox _outbox;
    private readonly OwnRoll _roll;
    private readonly OtherRolls _rolls;
    private readonly MessageIntake _intake;
    private readonly LineWatch _watch;
    private readonly ComparisonPace _pace;
    private readonly LogComparison _comparison;
    private readonly ShardInterest _interest;
    private readonly RevokedTokens _revoked;
    private readonly Func<Func<Task>, Task> _begin;
    private readonly ITimer _tick, _newsDue;
    private LineSeal? _seal;
    private readonly Questions _questions;
    private Task _sending = Task.CompletedTask;
    private Task _comparing = Task.CompletedTask;

    /// <param name="setup">How it is connected to the others.</param>
    /// <param name="store">The log that they share.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="hub">Made with <see cref="ClusterSetup.Interest"/>.</param>
    /// <param name="people">Who is connected here.</param>
    /// <param name="revoked">Tokens that no longer count.</param>
    /// <param name="time">The system's, except in tests.</param>
    /// <param name="log">For the operator.</param>
    /// <param name="traces">Null where nothing is traced.</param>
    public ClusterNode(
        ClusterSetup setup, ILogStore store, GatewayLimits limits, TopicHub hub, People people, RevokedTokens revoked, TimeProvider time, ILogger log,
        MessageTraces? traces = null)
    {
        (_store, _limits, _hub, _line, _interest, _revoked, _time, _log) = (store, limits, hub, setup.Line, setup.Interest, revoked, time, log);
        _startedAt = time.GetTimestamp();
        _begin = setup.Begin ?? Task.Run;
        _outbox = new Outbox(limits.Cluster, inOneThread: setup.Begin is not null);
        _roll = new OwnRoll(Self, limits.Cluster);
        _rolls = new OtherRolls(limits.Cluster, limits.PresenceGrace, people);
        _intake = new MessageIntake(Self, limits, hub, _rolls, Devices, revoked, traces);
        _watch = new LineWatch(limits.Cluster, _line.Exists, Now);
        _pace = new ComparisonPace(limits.Cluster);
        _questions = new Questions(limits.Cluster);
        _comparison = new LogComparison(hub, Devices, revoked, store, limits.Cluster, time, _stopping.Token);
        _tick = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _newsDue = time.CreateTimer(_ => TellNews(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        people.Changed = OnPersonChanged;
        revoked.Told += TellRevoked;
    }

    /// <summary>This life of this gateway.</summary>
    public NodeId Self { get; private set; } = NodeId.New();

    /// <summary>Devices that are connected here.</summary>
    public LocalDevices Devices { get; } = new();

    /// <summary>How the line fares.</summary>
    public LineHealth Health => _watch.Health;

    /// <summary>The same as something that the gateway leans on, and is only slower without.</summary>
    public DependencyHealth Dependency
    {
        get
        {
            var health = Health;
            return health.IsHealthy
                ? new DependencyHealth(DependencyName, IsRequired: false, null, null, health.Lag)
                : new DependencyHealth(
                    DependencyName, IsRequired: false, DateTimeOffset.FromUnixTimeMilliseconds(health.SinceMs),
                    _line.Trouble ?? "what is sent there does not come back", health.Lag);
        }
    }

    /// <summary>Counts since it began.</summary>
    public ClusterCounts Counts => new(
        _rolls.Nodes, Volatile.Read(ref _sent), _intake.Heard, _intake.Dropped, _outbox.Count, _outbox.Dropped + Volatile.Read(ref _unsent), _comparison.Rounds);

    /// <summary>Runs what a message brings about, so that all whom it wakes are woken together. Null: each by itself.</summary>
    internal Action<Action>? Gather { get; init; }

    /// <summary>Begins to tell and to hear. The log must be open: which history it holds, and its key, are known then.</summary>
    public void Start()
    {
        Self = _roll.Self = _intake.Self = Self with { Epoch = _store.Epoch };
        if (_line.Exists)
            _seal = new LineSeal(_store.LineKey, Self, _limits.Cluster.NodesMax);
        _line.Start(Heard, Missed, () => _watch.OnLost(Now));
        _line.Subscribe(LineName.All);
        _line.Subscribe(LineName.Inbox(Self));
        _interest.Grown = SubscribeSoon;
        SubscribeNeeded();
        _sending = _begin(SendAsync);
        _tick.Change(TimeSpan.Zero, _limits.Cluster.CompareIntervalAlone);
    }

    /// <inheritdoc/>
    public void Committed(BatchOutcome outcome)
    {
        _hub.Committed(outcome);
        if (_line.Exists)
            _outbox.Add(outcome);
    }

    /// <inheritdoc/>
    public void Told() => ((ICommitListener)_hub).Told();

    /// <summary>A member types here: others may have watchers.</summary>
    public void Typed(HubTopic topic, uint member, bool on)
    {
        if (!_line.Exists)
            return;
        var writer = new MessageWriter();
        new TypingMessage(topic.TopicId, topic.Head, member, on).Write(writer, Self);
        Post(LineName.Shard(WakeupWriter.ShardOf(topic.TopicId)), writer.ToArray());
    }

    /// <summary>Says that this gateway is about to end, and sends what waits, as far as there is time.</summary>
    public async Task LeaveAsync(CancellationToken cancel)
    {
        await _tick.DisposeAsync().ConfigureAwait(false);
        TellNews();
        var writer = new MessageWriter();
        writer.Begin(MessageKind.Farewell, Self);
        Post(LineName.All, writer.ToArray());
        _outbox.Complete();
        try
        {
            await _sending.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The others notice by themselves.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _tick.DisposeAsync().ConfigureAwait(false);
        await _newsDue.DisposeAsync().ConfigureAwait(false);
        _outbox.Complete();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _line.DisposeAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(false);
        await _comparing.ConfigureAwait(false);
        _stopping.Dispose();
        _seal?.Dispose();
    }

    private Instant Now => new(_time.GetElapsedTime(_startedAt), _time.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>How a gateway is connected to others with which it shares a log.</summary>
/// <param name="Line">The line between them; the gateway disposes it.</param>
public sealed record ClusterSetup(ILine Line)
{
    /// <summary>Which shards are to be heard; the hub says.</summary>
    public ShardInterest Interest { get; } = new();

    /// <summary>
    /// How work is begun that nobody waits for: on the thread pool, where this is null. The simulator has one thread, in which whoever adds to what is to
    /// be told wakes the loop that tells.
    /// </summary>
    internal Func<Func<Task>, Task>? Begin { get; init; }
}

/// <summary>Counts since the gateway began; for status. A snapshot.</summary>
/// <param name="Nodes">Other gateways that are heard.</param>
/// <param name="Sent">Messages that were handed to the line.</param>
/// <param name="Heard">Messages of others taken in.</param>
/// <param name="Dropped">Messages that were malformed, too large, or of a later version.</param>
/// <param name="Waiting">Batches and messages that wait to be sent.</param>
/// <param name="Unsent">Those that found no room, or no line.</param>
/// <param name="Comparisons">Rounds of comparing with the log.</param>
public readonly record struct ClusterCounts(int Nodes, long Sent, long Heard, long Dropped, int Waiting, long Unsent, long Comparisons);
