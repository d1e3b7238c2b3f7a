using System.Text;
using Holi.Gateway.Ingress;
using Holi.Gateway.Ingress.Sql;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// Looks into the outbox table on a connection of its own, which is told of each insert. Rows are deleted by the batches that commit their
/// publications, not here. One call at a time; each ends in bounded time or fails with <see cref="StoreUnavailableException"/>.
/// </summary>
internal sealed class PostgresOutbox(PostgresSources sources, PostgresCall call, PostgresOptions options) : IAsyncDisposable
{
    // The session's lock says whose turn it is, and goes with the session, however that ends.
    private const string Begin = "listen holi_outbox";

    private const string TakeTurn = "select pg_try_advisory_lock(1349286002)";

    // Lengths beyond what a field may have are cut: they are refused anyway. Times that are none are beyond all times.
    private const string Look = """
        select o.id, o.v, left(o.tenant, 200), left(o.key, 200), left(o.target, 200), left(o.kind, 200), c.large,
          case when not c.large then c.content end, case when not c.large then o.payload end,
          case when isfinite(o.deliver_at) then floor(extract(epoch from o.deliver_at) * 1000)::bigint when o.deliver_at is not null then 9223372036854775807 end,
          case when isfinite(o.expires) then floor(extract(epoch from o.expires) * 1000)::bigint when o.expires is not null then 9223372036854775807 end,
          o.priority,
          case when isfinite(o.created_at) then greatest(0, extract(epoch from clock_timestamp() - o.created_at))::float8 else 0 end
        from holi_outbox o
        cross join lateral (select o.content::text as content) t
        cross join lateral (
          select t.content, coalesce(octet_length(t.content), 0) + coalesce(octet_length(o.payload), 0) > $3 as large) c
        where $1 or o.created_at < clock_timestamp() - $2 * interval '1 ms'
        order by o.id limit $4
        """;

    private NpgsqlConnection? _connection;
    // Something was inserted since the last look began. A notification that comes with the answer to something else ends no wait by itself.
    private volatile bool _isTold;

    /// <summary>True where this gateway sees all rows, and not only those that were left behind.</summary>
    public bool HasTurn { get; private set; }

    /// <summary>
    /// The rows that come first, by their ids: all, where it is this gateway's turn; else those that have been waiting for
    /// <paramref name="leftBehindAfter"/>.
    /// </summary>
    public ValueTask<IReadOnlyList<OutboxRow>> LookAsync(int rowsMax, int bytesMax, TimeSpan leftBehindAfter, CancellationToken cancel) =>
        CallAsync("looking into the outbox", token => LookOnceAsync(rowsMax, bytesMax, leftBehindAfter, token), cancel);

    /// <summary>Waits until something was inserted, or until <paramref name="atMost"/> is over.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        if (_isTold)
            return;
        try
        {
            await (_connection?.WaitAsync(atMost, cancel) ?? Task.FromResult(false)).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresFailure.Is(failure) && !cancel.IsCancellationRequested)
        {
            await DisposeAsync().ConfigureAwait(false);
            throw PostgresFailure.Of(failure, "waiting for the outbox");
        }
    }

    /// <summary>Ends the connection, and this gateway's turn with it; the next call makes another.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is not { } connection)
            return;
        HasTurn = false;
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<T> CallAsync<T>(string doing, Func<CancellationToken, ValueTask<T>> trip, CancellationToken cancel)
    {
        try
        {
            return await call.RunAsync(options.AnswerTimeout, doing, trip, cancel).ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<OutboxRow>> LookOnceAsync(int rowsMax, int bytesMax, TimeSpan leftBehindAfter, CancellationToken cancel)
    {
        if (_connection is not { } connection)
        {
            _connection = connection = await sources.Writer.OpenConnectionAsync(cancel).ConfigureAwait(false);
            connection.Notification += (_, _) => _isTold = true;
        }
        if (!HasTurn)
        {
            var turn = new RoundTrip(connection);
            await using (turn.ConfigureAwait(false))
                await turn.Run(Begin).Ask(row => HasTurn = row.GetBoolean(0), TakeTurn).SendAsync(cancel).ConfigureAwait(false);
        }
        _isTold = false;
        var rows = new List<OutboxRow>();
        var look = new RoundTrip(connection);
        await using (look.ConfigureAwait(false))
        {
            look.Ask(
                row => rows.Add(Read(row)), Look, Bind.Flag(HasTurn), Bind.Number((long)leftBehindAfter.TotalMilliseconds), Bind.Number(bytesMax),
                Bind.Number(rowsMax));
            await look.SendAsync(cancel).ConfigureAwait(false);
        }
        return rows;
    }

    private static OutboxRow Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetBoolean(6), TimeSpan.FromSeconds(row.GetDouble(12)), new PublicationFields
    {
        Version = row.IsDBNull(1) ? null : row.GetInt16(1),
        Tenant = Text(row, 2),
        Key = Text(row, 3),
        Target = Text(row, 4),
        Kind = Text(row, 5),
        Content = Text(row, 7) is { } content ? Encoding.UTF8.GetBytes(content) : null,
        Payload = row.IsDBNull(8) ? null : row.GetFieldValue<byte[]>(8),
        DeliverAtMs = row.IsDBNull(9) ? null : row.GetInt64(9),
        ExpiresMs = row.IsDBNull(10) ? null : row.GetInt64(10),
        Priority = row.IsDBNull(11) ? null : row.GetInt16(11),
    });

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
