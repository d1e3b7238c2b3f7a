using Holi.Gateway.Auth;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Remembers revoked tokens for all gateways of a log. A number is taken under a lock that is held until it is committed: one comes after another.</summary>
internal static class PostgresRevoked
{
    // "Holi", and what it is about.
    private const string Insert = """
        with turn as materialized (select pg_advisory_xact_lock(1214737513, -2)),
          expired as (delete from revoked_tokens where expires_ms < $3)
        insert into revoked_tokens (token_id, expires_ms) select $1, $2 from turn
        on conflict (token_id) do update set expires_ms = greatest(revoked_tokens.expires_ms, excluded.expires_ms)
        """;

    public const string Read = "select number, token_id, expires_ms from revoked_tokens where number > $1 order by number limit $2";

    public static async ValueTask AddAsync(NpgsqlDataSource source, RevokedToken token, long nowMs, CancellationToken cancel)
    {
        var command = source.CreateCommand(Insert);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(Bind.Text(token.TokenId));
            command.Parameters.Add(Bind.Number(token.ExpiresMs));
            command.Parameters.Add(Bind.Number(nowMs));
            await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        }
    }
}
