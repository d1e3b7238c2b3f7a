using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Health;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Sql;

/// <summary>
/// Fetches what backends insert into the outbox table (backends.md §9). A row is deleted in the transaction that commits its publication, so none can be
/// lost or left over; which of several gateways takes it does not matter, and in which order rows are decided follows from each going through the table in
/// the order of its ids.
/// </summary>
/// <param name="health">Is told how the table fares.</param>
internal sealed partial class OutboxRoad(PostgresOutbox outbox, GatewayLimits limits, TimeProvider time, ILogger log, Dependency health) : IRoad
{
    /// <summary>What the table is called where dependencies are named.</summary>
    public const string DependencyName = "postgres.publish";

    private readonly CancellationTokenSource _stopping = new();
    private readonly RoadLag _lag = new(time);
    private Task _loop = Task.CompletedTask;
    private bool _isFailing;

    public string Name => PublicationRoads.Sql;

    public TimeSpan? Lag => _lag.Now;

    private OutboxLimits Limits => limits.Outbox;

    public void Start(Backends backends) => _loop = Task.Run(() => LoopAsync(backends));

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task LoopAsync(Backends backends)
    {
        var delay = Limits.RetryDelayMin;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await StepAsync(backends).ConfigureAwait(false);
                delay = Limits.RetryDelayMin;
                continue;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (StoreUnavailableException failure)
            {
                Failing(failure.Message);
            }
            // A fault of ours. What is in the table must not wait for a restart.
            catch (Exception fault)
            {
                LogFault(fault);
            }
            await PauseAsync(delay).ConfigureAwait(false);
            delay = delay * 2 < Limits.RetryDelayMax ? delay * 2 : Limits.RetryDelayMax;
        }
        await outbox.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StepAsync(Backends backends)
    {
        if (!backends.CanCommit)
        {
            // Others may have their turn.
            _lag.IsUnknown();
            await outbox.DisposeAsync().ConfigureAwait(false);
            await Task.Delay(Limits.LookInterval, time, _stopping.Token).ConfigureAwait(false);
            return;
        }
        var asked = time.GetTimestamp();
        var rows = await outbox.LookAsync(Limits.Rows, limits.PublicationBodyBytes, Limits.LeftBehindAfter, _stopping.Token).ConfigureAwait(false);
        Works(time.GetElapsedTime(asked));
        Note(rows);
        for (var next = 0; next < rows.Count;)
        {
            var (batch, bytes) = (new List<OutboxRow>(), 0L);
            // As many as one batch of the committer takes, so that there is room for them sooner or later.
            for (; next < rows.Count && bytes < limits.Commits.BatchBytesMax; next++)
            {
                batch.Add(rows[next]);
                bytes += rows[next].Bytes;
            }
            await DecideAsync(backends, batch).ConfigureAwait(false);
        }
        if (rows.Count < Limits.Rows)
            await outbox.WaitAsync(Limits.LookInterval, _stopping.Token).ConfigureAwait(false);
    }

    private async Task DecideAsync(Backends backends, List<OutboxRow> rows)
    {
        var asked = new List<Asked>(rows.Count);
        foreach (var row in rows)
        {
            var reading = row.Read();
            asked.Add(reading.Asked is { } good ? good with { OutboxRow = row.Id } : new AskedNothing(row.Id, reading.Refusal!));
        }
        var answers = await backends.PublishWhenPossibleAsync(asked, PublicationRoads.Sql, _stopping.Token).ConfigureAwait(false);
        // A fault of ours met these: they are put aside, and stop nobody.
        var faulty = new List<Asked>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (answers[i].Result == PublicationResult.NotTaken)
                faulty.Add(new AskedNothing(rows[i].Id, new PublicationRefusal(answers[i].Code, PublicationReasons.Of(answers[i]) ?? "")));
            else if (answers[i].Code != HoliCode.None)
                LogPutAside((int)answers[i].Code);
        }
        if (faulty.Count > 0)
            await backends.PublishWhenPossibleAsync(faulty, PublicationRoads.Sql, _stopping.Token).ConfigureAwait(false);
    }

    private void Note(IReadOnlyList<OutboxRow> rows)
    {
        if (rows.Count > 0)
            _lag.Waits(rows[0].Age);
        else if (outbox.HasTurn)
            _lag.IsEmpty();
        else
            _lag.IsUnknown();
    }

    private void Failing(string reason)
    {
        _lag.IsUnknown();
        health.Fails(reason);
        if (!_isFailing)
            LogFailing(reason);
        _isFailing = true;
    }

    private void Works(TimeSpan answered)
    {
        health.Works(answered);
        if (_isFailing)
            LogWorks();
        _isFailing = false;
    }

    // Ends early, and without a word, where the gateway does.
    private async Task PauseAsync(TimeSpan delay) =>
        await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(240, LogLevel.Warning, "What backends insert into holi_outbox is not fetched: {Reason}; trying again.")]
    private partial void LogFailing(string reason);

    [LoggerMessage(241, LogLevel.Information, "What backends insert into holi_outbox is fetched again.")]
    private partial void LogWorks();

    [LoggerMessage(242, LogLevel.Warning, "A row of holi_outbox was put aside with {Code}.")]
    private partial void LogPutAside(int code);

    [LoggerMessage(243, LogLevel.Error, "A fault in fetching what backends insert into holi_outbox; trying again.")]
    private partial void LogFault(Exception fault);
}
