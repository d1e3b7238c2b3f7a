namespace Holi.Gateway.Commit;

/// <summary>
/// Where connections with much to say wait, their message read and not yet looked at, while the committer's queue stands: what they hold back is safe in
/// a device's outbox. First come, first served. So a flush keeps the log busy, and who has a word to say need not wait behind it. Thread-safe.
/// </summary>
public sealed class SubmitGate(CommitInbox inbox, CommitLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<(int Inputs, TaskCompletionSource Turn)> _waiting = new();

    /// <summary>Completes when about so many inputs may be submitted, and after <see cref="CommitLimits.HeldBackMost"/> in any case.</summary>
    public ValueTask EnterAsync(int inputs)
    {
        if (!inbox.Stands)
            return ValueTask.CompletedTask;
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue((inputs, turn));
            inbox.HeldBack = true;
        }
        // The batch that would have opened it may have been taken a moment ago.
        Open();
        return new ValueTask(WaitAsync(turn.Task));
    }

    /// <summary>Lets in who fits; called when a batch was taken.</summary>
    public void Open()
    {
        if (!inbox.HeldBack)
            return;
        lock (_lock)
        {
            for (var entering = 0; _waiting.TryPeek(out var first) && inbox.HasRoomBehind(entering, first.Inputs); entering += first.Inputs)
                _waiting.Dequeue().Turn.TrySetResult();
            inbox.HeldBack = _waiting.Count > 0;
        }
    }

    private async Task WaitAsync(Task turn)
    {
        try
        {
            await turn.WaitAsync(limits.HeldBackMost, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It goes on, and is told by whoever finds no room for it.
        }
    }
}
