using System.Threading.Channels;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Scheduled;

/// <summary>The shell of <see cref="Schedule"/>: waits, reads the log, and submits what is due.</summary>
internal sealed partial class ScheduleLoop : IPublicationSource, IAsyncDisposable
{
    private readonly ILogStore _store;
    private readonly Committer _committer;
    private readonly GatewayLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IngressMeter _meter;
    private readonly MessageTraces? _traces;
    private readonly Lock _lock = new();
    private readonly Schedule _schedule;
    private readonly CancellationTokenSource _stopping = new();
    // One place: however much is told, the loop wakes once.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ITimer _due;
    private Task _loop = Task.CompletedTask;

    public ScheduleLoop(
        ILogStore store, Committer committer, GatewayLimits limits, TimeProvider time, ILogger log, IngressMeter meter, MessageTraces? traces)
    {
        (_store, _committer, _limits, _time, _log, _meter, _traces) = (store, committer, limits, time, log, meter, traces);
        _schedule = new Schedule(limits, store.IsShared);
        _due = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins. The store must be open.</summary>
    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>Something was scheduled.</summary>
    public void Note(long dueMs)
    {
        lock (_lock)
            _schedule.Note(dueMs);
        Wake();
    }

    /// <summary>One that was due was decided, or not: the committer's loop says so.</summary>
    void IPublicationSource.Answered(in PublicationAnswer answer)
    {
        var isDecided = answer.Result != PublicationResult.NotTaken;
        // Else another gateway has it, and counts it.
        if (isDecided)
            _meter.Count(IngressMeter.Schedule, answer.Result);
        lock (_lock)
            _schedule.Delivered(isDecided, Now);
        Wake();
    }

    /// <summary>Delivers no more. What was submitted is still committed.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Wake();
        await _loop.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _due.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private Instant Now => new(_time.GetElapsedTime(0), _time.GetUtcNow().ToUnixTimeMilliseconds());

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task LoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            bool look;
            TimeSpan? wait;
            lock (_lock)
            {
                var now = Now;
                look = _schedule.TryBeginLook(now);
                wait = look ? null : _schedule.Wait(now);
            }
            if (look)
                await LookAsync().ConfigureAwait(false);
            else
                await WaitAsync(wait).ConfigureAwait(false);
        }
    }

    private async ValueTask WaitAsync(TimeSpan? wait)
    {
        _due.Change(wait ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await _wake.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask LookAsync()
    {
        try
        {
            Deliver(await _store.ReadScheduledAsync(_limits.ScheduledPerLook, _stopping.Token).ConfigureAwait(false));
        }
        // Whatever it is, what is scheduled must not wait for a restart.
        catch (Exception failure)
        {
            if (failure is not (StoreUnavailableException or OperationCanceledException))
                LogFault(failure);
            lock (_lock)
                _schedule.LookFailed(Now);
        }
    }

    private void Deliver(ScheduledPublications found)
    {
        IReadOnlyList<WaitingPublication> due;
        lock (_lock)
            due = _schedule.Found(found, Now);
        if (due.Count == 0)
            return;
        CommitInput[] inputs = [.. due.Select(each => new DeliverScheduled(this, each))];
        foreach (var input in inputs)
            _traces?.Received(input);
        if (_committer.SubmitTogether(inputs))
            return;
        foreach (var input in inputs)
            MessageTraces.Refused(input, HoliCode.Overloaded);
        lock (_lock)
        {
            for (var i = 0; i < due.Count; i++)
                _schedule.Delivered(isDecided: false, Now);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A fault in looking for what is scheduled; trying again.")]
    private partial void LogFault(Exception fault);
}
