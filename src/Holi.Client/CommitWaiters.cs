using Holi.Client.Engine;
using Holi.Wire;

namespace Holi.Client;

/// <summary>
/// Those who wait for a command's answer. Bounded by the app: one entry for each task it asked for. Refusals are remembered for those who
/// ask later: the last <see cref="RefusalsKept"/>, and only refusals.
/// </summary>
internal sealed class CommitWaiters(ulong through)
{
    /// <summary>About 3 MB at worst, and nothing where nothing is refused.</summary>
    public const int RefusalsKept = 65_536;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, ulong> _waiting = new();
    private readonly Dictionary<ulong, HoliCode> _refused = [];
    private readonly Queue<ulong> _oldest = new();
    private ulong _forgotten;
    private bool _isClosed;
    private ulong _through = through;

    public ulong Through => Volatile.Read(ref _through);

    public Task WaitAsync(ulong number)
    {
        lock (_lock)
        {
            if (number <= _through)
                return Answer(number);
            if (_isClosed)
                return Task.FromException(Closed());
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, number);
            return waiter.Task;
        }
    }

    public void OnCommitted(CommandsCommitted committed)
    {
        lock (_lock)
        {
            foreach (var refusal in committed.Refused)
                Remember(refusal);
            Volatile.Write(ref _through, Math.Max(_through, committed.Through));
            while (_waiting.TryPeek(out var waiter, out var number) && number <= _through)
            {
                _waiting.Dequeue();
                if (_refused.TryGetValue(number, out var code))
                    waiter.TrySetException(new CommandRefusedException(code));
                else
                    waiter.TrySetResult();
            }
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_waiting.TryDequeue(out var waiter, out _))
                waiter.TrySetException(Closed());
        }
    }

    private Task Answer(ulong number)
    {
        if (_refused.TryGetValue(number, out var code))
            return Task.FromException(new CommandRefusedException(code));
        return number > _forgotten
            ? Task.CompletedTask
            : Task.FromException(new InvalidOperationException(
                $"Asked too late: {RefusalsKept} later commands were refused since. command.rejected events in the user's own topic tell what became of it."));
    }

    private void Remember(RefusedCommand refusal)
    {
        if (!_refused.TryAdd(refusal.Number, refusal.Code))
            return;
        _oldest.Enqueue(refusal.Number);
        if (_oldest.Count <= RefusalsKept)
            return;
        _forgotten = Math.Max(_forgotten, _oldest.Peek());
        _refused.Remove(_oldest.Dequeue());
    }

    private static ObjectDisposedException Closed() =>
        new(nameof(HoliClient), "The client was disposed of. The command is queued and will be sent when the client runs again.");
}
