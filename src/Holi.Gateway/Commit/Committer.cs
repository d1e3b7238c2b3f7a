using System.Threading.Channels;
using Holi.Gateway.Ops;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Commit;

/// <summary>
/// The one loop that owns the order of the log. While a batch is on its way to disk the next one gathers; nothing is answered before it is on
/// disk; while the store fails nothing is answered at all and the same batch is tried again. The rules are in <see cref="CommitPlanner"/>,
/// <see cref="CommitInbox"/> and <see cref="CommitRun"/>; this is their shell.
/// </summary>
public sealed partial class Committer : ICommitter, IAsyncDisposable
{
    private readonly ILogStore _store;
    private readonly ICommitListener _listener;
    private readonly CommitPlanner _planner;
    private readonly CommitInbox _inbox;
    private readonly BatchPace _pace;
    private readonly Pause _pause;
    private readonly CommitLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CommitWatch? _watch;
    private readonly CancellationTokenSource _abandon = new();
    // One place: however many submit, the loop wakes once.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ITimer _due;
    private volatile CommitHealth _health = new(null, null, false);
    private Task _loop = Task.CompletedTask;
    private long _batches, _inputs, _events, _failures;

    public Committer(
        ILogStore store, ICommitListener listener, CommitLimits limits, TimeProvider time, ILogger<Committer> log, CommitWatch? watch = null)
    {
        (_store, _listener, _limits, _time, _log, _watch) = (store, listener, limits, time, log, watch);
        _planner = new CommitPlanner(limits);
        _inbox = new CommitInbox(limits);
        _pace = new BatchPace(limits);
        _pause = new Pause(time);
        _due = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How it fares now.</summary>
    public CommitHealth Health => _health;

    /// <summary>What it has done so far.</summary>
    public CommitCounts Counts => new(
        Interlocked.Read(ref _batches),
        Interlocked.Read(ref _inputs),
        Interlocked.Read(ref _events),
        Interlocked.Read(ref _failures),
        _inbox.Count);

    /// <summary>Begins to commit. The store must be open.</summary>
    public void Start() => _loop = Task.Run(LoopAsync);

    /// <inheritdoc/>
    public bool Submit(CommitInput input)
    {
        _watch?.Submitting(input);
        if (!_inbox.TryAdd(input))
            return false;
        Wake();
        return true;
    }

    /// <summary>
    /// Queues what backends publish: all of it, in its order, or nothing. False where there is no room: they may fill half of the queue, so that
    /// devices find room beside them.
    /// </summary>
    public bool SubmitTogether(IReadOnlyList<CommitInput> inputs)
    {
        foreach (var input in inputs)
            _watch?.Submitting(input);
        if (!_inbox.TryAddTogether(inputs))
            return false;
        Wake();
        return true;
    }

    /// <summary>
    /// Takes no more, commits what it has, then ends. When <paramref name="cancel"/> fires first, what is left stays unanswered: its
    /// devices send it again.
    /// </summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        _inbox.Close();
        Wake();
        await using (cancel.Register(_abandon.Cancel).ConfigureAwait(false))
            await _loop.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _inbox.Close();
        await _abandon.CancelAsync().ConfigureAwait(false);
        Wake();
        await _loop.ConfigureAwait(false);
        await _due.DisposeAsync().ConfigureAwait(false);
        await _pause.DisposeAsync().ConfigureAwait(false);
        _abandon.Dispose();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private TimeSpan Now => _time.GetElapsedTime(0);

    private async Task LoopAsync()
    {
        var batch = new List<CommitInput>();
        try
        {
            while (await NextAsync(batch).ConfigureAwait(false))
                await CommitAsync(batch).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            LogAbandoned(_inbox.Count + batch.Count);
        }
        catch (Exception fault)
        {
            LogEnded(fault);
        }
        finally
        {
            _inbox.Close();
            _health = _health with { Ended = true };
        }
    }

    // Fills the next batch; false when the queue is closed and empty.
    private async ValueTask<bool> NextAsync(List<CommitInput> batch)
    {
        while (true)
        {
            // Closed is asked first: nothing is added after that.
            var isClosed = _inbox.IsClosed;
            if (!isClosed && _inbox.Inputs is var waiting and > 0 && _pace.Wait(waiting, Now) is { Ticks: > 0 } wait)
                await _pause.ForAsync(wait).ConfigureAwait(false);
            if (_inbox.TryTake(batch, Now))
            {
                _pace.Cut(batch.Count, Now);
                return true;
            }
            if (isClosed)
                return false;
            if (_inbox.UntilDue(Now) is { } due)
                _due.Change(due, Timeout.InfiniteTimeSpan);
            await _wake.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            _abandon.Token.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask CommitAsync(List<CommitInput> inputs)
    {
        BatchOutcome outcome;
        var watched = _watch?.Begin(inputs) ?? default;
        try
        {
            outcome = await UntilOnDiskAsync(new CommitRun(_planner, inputs) { GoesByLogsClock = true }).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await OneByOneAsync(inputs, fault).ConfigureAwait(false);
            return;
        }
        _watch?.OnDisk(watched, outcome);
        Count(inputs, outcome);
        Publish(outcome);
        CommitWatch.Told(watched, outcome);
    }

    private async ValueTask<BatchOutcome> UntilOnDiskAsync(CommitRun run)
    {
        for (var delay = _limits.RetryDelayMin; ; delay = Longer(delay))
        {
            try
            {
                var outcome = await run.AttemptAsync(_store, _time.GetUtcNow().ToUnixTimeMilliseconds(), _abandon.Token)
                    .ConfigureAwait(false);
                Recovered();
                return outcome;
            }
            catch (StoreUnavailableException failure)
            {
                Failed(failure);
            }
            await Task.Delay(delay, _time, _abandon.Token).ConfigureAwait(false);
        }
    }

    // A fault here is a bug of ours, not of the store. One input that meets it must not take down everybody's: it alone is turned away.
    private async ValueTask OneByOneAsync(List<CommitInput> inputs, Exception fault)
    {
        if (inputs.Count > 1)
        {
            foreach (var input in inputs)
                await CommitAsync([input]).ConfigureAwait(false);
            return;
        }
        LogFault(fault, inputs[0].GetType().Name);
        inputs[0].TurnAway();
        CommitWatch.TurnedAway(inputs[0]);
    }

    private void Count(List<CommitInput> inputs, BatchOutcome outcome)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _inputs, inputs.Count);
        foreach (var topic in outcome.Appended)
            Interlocked.Add(ref _events, topic.Events.Count);
    }

    // Neither listener nor source may throw. If one does, the loop ends and readiness says so: who was told what is not known any more, and
    // a restart is what devices are made for.
    private void Publish(BatchOutcome outcome)
    {
        _listener.Committed(outcome);
        foreach (var (source, opened) in outcome.Opened)
            source.Opened(opened);
        foreach (var (source, committed, refusals) in outcome.Committed)
            source.Committed(committed, refusals);
        foreach (var (source, code) in outcome.Refused)
            source.Refused(code);
        foreach (var (source, answer) in outcome.Published)
            source.Answered(answer);
        _listener.Told();
    }

    private TimeSpan Longer(TimeSpan delay) => delay * 2 < _limits.RetryDelayMax ? delay * 2 : _limits.RetryDelayMax;

    private void Failed(StoreUnavailableException failure)
    {
        Interlocked.Increment(ref _failures);
        var since = _health.FailingSince ?? _time.GetUtcNow();
        _health = new CommitHealth(since, failure.Message, false);
        LogFailing(failure.Message, since);
    }

    private void Recovered()
    {
        if (_health.FailingSince is not { } since)
            return;
        _health = new CommitHealth(null, null, false);
        LogRecovered(since);
    }

    [LoggerMessage(1, LogLevel.Error, "The log cannot be written, nothing is acknowledged: {Reason} (since {Since}).")]
    private partial void LogFailing(string reason, DateTimeOffset since);

    [LoggerMessage(2, LogLevel.Warning, "The log is written again; it could not be since {Since}.")]
    private partial void LogRecovered(DateTimeOffset since);

    [LoggerMessage(3, LogLevel.Warning, "Stopped with {Inputs} inputs not committed; nothing of them was acknowledged.")]
    private partial void LogAbandoned(int inputs);

    [LoggerMessage(5, LogLevel.Critical, "The committer ended by a fault; restart the gateway.")]
    private partial void LogEnded(Exception fault);

    [LoggerMessage(4, LogLevel.Critical, "A fault in planning or writing one {Input}: turned away.")]
    private partial void LogFault(Exception fault, string input);
}
