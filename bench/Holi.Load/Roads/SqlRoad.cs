using System.Text.Json;
using Holi.Servers;
using Npgsql;

namespace Holi.Load.Roads;

/// <summary>§9: a row in a transaction of the backend's own. Its key makes the second attempt after a lost COMMIT harmless.</summary>
internal sealed class SqlRoad(PostgresServer postgres) : IRoad
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(postgres.ConnectionString + ";Timeout=3;Command Timeout=3;Maximum Pool Size=8");

    public async Task<bool> TrySendAsync(Publication publication, CancellationToken cancel)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var command = new NpgsqlCommand(
                """
                insert into holi_outbox (tenant, key, target, kind, content, deliver_at)
                values ($1, $2, $3, 'message.post', $4::jsonb, timestamptz 'epoch' + nullif($5, 0) * interval '1 ms')
                """,
                connection,
                transaction)
            {
                Parameters =
                {
                    new() { Value = publication.Tenant }, new() { Value = publication.Key }, new() { Value = publication.Topic },
                    new() { Value = JsonSerializer.Serialize(new { text = publication.Text }) }, new() { Value = publication.DeliverAtMs ?? 0L },
                },
            };
            await command.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
