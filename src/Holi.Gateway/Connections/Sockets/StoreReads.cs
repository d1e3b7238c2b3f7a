using System.Collections.Concurrent;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// Runs reads of the log, a few at a time, never on the thread that asks. It holds no thread while there is nothing to read. What waits is
/// bounded by the connections: each has at most one read of each kind.
/// </summary>
public sealed class StoreReads(int workersMax) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Func<Task>> _waiting = new();
    private int _workers;

    /// <summary>Reads that wait for their turn.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Runs <paramref name="read"/>, which must not throw.</summary>
    public void Add(Func<Task> read)
    {
        _waiting.Enqueue(read);
        if (TryHire())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _ = WorkAsync();

    private async Task WorkAsync()
    {
        do
        {
            while (_waiting.TryDequeue(out var read))
                await read().ConfigureAwait(false);
            Interlocked.Decrement(ref _workers);
        }
        // What was added while this one was leaving, and saw it still there, would wait for the next.
        while (!_waiting.IsEmpty && TryHire());
    }

    private bool TryHire()
    {
        var workers = Volatile.Read(ref _workers);
        while (workers < workersMax)
        {
            var seen = Interlocked.CompareExchange(ref _workers, workers + 1, workers);
            if (seen == workers)
                return true;
            workers = seen;
        }
        return false;
    }
}
