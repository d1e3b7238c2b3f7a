using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Health;

namespace Holi.Gateway.Ingress.Redis;

/// <summary>
/// Fetches what backends add to the stream in Redis (backends.md §8). One gateway at a time does, in the order of the stream: first what was taken before
/// and not finished, then what is new. An entry is finished only when its publication is decided in the log; whatever fails in between, it comes again, and
/// its key says that it was decided.
/// <para>Two gateways that both believe it is their turn do no harm. Each takes new entries and then asks for the first that is taken and not finished, by
/// whomever: where that lies before its own, it begins again from there. So each decides an entry only when all before it are decided, and whoever is second
/// with one is answered from its key.</para>
/// </summary>
internal sealed partial class RedisRoad : IRoad
{
    /// <summary>What this road's other end is called where dependencies are named.</summary>
    public const string DependencyName = "redis.publish";

    private readonly CancellationTokenSource _stopping = new();
    private readonly GatewayLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dependency _health;
    private readonly RedisEntries _redis;
    private readonly EntryDecisions _decisions;
    private readonly Portion _portion;
    private readonly RoadLag _lag;
    private Task _loop = Task.CompletedTask;
    // Where to go on with what was taken before; null while there is nothing of it.
    private string? _claimFrom;
    private bool _isClaiming = true;
    private bool _hasTurn;
    private long _turnAt, _claimedAt;
    private long? _failingSince;

    /// <param name="options">Which Redis.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="time">The system's, except in tests.</param>
    /// <param name="log">For the operator.</param>
    /// <param name="health">Is told how Redis fares as this road's other end.</param>
    public RedisRoad(RedisOptions options, GatewayLimits limits, TimeProvider time, ILogger log, Dependency health)
    {
        (_limits, _time, _log, _health) = (limits, time, log, health);
        _redis = new RedisEntries(options, Limits, time);
        _decisions = new EntryDecisions(_redis, limits, log);
        (_portion, _lag) = (new Portion(Limits), new RoadLag(time));
    }

    public string Name => PublicationRoads.Redis;

    public TimeSpan? Lag => _lag.Now;

    private RoadLimits Limits => _limits.RedisRoad;

