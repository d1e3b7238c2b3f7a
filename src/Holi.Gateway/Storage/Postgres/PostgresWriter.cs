using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>The one connection that writes. Thrown away after a failure: whatever was on its way ends with it.</summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly PostgresLife _life;

    private PostgresWriter(NpgsqlConnection connection, PostgresLife life) => (_connection, _life) = (connection, life);

    public static async ValueTask<PostgresWriter> OpenAsync(
        PostgresSources sources, PostgresLife life, PostgresOptions options, CancellationToken cancel)
    {
        var connection = await sources.Writer.OpenConnectionAsync(cancel).ConfigureAwait(false);
        try
        {
            var place = await PostgresPlace.ReadAsync(connection, options.AnswerTimeout, cancel).ConfigureAwait(false);
            await life.MeetAsync(connection, place, cancel).ConfigureAwait(false);
            return new PostgresWriter(connection, life);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a batch and loads what it needs.</summary>
    public async ValueTask<BatchLoad> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        var load = new BatchLoad(keys, _life.Epoch);
        await using (var trip = load.Ask(_connection, _life.Writer))
            await trip.SendAsync(cancel).ConfigureAwait(false);
        await _life.AcceptAsync(load, cancel).ConfigureAwait(false);
        return load;
    }

    /// <summary>Writes and commits; returns once it is on disk.</summary>
    public async ValueTask CommitAsync(RoundTrip trip, CancellationToken cancel)
    {
        _life.Sending();
        await trip.SendAsync(cancel).ConfigureAwait(false);
        _life.Committed();
    }

    /// <summary>What <see cref="CommitAsync"/> sends. Gives new rows their numbers.</summary>
    public RoundTrip Draw(BatchLoad load, BatchWrites writes) => BatchWrite.Ask(_connection, _life.Writer, load, writes);

    /// <summary>Lets go of what the batch has locked.</summary>
    public async ValueTask RollbackAsync(CancellationToken cancel)
    {
        await using var trip = new RoundTrip(_connection);
        await trip.Run(WriteSql.Rollback).SendAsync(cancel).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
