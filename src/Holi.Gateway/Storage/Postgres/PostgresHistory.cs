using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>The one row of meta.</summary>
/// <param name="WrittenHere">False where the row was not written by the transaction it names: it was dumped and restored.</param>
internal sealed record PostgresMeta(Guid StoreId, ulong Epoch, string SystemId, string Timeline, bool WrittenHere);

/// <summary>
/// A gateway's beginning at each start, one gateway at a time: decides whether what lies there is what was there before. If it is not, history
/// was reset, and the log gets a new epoch, so that devices drop what they hold and fetch it again (§8.1). Better once too often: what a device
/// holds of a lost history cannot be told from what is there now.
/// </summary>
/// <remarks>
/// Nothing inside a database can tell that its whole server was put back. So it is compared with what was seen of it from outside: by the mark in
/// this gateway's data folder, and by every running gateway whenever it connects again (<see cref="IsBehind"/>).
/// What cannot be noticed: an older server put in place while no gateway runs, where no gateway that starts has a mark of what is missing: their data
/// folders are new, were put back as well, or their last second was not yet marked. For these there is <see cref="PostgresOptions.Restored"/>.
/// What is announced without need: a promoted standby that had everything, where no gateway lived through it, and pg_upgrade.
/// </remarks>
internal static class PostgresHistory
{
    /// <summary>Why history counts as reset; null where it goes on.</summary>
    /// <param name="meta">What the log says of itself.</param>
    /// <param name="place">Where it is found.</param>
    /// <param name="mark">What this gateway has seen of it.</param>
    /// <param name="batches">How many batches of the mark's writer are there; null where its row is missing.</param>
    /// <param name="kept">How long such rows are kept at least.</param>
    /// <param name="nowMs">Now.</param>
    public static string? WhyReset(PostgresMeta meta, PostgresPlace place, PostgresMark? mark, ulong? batches, TimeSpan kept, long nowMs)
    {
        if (!meta.WrittenHere)
            return "it was restored from a dump";
        if (meta.SystemId != place.SystemId)
            return "it is on another server";
        if (meta.Timeline != place.Timeline)
            return "its server was recovered to a point in time, or a standby took over";
        // A mark of another log says nothing about this one.
        if (mark is not { } seen || seen.StoreId != meta.StoreId)
            return null;
        if (place.Lsn < seen.Lsn)
            return "its server is behind what this gateway has seen of it";
        if (batches is { } there)
            return there < seen.LastBatch ? "it lacks batches that this gateway has committed" : null;
        return nowMs - seen.TimeMs < kept.TotalMilliseconds ? "it does not know this gateway, which has written to it" : null;
    }

    /// <summary>True where a server that is connected to again is not, or not any more, the one that was seen before.</summary>
    public static bool IsBehind(PostgresPlace found, PostgresPlace seen, ulong seenLsn) => found.SystemId != seen.SystemId || found.Lsn < seenLsn;

    /// <summary>Begins the log, goes on with it, or announces a new epoch. To be called by one gateway at a time.</summary>
    public static async ValueTask<(PostgresMeta Meta, string? Reset)> BeginAsync(
        NpgsqlConnection connection, PostgresPlace place, PostgresMark? mark, PostgresOptions options, DateTimeOffset now, CancellationToken cancel)
    {
        var meta = await ReadAsync(connection, cancel).ConfigureAwait(false);
        if (meta is null)
        {
            await using var first = new RoundTrip(connection);
            await first.Run(
                "insert into meta (id, store_id, epoch, system_id, timeline, written_by) values (1, $1, $2, $3, $4, pg_current_xact_id())",
                Bind.Id(Guid.NewGuid()), Bind.Number(Math.Max(now.ToUnixTimeSeconds(), 1)), Bind.Text(place.SystemId), Bind.Text(place.Timeline))
                .SendAsync(cancel).ConfigureAwait(false);
            return ((await ReadAsync(connection, cancel).ConfigureAwait(false))!, null);
        }
        var batches = await BatchesAsync(connection, mark, cancel).ConfigureAwait(false);
        var reset = options.Restored
            ? "the operator says so"
            : WhyReset(meta, place, mark, batches, options.WritersKept - TimeSpan.FromDays(1), now.ToUnixTimeMilliseconds());
        if (reset is null)
            return (meta, null);
        await AnnounceAsync(connection, place, meta.Epoch, now, cancel).ConfigureAwait(false);
        return ((await ReadAsync(connection, cancel).ConfigureAwait(false))!, reset);
    }

    /// <summary>A new epoch, above <paramref name="seen"/>, unless another gateway has announced one since.</summary>
    public static async ValueTask AnnounceAsync(
        NpgsqlConnection connection, PostgresPlace place, ulong seen, DateTimeOffset now, CancellationToken cancel)
    {
        await using var trip = new RoundTrip(connection);
        await trip.Run(
            """
            update meta set epoch = greatest($1 + 1, $2), system_id = $3, timeline = $4, written_by = pg_current_xact_id() where epoch <= $1
            """,
            Bind.Number((long)seen), Bind.Number(now.ToUnixTimeSeconds()), Bind.Text(place.SystemId), Bind.Text(place.Timeline))
            .SendAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>A gateway that lived through a takeover and misses nothing says so, lest the next start counts it as a reset.</summary>
    public static async ValueTask GoOnAsync(NpgsqlConnection connection, PostgresPlace place, ulong epoch, CancellationToken cancel)
    {
        await using var trip = new RoundTrip(connection);
        await trip.Run(
            "update meta set timeline = $1, written_by = pg_current_xact_id() where epoch = $2 and system_id = $3",
            Bind.Text(place.Timeline), Bind.Number((long)epoch), Bind.Text(place.SystemId)).SendAsync(cancel).ConfigureAwait(false);
    }

    private static async ValueTask<PostgresMeta?> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        PostgresMeta? meta = null;
        await using var trip = new RoundTrip(connection);
        // A row's xmin is the transaction that wrote it, without its epoch of 32 bits.
        await trip.Ask(
            row => meta = new PostgresMeta(row.GetGuid(0), (ulong)row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)),
            """
            select store_id, epoch, system_id, timeline, xmin::text::bigint = (written_by::text::bigint & 4294967295) from meta
            """).SendAsync(cancel).ConfigureAwait(false);
        return meta;
    }

    private static async ValueTask<ulong?> BatchesAsync(NpgsqlConnection connection, PostgresMark? mark, CancellationToken cancel)
    {
        ulong? batches = null;
        await using var trip = new RoundTrip(connection);
        await trip.Ask(
            row => batches = (ulong)row.GetInt64(0), "select last_batch from writers where writer_id = $1", Bind.Id(mark?.Writer ?? Guid.Empty))
            .SendAsync(cancel).ConfigureAwait(false);
        return batches;
    }
}
