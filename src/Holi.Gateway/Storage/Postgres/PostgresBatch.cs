namespace Holi.Gateway.Storage.Postgres;

/// <summary>The open transaction of a <see cref="PostgresLogStore"/>.</summary>
internal sealed class PostgresBatch(PostgresLogStore store, PostgresWriter writer, BatchLoad load) : ICommitBatch
{
    private bool _ended;

    public BatchState State => load.State!;

    public async ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        var trip = writer.Draw(load, writes);
        _ended = true;
        var done = false;
        try
        {
            await store.WaitAsync("committing a batch", token => writer.CommitAsync(trip, token), cancel).ConfigureAwait(false);
            done = true;
        }
        finally
        {
            await trip.DisposeAsync().ConfigureAwait(false);
            await store.BatchEndedAsync(failed: !done).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended)
            return;
        _ended = true;
        var done = false;
        try
        {
            await store.WaitAsync("rolling a batch back", writer.RollbackAsync, CancellationToken.None).ConfigureAwait(false);
            done = true;
        }
        catch (StoreUnavailableException)
        {
            // It ends with its connection.
        }
        finally
        {
            await store.BatchEndedAsync(failed: !done).ConfigureAwait(false);
        }
    }
}
