using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections.Sockets;
using Holi.Gateway.Ingress;
using Holi.Gateway.Ops;
using Holi.Gateway.Ops.Health;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// One gateway, put together: the log, the committer in front of it, the hub behind it, and the connections around them. Everything
/// that is shared has its place here and nowhere else.
/// </summary>
public sealed class GatewayNode : IAsyncDisposable
{
    /// <summary>The fallback in force while other gateways cannot be heard: the log is compared several times a second.</summary>
    public const string Polling = "polling";

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _startedAt;
    private readonly ConcurrentDictionary<SocketConnection, byte> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    // Drained: no connection is left.
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly QuietMemory _memory = new();
    private readonly DependencyProbe _probe;
    private ITimer? _sweep;
    private volatile bool _isDraining;
    private int _isSweeping;

    /// <param name="limits">Its bounds.</param>
    /// <param name="store">The log; disposed with it.</param>
    /// <param name="tokens">Who is let in.</param>
    /// <param name="revoked">Who no longer is.</param>
    /// <param name="time">The system's, except in tests.</param>
    /// <param name="logs">For the operator.</param>
    /// <param name="cluster">How it is connected to other gateways that share the log; null where it has the log to itself.</param>
    /// <param name="logName">What the operator calls the log.</param>
    /// <param name="traces">Null where nothing is traced.</param>
    public GatewayNode(
        GatewayLimits limits, ILogStore store, TokenVerifier tokens, RevokedTokens revoked, TimeProvider time, ILoggerFactory logs,
        ClusterSetup? cluster = null, string logName = "sqlite", MessageTraces? traces = null)
    {
        _time = time;
        _log = logs.CreateLogger("Holi.Gateway.Connections");
        _startedAt = time.GetTimestamp();
        (Limits, Store, Tokens) = (limits, store, tokens);
        var people = new People(limits, time);
        (Traces, Meters) = (traces, new GatewayMeters(time));
        var hub = new TopicHub(limits, people, time, time.GetUtcNow().ToUnixTimeMilliseconds(), isShared: cluster is not null) { Interest = cluster?.Interest };
        Cluster = cluster is null
            ? null
            : new ClusterNode(cluster, store, limits, hub, people, revoked, time, logs.CreateLogger("Holi.Gateway.Cluster"), traces) { Gather = NewsRound.Gather };
        Around = new Surroundings(limits, hub, people, new DeviceTable(), Cluster);
        ICommitListener news = new NewsRound(Cluster ?? (ICommitListener)hub);
        Committer = new Committer(
            store, traces is null ? news : new TracedNews(news, traces), limits.Commits, time, logs.CreateLogger<Committer>(),
            new CommitWatch(Meters.Commits, traces));
        Health = new GatewayHealth(logName, () => Committer.Health, time);
        if (Cluster is not null)
            Watch(Cluster);
        _probe = new DependencyProbe(Health.Log, AskLogAsync, limits, time);
        Backends = new Backends(store, Committer, limits, time, logs, Meters.Ingress, traces);
        Reads = new StoreReads(limits.StoreReads);
        Holes = new HoleReader(hub, store, limits, time, _stopping.Token, Meters.Delivery);
        Admissions = new Admissions(limits);
        Meters.Observe(this);
        revoked.Revoked += CloseRevoked;
    }

    public GatewayLimits Limits { get; }
    public ILogStore Store { get; }
    public TokenVerifier Tokens { get; }
    public Surroundings Around { get; }
    public Committer Committer { get; }
    public Backends Backends { get; }
    public StoreReads Reads { get; }
    public Admissions Admissions { get; }
    public GatewayHealth Health { get; }
    public GatewayMeters Meters { get; }

    /// <summary>Null where nothing is traced.</summary>
    public MessageTraces? Traces { get; }

    internal HoleReader Holes { get; }

    /// <summary>The other gateways; null where there are none.</summary>
    public ClusterNode? Cluster { get; }

    /// <summary>Fires when what still waits for the log need not come back.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public bool IsDraining => _isDraining;

