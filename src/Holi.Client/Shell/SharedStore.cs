namespace Holi.Client.Shell;

/// <summary>The store, used by many threads and disposed of once: when the client has ended and the last who used it is done.</summary>
internal sealed class SharedStore(IDeviceStore store)
{
    private readonly Lock _lock = new();
    private int _users = 1;

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

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

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
