using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Commit;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Redis;

/// <summary>
/// Fetches what backends add to the stream in Redis (backends.md §8). One gateway at a time does, in the order of the stream: first what was taken before
/// and not finished, then what is new. An entry is finished only when its publication is decided in the log; whatever fails in between, it comes again, and
/// its key says that it was decided.
/// <para>Two gateways that both believe it is their turn do no harm: each goes through the stream in its order and passes an entry only when that is
/// decided, so whoever is first with an entry has found all before it decided.</para>
/// </summary>
internal sealed partial class RedisRoad(RedisOptions options, GatewayLimits limits, TimeProvider time, ILogger log) : IRoad
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisEntries _redis = new(options, limits.RedisRoad, time);
    private Task _loop = Task.CompletedTask;
    // Where to go on with what was taken before; null while there is nothing of it.
    private string? _claimFrom;
    private bool _isClaiming = true;
    private bool _hasTurn;
    private long _turnAt, _claimedAt;
    private long? _failingSince;

    private RoadLimits Limits => limits.RedisRoad;

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
                Works();
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
                _isClaiming = true;
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
        if (!await HasTurnAsync().ConfigureAwait(false))
            return false;
        if (time.GetElapsedTime(_claimedAt) > Limits.ClaimInterval)
            _isClaiming = true;
        if (!_isClaiming)
        {
            await ConsumeAsync(backends, await _redis.ReadAsync().ConfigureAwait(false)).ConfigureAwait(false);
            return true;
        }
        if (_claimFrom is null)
            await _redis.MakeGroupAsync().ConfigureAwait(false);
        var (entries, next) = await _redis.ClaimAsync(_claimFrom).ConfigureAwait(false);
        await ConsumeAsync(backends, entries).ConfigureAwait(false);
        (_claimFrom, _isClaiming, _claimedAt) = (next, next is not null, time.GetTimestamp());
        return true;
    }

    private async Task<bool> HasTurnAsync()
    {
        if (_hasTurn && time.GetElapsedTime(_turnAt) < Limits.TurnInterval)
            return true;
        var had = _hasTurn;
        _hasTurn = await _redis.TakeTurnAsync().ConfigureAwait(false);
        _turnAt = time.GetTimestamp();
        if (_hasTurn && !had)
            (_isClaiming, _claimFrom) = (true, null);
        return _hasTurn;
    }

    private async Task EndTurnAsync()
    {
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

    private async Task ConsumeAsync(Backends backends, IReadOnlyList<Entry> entries)
    {
        var next = 0;
        while (next < entries.Count)
        {
            var (batch, bytes) = (new List<(Entry Entry, PublicationReading Reading)>(), 0L);
            // As many as one batch of the committer takes, so that there is room for them sooner or later.
            for (; next < entries.Count && bytes < limits.Commits.BatchBytesMax; next++)
            {
                batch.Add((entries[next], EntryReader.Read(entries[next].Fields, limits.PublicationBodyBytes)));
                bytes += entries[next].Fields.Sum(field => (long)field.Value.Length);
            }
            await DecideAsync(backends, batch).ConfigureAwait(false);
        }
    }

    private async Task DecideAsync(Backends backends, List<(Entry Entry, PublicationReading Reading)> batch)
    {
        var asked = batch.Select(b => b.Reading.Asked).OfType<Asked>().ToList();
        // While the log fails this waits, and this gateway's turn ends meanwhile.
        var answers = await backends.PublishWhenPossibleAsync(asked, PublicationRoads.Redis, _stopping.Token).ConfigureAwait(false);
        var at = 0;
        foreach (var (entry, reading) in batch)
        {
            if (reading.Refusal is { } refusal)
            {
                await BuryAsync(entry, refusal.Code, refusal.Detail).ConfigureAwait(false);
                continue;
            }
            var answer = answers[at++];
            if (!PublicationReasons.IsDone(answer, reading.Asked is AskedCancellation))
                await BuryAsync(entry, answer.Code, PublicationReasons.Of(answer) ?? "").ConfigureAwait(false);
        }
        await _redis.FinishAsync(batch.Select(b => b.Entry)).ConfigureAwait(false);
    }

    private Task BuryAsync(Entry entry, HoliCode code, string reason)
    {
        LogBuried((int)code);
        return _redis.BuryAsync(DeadEntry.Of(entry, code, reason, Limits));
    }

    private async ValueTask FailedAsync(RedisFailedException failure)
    {
        // Something may have been taken whose answer did not come.
        (_isClaiming, _claimFrom, _hasTurn) = (true, null, false);
        var now = time.GetTimestamp();
        if (_failingSince is null)
            LogFailing(failure.Message);
        _failingSince ??= now;
        if (time.GetElapsedTime(_failingSince.Value) < Limits.RenewAfter)
            return;
        _failingSince = now;
        await _redis.DisposeAsync().ConfigureAwait(false);
    }

    private void Works()
    {
        if (_failingSince is null)
            return;
        _failingSince = null;
        LogWorks();
    }

    private async Task PauseAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(230, LogLevel.Warning, "What backends add to Redis is not fetched: {Reason}; trying again.")]
    private partial void LogFailing(string reason);

    [LoggerMessage(231, LogLevel.Information, "What backends add to Redis is fetched again.")]
    private partial void LogWorks();

    [LoggerMessage(232, LogLevel.Warning, "An entry of holi:publish was put aside with {Code}.")]
    private partial void LogBuried(int code);

    [LoggerMessage(233, LogLevel.Error, "A fault in fetching what backends add to Redis; trying again.")]
    private partial void LogFault(Exception fault);
}
