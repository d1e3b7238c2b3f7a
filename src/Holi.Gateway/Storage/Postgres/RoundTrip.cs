using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// Statements that travel together: sent in one go, answered in one go, however many they are. The first that fails ends it; those behind it
/// are not run. Each is prepared on its connection at its first use.
/// </summary>
internal sealed class RoundTrip(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = connection.CreateBatch();
    private readonly List<Action<NpgsqlDataReader>> _readers = [];

    /// <summary>A statement that gives no rows.</summary>
    public RoundTrip Run(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value);
        _batch.BatchCommands.Add(command);
        return this;
    }

    /// <summary>A statement whose every row is given to <paramref name="row"/>.</summary>
    public RoundTrip Ask(Action<NpgsqlDataReader> row, string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        _readers.Add(row);
        return Run(sql, values);
    }

    /// <summary>Sends all and reads all answers.</summary>
    public async ValueTask SendAsync(CancellationToken cancel)
    {
        var reader = await _batch.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            // Statements without rows are passed over by the reader: its results are those that were asked for, in their order.
            foreach (var row in _readers)
            {
                while (await reader.ReadAsync(cancel).ConfigureAwait(false))
                    row(reader);
                await reader.NextResultAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
