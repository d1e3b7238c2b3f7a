namespace Holi.Client.Shell;

/// <summary>The store, used by many threads and disposed of once: when the client has ended and the last who used it is done.</summary>
internal sealed class SharedStore(IDeviceStore store)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users = 1;
    private int _topicsToRefetch = store.Damage.TopicsToRefetch.Count;
    private bool _isClosed;

    /// <summary>Called by whoever's read found topics damaged.</summary>
    public Action<IReadOnlyList<string>>? Damaged { get; set; }

    /// <summary>What is damaged now; nothing, once closed.</summary>
    public StoreDamage Damage => Use(disk => disk.Damage);

    public T Use<T>(Func<IDeviceStore, T> use)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_users == 0 || _isClosed, typeof(HoliClient));
            _users++;
        }
        try
        {
            return use(store);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The same on the pool, for callers that must not wait for a disk.</summary>
    public Task<T> UseAsync<T>(Func<IDeviceStore, T> use, CancellationToken cancellation) => Task.Run(() => Use(use), cancellation);

    /// <summary>Reads a page of events on the pool.</summary>
    public Task<IReadOnlyList<ReplicaEvent>> ReadEventsAsync(
        Func<IDeviceStore, IReadOnlyList<ReplicaEvent>> read, CancellationToken cancellation) => UseAsync(disk =>
        {
            var events = read(disk);
            var damaged = disk.Damage.TopicsToRefetch;
            if (Interlocked.Exchange(ref _topicsToRefetch, damaged.Count) < damaged.Count)
                Damaged?.Invoke(damaged);
            return events;
        }, cancellation);

    /// <summary>No new users; completes when the store is disposed of.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            if (_isClosed)
                return _closed.Task;
            _isClosed = true;
        }
        Leave();
        return _closed.Task;
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return;
        }
        try
        {
            store.Dispose();
            _closed.TrySetResult();
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            _closed.TrySetException(failed);
        }
    }
}
