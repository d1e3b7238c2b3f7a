namespace Holi.Gateway.Storage.Sqlite;

/// <summary>The open transaction of a <see cref="SqliteLogStore"/>.</summary>
internal sealed class SqliteBatch(SqliteLogStore store, SqliteWriter writer, BatchState state) : ICommitBatch
{
    private bool _ended;

    public BatchState State => state;

    public ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        try
        {
            writer.Write.Write(state, writes);
            writer.Publications.Write(state, writes);
            writer.Commit(state);
        }
        catch (StoreUnavailableException)
        {
            End(failed: true);
            throw;
        }
        End(failed: false);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (_ended)
            return ValueTask.CompletedTask;
        try
        {
            writer.Rollback(state);
            End(failed: false);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or InvalidOperationException)
        {
            // SQLite may have rolled back by itself; either way a new connection starts from what is on disk.
            End(failed: true);
        }
        return ValueTask.CompletedTask;
    }

    private void End(bool failed)
    {
        _ended = true;
        store.BatchEnded(failed);
    }
}
