using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>A few connections that read beside the writer; whoever reads takes one and gives it back. One that failed is thrown away.</summary>
internal sealed class SqliteReaders(SqliteOptions options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.ReadersMax);
    private readonly ConcurrentBag<SqliteReader> _idle = [];

    public async ValueTask<TResult> ReadAsync<TQuery, TResult>(
        TQuery query, Func<SqliteReader, TQuery, TResult> read, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel).ConfigureAwait(false);
        SqliteReader? reader = null;
        try
        {
            if (!_idle.TryTake(out reader))
                reader = Open();
            var result = read(reader, query);
            _idle.Add(reader);
            reader = null;
            return result;
        }
        catch (SqliteException failure)
        {
            throw SqliteFailure.Of(failure, "reading the log");
        }
        finally
        {
            reader?.Dispose();
            _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var reader))
            reader.Dispose();
        _free.Dispose();
    }

    private SqliteReader Open()
    {
        var connection = Connections.OpenReader(options);
        try
        {
            return new SqliteReader(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
