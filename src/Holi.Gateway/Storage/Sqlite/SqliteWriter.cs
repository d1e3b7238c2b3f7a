using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// The one connection that writes, with what it keeps between batches. Thrown away after a failure and opened again: what SQLite remembers of
/// a failed commit is then what is on disk.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly RecentRows _recent = new();
    private readonly Statement _begin, _commit, _rollback, _lastBatch, _dataVersion;
    private long _version = -1;

    /// <summary>Opens the connection and prepares what it will run.</summary>
    public static SqliteWriter Open(SqliteOptions options)
    {
        var connection = Connections.OpenWriter(options);
        try
        {
            return new SqliteWriter(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <param name="connection">Becomes the writer's own.</param>
    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        var handle = connection.Handle!;
        _begin = new Statement(handle, "beginning a batch", "begin immediate");
        _commit = new Statement(handle, "committing a batch", "commit");
        _rollback = new Statement(handle, "rolling a batch back", "rollback");
        _lastBatch = new Statement(handle, "counting batches", "select last_batch from meta");
        // Changes when another connection has committed.
        _dataVersion = new Statement(handle, "looking for others", "pragma data_version");
        Load = new BatchLoader(handle, _recent);
        Write = new BatchWriter(handle);
        Publications = new PublicationRows(handle);
    }

    public BatchLoader Load { get; }
    public BatchWriter Write { get; }
    public PublicationRows Publications { get; }

    /// <summary>Begins the one writing transaction; gives the count of batches so far.</summary>
    public ulong Begin()
    {
        _begin.Run();
        var version = Number(_dataVersion);
        if (version != _version)
            _recent.Clear();
        _version = version;
        return (ulong)Number(_lastBatch);
    }

    /// <summary>Returns once what was written is on disk.</summary>
    public void Commit(BatchState state)
    {
        _commit.Run();
        Write.Committed();
        _recent.Keep(state);
    }

    /// <summary>Copies the whole WAL into the database, fsyncs that, and empties the WAL. Not inside a transaction.</summary>
    public void Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_connection.Handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        if (code != raw.SQLITE_OK)
            throw SqliteFailure.Of(raw.sqlite3_extended_errcode(_connection.Handle), "writing the log anew after a failure");
    }

    /// <summary>Nothing of it is on disk. <paramref name="state"/> is what it loaded, if it did.</summary>
    public void Rollback(BatchState? state)
    {
        if (state is not null)
            _recent.Forget(state);
        _rollback.Run();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_begin, _commit, _rollback, _lastBatch, _dataVersion])
            statement.Dispose();
        Load.Dispose();
        Write.Dispose();
        Publications.Dispose();
        _connection.Dispose();
    }

    private static long Number(Statement statement)
    {
        statement.Step();
        var number = statement.Long(0);
        statement.Reset();
        return number;
    }
}
