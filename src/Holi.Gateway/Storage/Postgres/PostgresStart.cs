using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>What a start came to.</summary>
/// <param name="Meta">Which log, and its epoch.</param>
/// <param name="Place">Which server.</param>
/// <param name="Reset">Why a new epoch was announced; null where history goes on.</param>
/// <param name="Writer">The id of the life that begins.</param>
/// <param name="LineKey">With which gateways of this log seal what they say to each other.</param>
internal sealed record PostgresStart(PostgresMeta Meta, PostgresPlace Place, string? Reset, Guid Writer, byte[] LineKey)
{
    private const int LineKeyBytes = 32;

    // "Holi" and what it is about: the lock that one starting gateway holds at a time.
    private const string LockSql = "select pg_advisory_lock(1214737513, -1)";

    /// <summary>Upgrades the schema, looks at the history and begins this gateway's life in it, while other gateways that start wait.</summary>
    public static async ValueTask<PostgresStart> RunAsync(
        PostgresSources sources, PostgresOptions options, PostgresMark? mark, DateTimeOffset now, CancellationToken cancel)
    {
        var connection = await LockAsync(sources, options, cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await MigrateAsync(sources, cancel).ConfigureAwait(false);
            var place = await PostgresPlace.ReadAsync(connection, options.UpgradeTimeout, cancel).ConfigureAwait(false);
            var (meta, reset) = await PostgresHistory.BeginAsync(connection, place, mark, options, now, cancel).ConfigureAwait(false);
            var writer = Guid.NewGuid();
            await RegisterAsync(connection, writer, options, cancel).ConfigureAwait(false);
            return new PostgresStart(meta, place, reset, writer, await LineKeyAsync(connection, cancel).ConfigureAwait(false));
        }
    }

    /// <summary>Upgrades the schema alone; gives the names of what was applied.</summary>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    /// <exception cref="SchemaTooNewException">A later version was here.</exception>
    public static async ValueTask<IReadOnlyList<string>> MigrateAsync(PostgresOptions options, TimeProvider time, CancellationToken cancel)
    {
        await using var sources = new PostgresSources(options);
        return await new PostgresCall(time).RunAsync(
            2 * options.UpgradeTimeout, "upgrading the schema", token => MigrateAsync(sources, options, token), cancel).ConfigureAwait(false);
    }

    private static async ValueTask<IReadOnlyList<string>> MigrateAsync(PostgresSources sources, PostgresOptions options, CancellationToken cancel)
    {
        var connection = await LockAsync(sources, options, cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            return await MigrateAsync(sources, cancel).ConfigureAwait(false);
    }

    // The library does not know of tasks; this happens once.
    private static Task<IReadOnlyList<string>> MigrateAsync(PostgresSources sources, CancellationToken cancel) =>
        Task.Run(() => PostgresMigrations.Apply(sources.Upkeep, PostgresMigrations.Known), cancel);

    // Held by the connection, and so by nobody once this process is gone.
    private static async ValueTask<NpgsqlConnection> LockAsync(PostgresSources sources, PostgresOptions options, CancellationToken cancel)
    {
        var connection = await sources.Upkeep.OpenConnectionAsync(cancel).ConfigureAwait(false);
        try
        {
            var milliseconds = ((long)options.UpgradeTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            await using var trip = new RoundTrip(connection);
            await trip.Run("select set_config('lock_timeout', $1, false)", Bind.Text(milliseconds)).SendAsync(cancel).ConfigureAwait(false);
            await using var locked = new RoundTrip(connection);
            await locked.Run(LockSql).SendAsync(cancel).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The first gateway makes it, and all find it.
    private static async ValueTask<byte[]> LineKeyAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        byte[] key = [];
        var made = RandomNumberGenerator.GetBytes(LineKeyBytes);
        await using var trip = new RoundTrip(connection);
        await trip
            .Run("update meta set line_key = $1, written_by = pg_current_xact_id() where line_key is null", Bind.Bytes(made))
            .Ask(row => key = row.GetFieldValue<byte[]>(0), "select line_key from meta")
            .SendAsync(cancel).ConfigureAwait(false);
        return key;
    }

    private static async ValueTask RegisterAsync(NpgsqlConnection connection, Guid writer, PostgresOptions options, CancellationToken cancel)
    {
        var (chain, start) = (0L, AuditChain.Start());
        await using (var last = new RoundTrip(connection))
        {
            await last.Ask(
                row => (chain, start) = (row.GetInt64(0), row.GetFieldValue<byte[]>(1)),
                "select chain_id, start from audit_chains order by chain_id desc limit 1").SendAsync(cancel).ConfigureAwait(false);
        }
        start = AuditChain.Start(start, writer);
        await using var trip = new RoundTrip(connection);
        await trip
            .Run("insert into audit_chains (chain_id, writer_id, start) values ($1, $2, $3)", Bind.Number(chain + 1), Bind.Id(writer), Bind.Bytes(start))
            .Run("insert into writers (writer_id, last_batch, seen_at, audit_id, audit_hash) values ($1, 0, now(), 0, $2)", Bind.Id(writer), Bind.Bytes(start))
            .Run("delete from writers where seen_at < now() - make_interval(secs => $1)", Bind.Number((long)options.WritersKept.TotalSeconds))
            .SendAsync(cancel).ConfigureAwait(false);
    }
}