    public Instant Now => new(_time.GetElapsedTime(_startedAt), _time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Opens the log and begins to commit.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        await Store.OpenAsync(cancel).ConfigureAwait(false);
        Committer.Start();
        Cluster?.Start();
        Backends.Start();
        _sweep = _time.CreateTimer(_ => Sweep(), null, Limits.SweepInterval, Limits.SweepInterval);
    }

    /// <summary>Serves one accepted socket until it is over. True where it was closed in order.</summary>
    public Task<bool> ServeAsync(WebSocket socket, IPAddress counted)
    {
        var connection = new SocketConnection(this, socket, counted);
        _connections.TryAdd(connection, 0);
        if (_isDraining)
            connection.Drain();
        return connection.RunAsync();
    }

    /// <summary>A connection is over.</summary>
    internal void OnEnded(SocketConnection connection, HoliCode code, bool inOrder)
    {
        _connections.TryRemove(connection, out _);
        TellIfEmpty();
        Meters.Connections.Closed(code, inOrder);
        GatewayLog.ConnectionEnded(_log, (int)code, inOrder);
    }

    /// <summary>Adds the bytes that wait in each lane, over all connections.</summary>
    public void AddPendingBytes(Span<long> lanes)
    {
        foreach (var (connection, _) in _connections)
        {
            for (var lane = 0; lane < lanes.Length; lane++)
                lanes[lane] += connection.PendingBytes((Lane)lane);
        }
    }

    /// <summary>
    /// Stops in order (§12): GoAway to all, their commits finished, their sockets closed with 4000; then the committer's last batch. What
    /// is not done when <paramref name="cancel"/> fires is not acknowledged, and so not lost.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancel)
    {
        _isDraining = true;
        foreach (var (connection, _) in _connections)
            connection.Drain();
        TellIfEmpty();
        // Told by the last connection's end, or out of time: then the rest is cut.
        await _empty.Task.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Backends.StopAsync().ConfigureAwait(false);
        await Committer.StopAsync(cancel).ConfigureAwait(false);
        if (Cluster is not null)
            await Cluster.LeaveAsync(cancel).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (connection, _) in _connections)
            connection.Cut(HoliCode.GoingAway);
        if (_sweep is not null)
            await _sweep.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Backends.DisposeAsync().ConfigureAwait(false);
        await Committer.DisposeAsync().ConfigureAwait(false);
        if (Cluster is not null)
            await Cluster.DisposeAsync().ConfigureAwait(false);
        await Store.DisposeAsync().ConfigureAwait(false);
        Traces?.Dispose();
        Meters.Dispose();
        _stopping.Dispose();
    }

    // Whoever removes the last connection and whoever begins to drain each write their word before they read the other's, so one of them tells.
    private void TellIfEmpty()
    {
        if (_isDraining && _connections.IsEmpty)
            _empty.TrySetResult();
    }

    private void Sweep()
    {
        // One that takes longer than the interval, on a machine without time, is not doubled.
        if (Interlocked.Exchange(ref _isSweeping, 1) != 0)
            return;
        SweepOnce();
        Volatile.Write(ref _isSweeping, 0);
    }

    private void SweepOnce()
    {
        var now = Now;
        foreach (var (connection, _) in _connections)
            connection.Sweep(now);
        Around.People.Sweep();
        Around.Hub.Sweep();
        _probe.Sweep(Stopping);
        if (_memory.IsDue(Committer.Counts.Events, GC.GetTotalAllocatedBytes(), now.Since))
            QuietMemory.GiveBack();
    }

    // Without the line to the others everything still comes, from the log, which is asked all the time instead.
    private void Watch(ClusterNode cluster)
    {
        if (cluster.Health.Exists)
            Health.Add(() => cluster.Dependency);
        Health.Fallbacks.Add(Polling, () => !cluster.Health.IsHealthy);
    }

    // For the members of a topic that is not there: no topic has this key.
    private async ValueTask AskLogAsync(CancellationToken cancel) => await Store.ReadMembersAsync(0, cancel).ConfigureAwait(false);

    private void CloseRevoked(string tokenId)
    {
        foreach (var (connection, _) in _connections)
            connection.CloseIfTokenIs(tokenId);
    }
}
