using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// The one connection that writes, with what it keeps between batches. Thrown away after a failure and opened again: what SQLite remembers of
/// a failed commit is then what is on disk.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _begin, _commit, _rollback, _lastBatch;

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
        Load = new BatchLoader(handle);
        Write = new BatchWriter(handle);
    }

    public BatchLoader Load { get; }
    public BatchWriter Write { get; }

    /// <summary>Begins the one writing transaction; gives the count of batches so far.</summary>
    public ulong Begin()
    {
        _begin.Run();
        _lastBatch.Step();
        var last = _lastBatch.Number(0);
        _lastBatch.Reset();
        return last;
    }

    /// <summary>Returns once what was written is on disk.</summary>
    public void Commit()
    {
        _commit.Run();
        Write.Committed();
    }

    public void Rollback() => _rollback.Run();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_begin, _commit, _rollback, _lastBatch])
            statement.Dispose();
        Load.Dispose();
        Write.Dispose();
        _connection.Dispose();
    }
}
