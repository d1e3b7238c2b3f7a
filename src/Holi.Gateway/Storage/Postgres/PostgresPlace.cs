using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Which server this is, and whether what it commits is on disk.</summary>
/// <param name="SystemId">Given by initdb; a physical copy has the same.</param>
/// <param name="Timeline">Another after every promotion and every recovery to a point in time.</param>
/// <param name="Lsn">How far its disk has come; never goes back by a crash.</param>
/// <param name="IsDurable">False where fsync is off, so that a crash of the machine may lose what was acknowledged.</param>
internal sealed record PostgresPlace(string SystemId, string Timeline, ulong Lsn, bool IsDurable)
{
    // The limit of a whole transaction exists since version 17: it ends one that was paused between two statements on their way, too.
    private const string Sql = """
        select s.system_identifier::text, left(pg_walfile_name(pg_current_wal_flush_lsn()), 8),
          (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint, current_setting('fsync') = 'on',
          (select set_config('transaction_timeout', $1, false) from pg_settings where name = 'transaction_timeout')
        from pg_control_system() s
        """;

    /// <summary>Asks a fresh connection, and limits its transactions.</summary>
    /// <exception cref="StoreUnavailableException">It is a standby.</exception>
    public static async ValueTask<PostgresPlace> ReadAsync(NpgsqlConnection connection, TimeSpan transactionLimit, CancellationToken cancel)
    {
        PostgresPlace? place = null;
        var isStandby = false;
        var milliseconds = ((long)transactionLimit.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using (var trip = new RoundTrip(connection))
        {
            await trip.Ask(row => isStandby = row.GetBoolean(0), "select pg_is_in_recovery()").SendAsync(cancel).ConfigureAwait(false);
        }
        if (isStandby)
            throw new StoreUnavailableException("Postgres is a standby: name the primary");
        await using (var trip = new RoundTrip(connection))
        {
            await trip.Ask(
                row => place = new PostgresPlace(row.GetString(0), row.GetString(1), (ulong)row.GetInt64(2), row.GetBoolean(3)),
                Sql,
                Bind.Text(milliseconds)).SendAsync(cancel).ConfigureAwait(false);
        }
        return place!;
    }
}
