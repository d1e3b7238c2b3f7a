using Holi.Gateway.Storage;

namespace Holi.Gateway.Commit;

/// <summary>
/// What gathers while a batch is on its way. Inputs keep their order; delivered positions are merged, so that of each member only the
/// latest waits, and go along at most once per <see cref="CommitLimits.DeliveredInterval"/>. Bounded by count and bytes. Thread-safe; no clock.
/// </summary>
public sealed class CommitInbox(CommitLimits limits)
{
    // What an input costs besides its payload: the record, its strings and its place in the queue, generously.
    private const int InputBytes = 256;

    private readonly Lock _lock = new();
    private readonly Queue<CommitInput> _inputs = new();
    private readonly Dictionary<(TopicKey Topic, string User), ulong> _delivered = [];
    private TimeSpan _deliveredDue = TimeSpan.MinValue;
    private long _bytes;
    private bool _closed;

    /// <summary>Inputs waiting, merged positions included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _inputs.Count + _delivered.Count;
        }
    }

    /// <summary>Inputs waiting, without positions: those are in no haste.</summary>
    public int Inputs
    {
        get
        {
            lock (_lock)
                return _inputs.Count;
        }
    }

    /// <summary>True once <see cref="Close"/> was called.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>False where a bound is reached or the queue is closed.</summary>
    public bool TryAdd(CommitInput input)
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            return input is SubmitDelivered delivered ? TryMerge(delivered) : TryEnqueue(input);
        }
    }

    /// <summary>Adds all of them, in their order, or none. False where the queue would be more than half full, or is closed.</summary>
    public bool TryAddTogether(IReadOnlyList<CommitInput> inputs)
    {
        const int share = 2;
        long bytes = 0;
        foreach (var input in inputs)
            bytes += Cost(input);
        lock (_lock)
        {
            // Into an empty queue they come whatever its bounds: those of whoever submits them are enough.
            var isFull = _inputs.Count > 0
                && (_inputs.Count + inputs.Count > limits.QueueInputsMax / share || _bytes + bytes > limits.QueueBytesMax / share);
            if (_closed || isFull)
                return false;
            _bytes += bytes;
            foreach (var input in inputs)
                _inputs.Enqueue(input);
            return true;
        }
    }

    /// <summary>No more inputs. What waits can still be taken, positions at once.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>Takes the next batch into <paramref name="batch"/>, which is cleared first. False where nothing is to be taken now.</summary>
    /// <param name="batch">Filled in order.</param>
    /// <param name="now">Since any fixed start.</param>
    public bool TryTake(List<CommitInput> batch, TimeSpan now)
    {
        batch.Clear();
        lock (_lock)
        {
            long bytes = 0;
            while (batch.Count < limits.BatchInputsMax && _inputs.TryPeek(out var input))
            {
                bytes += Cost(input);
                if (batch.Count > 0 && bytes > limits.BatchBytesMax)
                    break;
                _bytes -= Cost(input);
                batch.Add(_inputs.Dequeue());
            }
            if (_delivered.Count > 0 && (_closed || now >= _deliveredDue))
                TakeDelivered(batch, now);
            return batch.Count > 0;
        }
    }

    /// <summary>How long until there is something to take; zero where there is now, null where nothing waits.</summary>
    public TimeSpan? UntilDue(TimeSpan now)
    {
        lock (_lock)
        {
            if (_inputs.Count > 0)
                return TimeSpan.Zero;
            if (_delivered.Count == 0)
                return null;
            return _closed || now >= _deliveredDue ? TimeSpan.Zero : _deliveredDue - now;
        }
    }

    private bool TryEnqueue(CommitInput input)
    {
        var cost = Cost(input);
        if (_inputs.Count >= limits.QueueInputsMax || _bytes + cost > limits.QueueBytesMax)
            return false;
        _bytes += cost;
        _inputs.Enqueue(input);
        return true;
    }

    private bool TryMerge(SubmitDelivered delivered)
    {
        var key = (delivered.Topic, delivered.User);
        if (_delivered.TryGetValue(key, out var earlier))
        {
            _delivered[key] = Math.Max(earlier, delivered.Delivered);
            return true;
        }
        if (_delivered.Count >= limits.QueueInputsMax)
            return false;
        _delivered.Add(key, delivered.Delivered);
        return true;
    }

    private void TakeDelivered(List<CommitInput> batch, TimeSpan now)
    {
        // Removing the current entry does not disturb a dictionary's enumeration.
        foreach (var ((topic, user), offset) in _delivered)
        {
            if (batch.Count >= limits.BatchInputsMax * 2)
                return;
            batch.Add(new SubmitDelivered(topic, user, offset));
            _delivered.Remove((topic, user));
        }
        _deliveredDue = now + limits.DeliveredInterval;
    }

    private static long Cost(CommitInput input) => InputBytes + input.PayloadBytes;
}
