using System.Diagnostics.CodeAnalysis;
using Holi.Client.Engine;

namespace Holi.Client.Feeds;

/// <summary>
/// What was stored just now, for one reader that is up to date: it saves reading back what was written a moment ago. Bounded: a
/// reader that falls behind finds it overflowed and reads the replica instead, so a slow reader costs the same as a fast one.
/// </summary>
internal sealed class EventTap
{
    /// <summary>Events kept for a reader.</summary>
    public const int EventsMax = 1_024;

    private readonly Lock _lock = new();
    private readonly Queue<TopicStored> _batches = new();
    private TaskCompletionSource? _waiter;
    private int _events;
    private bool _overflowed;
    private bool _isClosed;

    /// <summary>The loop: a batch is on disk.</summary>
    public void Push(TopicStored stored)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            if (!_overflowed)
            {
                _batches.Enqueue(stored);
                _events += 1 + stored.Events.Count;
                if (_events > EventsMax)
                    Overflow();
            }
            (waiter, _waiter) = (_waiter, null);
        }
        waiter?.TrySetResult();
    }

    /// <summary>No batch will follow.</summary>
    public void Close()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            _isClosed = true;
            (waiter, _waiter) = (_waiter, null);
        }
        waiter?.TrySetResult();
    }

    /// <summary>The reader begins to read the replica: what is stored from now on is kept here again. True where something was missed.</summary>
    public bool Restart()
    {
        lock (_lock)
        {
            var missed = _overflowed;
            _overflowed = false;
            return missed;
        }
    }

    /// <summary>The next batch. False where there is none, or it overflowed.</summary>
    public bool TryTake([NotNullWhen(true)] out TopicStored? stored)
    {
        lock (_lock)
        {
            if (_overflowed || !_batches.TryDequeue(out stored))
            {
                stored = null;
                return false;
            }
            _events -= 1 + stored.Events.Count;
            return true;
        }
    }

    /// <summary>Waits until there is a batch or an overflow. False: no more will come.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        Task waiting;
        lock (_lock)
        {
            if (_batches.Count > 0 || _overflowed)
                return true;
            if (_isClosed)
                return false;
            _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting = _waiter.Task;
        }
        await waiting.WaitAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    private void Overflow()
    {
        _batches.Clear();
        (_events, _overflowed) = (0, true);
    }
}