    public void Start(Backends backends) => _loop = Task.Run(() => LoopAsync(backends));

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _redis.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task LoopAsync(Backends backends)
    {
        var delay = Limits.RetryDelayMin;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (await StepAsync(backends).ConfigureAwait(false))
                    delay = Limits.RetryDelayMin;
                else
                    await PauseAsync(Limits.TurnInterval).ConfigureAwait(false);
                continue;
            }
            catch (RedisFailedException failure)
            {
                await FailedAsync(failure).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            // A fault of ours. What is in Redis must not wait for a restart.
            catch (Exception fault)
            {
                LogFault(fault);
                BeginAgain();
            }
            await PauseAsync(delay).ConfigureAwait(false);
            delay = delay * 2 < Limits.RetryDelayMax ? delay * 2 : Limits.RetryDelayMax;
        }
        await EndTurnAsync().ConfigureAwait(false);
    }

    // False where it is another's turn, or this gateway cannot commit.
    private async Task<bool> StepAsync(Backends backends)
    {
        if (!backends.CanCommit)
        {
            await EndTurnAsync().ConfigureAwait(false);
            return false;
        }
        var asked = _time.GetTimestamp();
        if (!await HasTurnAsync().ConfigureAwait(false))
        {
            Works(_time.GetElapsedTime(asked));
            return false;
        }
        var answered = _time.GetElapsedTime(asked);
        try
        {
            if (_isClaiming || _time.GetElapsedTime(_claimedAt) > Limits.ClaimInterval)
                await ClaimAsync(backends).ConfigureAwait(false);
            else
                await ReadAsync(backends).ConfigureAwait(false);
        }
        catch (RedisFailedException gone) when (gone.Word == RedisFailedException.NoGroup)
        {
            // Nobody was here yet, or somebody flushed it.
            BeginAgain();
            await _redis.MakeGroupAsync().ConfigureAwait(false);
        }
        Works(answered);
        return true;
    }

    private async Task<bool> HasTurnAsync()
    {
        if (_hasTurn && _time.GetElapsedTime(_turnAt) < Limits.TurnInterval)
            return true;
        var had = _hasTurn;
        // It lasts from when it was given, which is after it was asked for.
        _turnAt = _time.GetTimestamp();
        _hasTurn = await _redis.TakeTurnAsync().ConfigureAwait(false);
        if (_hasTurn && !had)
            BeginAgain();
        if (!_hasTurn)
            _lag.IsUnknown();
        return _hasTurn;
    }

    private async Task EndTurnAsync()
    {
        _lag.IsUnknown();
        if (!_hasTurn)
            return;
        _hasTurn = false;
        try
        {
            await _redis.EndTurnAsync().ConfigureAwait(false);
        }
        catch (RedisFailedException)
        {
            // It ends by itself.
        }
    }

    private async Task ClaimAsync(Backends backends)
    {
        _isClaiming = true;
        var (entries, next) = await _redis.ClaimAsync(_claimFrom, _portion.Entries).ConfigureAwait(false);
        if (await ConsumeAsync(backends, entries).ConfigureAwait(false))
            (_claimFrom, _isClaiming, _claimedAt) = (next, next is not null, _time.GetTimestamp());
    }

    private async Task ReadAsync(Backends backends)
    {
        var (entries, unfinished) = await _redis.ReadAsync(_portion.Entries).ConfigureAwait(false);
        if (entries.Count == 0)
            _lag.IsEmpty();
        // Another gateway took some before these and is not done with them: they come first, and these again after them.
        else if (unfinished.CompareTo(EntryId.Parse(entries[0].Id)) < 0)
            BeginAgain();
        else
            await ConsumeAsync(backends, entries).ConfigureAwait(false);
    }

    // From the first entry that is not finished.
    private void BeginAgain() => (_isClaiming, _claimFrom) = (true, null);

    // False where this gateway's turn was over before all of them were decided.
    private async Task<bool> ConsumeAsync(Backends backends, IReadOnlyList<Entry> entries)
    {
        _portion.Came(entries.Count, entries.Sum(entry => entry.Bytes));
        if (entries.Count > 0)
            _lag.Waits(_time.GetUtcNow() - EntryId.Parse(entries[0].Id).Time);
        for (var next = 0; next < entries.Count;)
        {
            // A pause, or a log that failed: another has gone on, and what it refused must not be decided again.
            if (_time.GetElapsedTime(_turnAt) > Limits.Turn)
            {
                _hasTurn = false;
                return false;
            }
            var batch = new List<Entry>();
            // As many as one batch of the committer takes, so that there is room for them sooner or later.
            for (var bytes = 0L; next < entries.Count && bytes < _limits.Commits.BatchBytesMax; next++)
            {
                batch.Add(entries[next]);
                bytes += entries[next].Bytes;
            }
            // While the log fails this waits, and this gateway's turn ends meanwhile.
            await _decisions.DecideAsync(backends, batch, _stopping.Token).ConfigureAwait(false);
        }
        return true;
    }

    private async ValueTask FailedAsync(RedisFailedException failure)
    {
        // Something may have been taken whose answer did not come.
        BeginAgain();
        _hasTurn = false;
        _portion.Failed();
        _lag.IsUnknown();
        _health.Fails(failure.Message);
        var now = _time.GetTimestamp();
        if (_failingSince is null)
            LogFailing(failure.Message);
        _failingSince ??= now;
        if (_time.GetElapsedTime(_failingSince.Value) < Limits.RenewAfter)
            return;
        _failingSince = now;
        await _redis.DisposeAsync().ConfigureAwait(false);
    }

    private void Works(TimeSpan answered)
    {
        _health.Works(answered);
        if (_failingSince is null)
            return;
        _failingSince = null;
        LogWorks();
    }

    // Ends early, and without a word, where the gateway does.
    private async Task PauseAsync(TimeSpan delay) =>
        await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(230, LogLevel.Warning, "What backends add to Redis is not fetched: {Reason}; trying again.")]
    private partial void LogFailing(string reason);

    [LoggerMessage(231, LogLevel.Information, "What backends add to Redis is fetched again.")]
    private partial void LogWorks();

    [LoggerMessage(233, LogLevel.Error, "A fault in fetching what backends add to Redis; trying again.")]
    private partial void LogFault(Exception fault);
}
