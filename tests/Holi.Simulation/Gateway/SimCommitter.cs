using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;
using Holi.Wire;

namespace Holi.Simulation.Gateway;

/// <summary>
/// The committer's loop in virtual time, around the same inbox, planner and run as the real one (Commit/Committer.cs): gather, try until it is
/// on disk, publish, again.
/// </summary>
internal sealed class SimCommitter : ICommitter
{
    private readonly SimGateway _gateway;
    private readonly Run _run;
    private readonly SimProcess _process;
    private readonly ILogStore _store;
    private readonly ICommitListener _listener;
    private readonly CommitLimits _limits;
    private readonly CommitPlanner _planner;
    private readonly SimRandom _random;
    private bool _busy, _wakeSet;

    public SimCommitter(SimGateway gateway, ICommitListener listener, CommitLimits limits)
    {
        (_gateway, _run, _process, _store, _listener, _limits) = (gateway, gateway.Run, gateway.Process, gateway.Store, listener, limits);
        _planner = new CommitPlanner(limits);
        Inbox = new CommitInbox(limits);
        _random = (gateway.Cluster is null ? _run.Random : gateway.Random).Split("committer");
    }

    public CommitInbox Inbox { get; }

    public bool IsIdle => !_busy && Inbox.Count == 0;

    public bool Submit(CommitInput input)
    {
        if (!Inbox.TryAdd(input))
            return false;
        WakeIn(_random.Duration(0.01, 0.5));
        return true;
    }

    private void WakeIn(TimeSpan delay)
    {
        if (_wakeSet || _busy)
            return;
        _wakeSet = true;
        _process.After(delay, () =>
        {
            _wakeSet = false;
            Next();
        });
    }

    private void Next()
    {
        var batch = new List<CommitInput>();
        if (_busy)
            return;
        if (Inbox.TryTake(batch, _run.Time.Now))
        {
            _busy = true;
            _ = CommitAsync(batch);
        }
        else if (Inbox.UntilDue(_run.Time.Now) is { } wait)
        {
            WakeIn(wait);
        }
    }

    private async Task CommitAsync(List<CommitInput> inputs)
    {
        try
        {
            if (_run.Bug == PlantedBug.UnorderedCommits)
                Disorder(inputs);
            if (inputs.Count > 3)
                _run.Saw(Sight.BatchOfMany);
            var outcome = await UntilOnDiskAsync(new CommitRun(_planner, inputs) { GoesByLogsClock = true }).ConfigureAwait(false);
            Publish(outcome);
        }
        catch (Exception fault)
        {
            _run.Fault("the committer", fault);
        }
        _busy = false;
        WakeIn(TimeSpan.Zero);
    }

    private async Task<BatchOutcome> UntilOnDiskAsync(CommitRun run)
    {
        for (var delay = _limits.RetryDelayMin; ; delay = delay * 2 < _limits.RetryDelayMax ? delay * 2 : _limits.RetryDelayMax)
        {
            if (_run.Bug == PlantedBug.FenceNotChecked)
                Unfence((List<CommitInput>)run.Inputs);
            try
            {
                return await run.AttemptAsync(_store, _run.Time.UnixMs, CancellationToken.None).ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                // Nothing is known to be on disk.
            }
            var again = new TaskCompletionSource();
            _process.After(delay, again.SetResult);
            await again.Task.ConfigureAwait(false);
        }
    }

    private void Publish(BatchOutcome outcome)
    {
        LookForHoles(outcome);
        _listener.Committed(outcome);
        foreach (var (source, opened) in outcome.Opened)
            source.Opened(opened);
        foreach (var (source, committed, refusals) in outcome.Committed)
        {
            if (refusals.Count > 0)
                _run.Saw(Sight.RefusedCommand);
            source.Committed(committed, refusals);
        }
        foreach (var (source, code) in outcome.Refused)
        {
            if (code == HoliCode.Fenced)
                _run.Saw(Sight.FencedCommand);
            if (code == HoliCode.Fenced && _gateway.Cluster is not null)
                _run.Saw(Sight.LateCommandFenced);
            source.Refused(code);
        }
        foreach (var (source, answer) in outcome.Published)
            source.Answered(answer);
    }

    // A batch of ours that others' batches came before, and nobody told of them yet.
    private void LookForHoles(BatchOutcome outcome)
    {
        if (_gateway.Cluster is null || outcome.Appended.Count == 0)
            return;
        var known = new List<Hole>();
        _gateway.Hub.CopyHeads(0, int.MaxValue, known);
        foreach (var appended in outcome.Appended)
        {
            if (known.Exists(k => k.Topic.TopicId == appended.TopicId && k.After + 1 < appended.Events[0].Offset))
                _run.Saw(Sight.OwnBatchBehindAHole);
        }
    }

    // Bug: commands count as if they came from the connection that was opened last.
    private void Unfence(List<CommitInput> inputs)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is SubmitCommand command && _run.Disk.Data.Devices.GetValueOrDefault(command.Key) is { } device)
                inputs[i] = command with { Fence = device.Fence };
        }
    }

    // Bug: two neighbours of one device change places.
    private static void Disorder(List<CommitInput> inputs)
    {
        for (var i = 0; i + 1 < inputs.Count; i++)
        {
            if (inputs[i] is SubmitCommand a && inputs[i + 1] is SubmitCommand b && a.Key == b.Key && a.Fence == b.Fence && a.FirstSeq == 0 && b.FirstSeq == 0)
                (inputs[i], inputs[i + 1]) = (b with { Seq = a.Seq, Check = a.Check }, a with { Seq = b.Seq, Check = b.Check });
        }
    }
}
