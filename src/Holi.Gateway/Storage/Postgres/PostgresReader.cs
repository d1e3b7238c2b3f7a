using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Reads beside the writer, each on a connection of the pool. Sees what was committed when each read begins.</summary>
internal sealed class PostgresReader(NpgsqlDataSource source)
{
    private const string MembershipColumns = """
        t.topic_id, t.name, t.epoch, t.head, t.title, t.member_count, m.number, m.role, m.first_offset, m.delivered, m.read
        from members m join topics t on t.topic_id = m.topic_id
        """;

    // Bytes are counted where the rows are: what would not be taken is not sent. The first is always taken.
    private const string Within = $"""
        select {EventColumns.List}
        from (
          select e.*, row_number() over sofar as nth, sum(octet_length(e.payload)) over sofar as bytes
          from (%page%) e
          window sofar as (order by e."offset" %order% rows unbounded preceding)) e
        where e.nth = 1 or e.bytes <= $1
        order by e."offset"
        """;

    private static readonly string EventsSql = Within.Replace("%order%", "asc", StringComparison.Ordinal).Replace(
        "%page%", """select * from events where topic_id = $2 and "offset" > $3 order by "offset" limit $4""", StringComparison.Ordinal);

    private static readonly string EventsBackSql = Within.Replace("%order%", "desc", StringComparison.Ordinal).Replace(
        "%page%",
        """select * from events where topic_id = $2 and "offset" >= $3 and "offset" < $4 order by "offset" desc limit $5""",
        StringComparison.Ordinal);

    public ValueTask<IReadOnlyList<StoredEvent>> EventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        ListAsync(
            EventsSql, static row => EventColumns.Read(row), cancel,
            Bind.Number(bytesMax), Bind.Number(topicId), Offset(after), Bind.Number(countMax));

    public ValueTask<IReadOnlyList<StoredEvent>> EventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        ListAsync(
            EventsBackSql, static row => EventColumns.Read(row), cancel,
            Bind.Number(bytesMax), Bind.Number(topicId), Offset(first), Offset(before), Bind.Number(countMax));

    public ValueTask<IReadOnlyList<Membership>> MembershipsAsync(string tenant, string user, ulong epoch, CancellationToken cancel) =>
        ListAsync(
            $"""
            select {MembershipColumns}
            where m."user" = $1 and t.tenant = $2 and m.present order by t.name <> $3, t.topic_id
            """,
            row => Membership(row, user, epoch), cancel, Bind.Text(user), Bind.Text(tenant), Bind.Text(TopicName.User(user)));

    public async ValueTask<Membership?> MembershipAsync(string tenant, string user, string topicName, ulong epoch, CancellationToken cancel)
    {
        // Postgres has no NUL in a text.
        if (topicName.Contains('\0', StringComparison.Ordinal))
            return null;
        var found = await ListAsync(
            $"""select {MembershipColumns} where t.tenant = $1 and t.name = $2 and m."user" = $3 and m.present""",
            row => Membership(row, user, epoch), cancel, Bind.Text(tenant), Bind.Text(topicName), Bind.Text(user)).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : null;
    }

    public ValueTask<IReadOnlyList<StoredMember>> MembersAsync(long topicId, CancellationToken cancel) =>
        ListAsync(
            """
            select number, "user", role, first_offset, delivered, read from members where topic_id = $1 and present order by number
            """,
            row => new StoredMember(
                topicId, (uint)row.GetInt64(0), row.GetString(1), (MemberRole)row.GetInt16(2), true,
                (ulong)row.GetInt64(3), (ulong)row.GetInt64(4), (ulong)row.GetInt64(5)),
            cancel, Bind.Number(topicId));

    public async ValueTask<IReadOnlyList<Refusal>> RefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel)
    {
        var payloads = await ListAsync(
            """
            select payload from events
            where device_id = $1 and generation = $2 and seq > $3 and seq <= $4 and type = 32
            order by seq
            """,
            static row => row.GetFieldValue<byte[]>(0), cancel,
            Bind.Number(deviceId), Bind.Number(generation), Offset(after), Offset(through)).ConfigureAwait(false);
        var refusals = new List<Refusal>(payloads.Count);
        foreach (var payload in payloads)
        {
            if (CommandRejected.TryRead(new ReadOnlySequence<byte>(payload), out var rejected))
                refusals.Add(new Refusal(rejected.Seq, rejected.Code));
        }
        return refusals;
    }

    public async ValueTask<long?> CheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel)
    {
        var checks = await ListAsync(
            "select check8 from events where device_id = $1 and generation = $2 and seq = $3",
            static row => row.GetInt64(0), cancel, Bind.Number(deviceId), Bind.Number(generation), Offset(seq)).ConfigureAwait(false);
        return checks.Count > 0 ? checks[0] : null;
    }

    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> HeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        NumbersAsync("select topic_id, head from topics where topic_id = any($1)", topicIds, cancel);

    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> FencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        NumbersAsync("select device_id, fence from devices where device_id = any($1)", deviceIds, cancel);

    // Every batch counts up the row of its writer, in its own transaction. A row that is new or gone counts as a change, too.
    public async ValueTask<string?> OthersAsync(Guid self, CancellationToken cancel) => (await ListAsync(
        "select count(*) || '/' || coalesce(sum(last_batch), 0) || '/' || coalesce(max(seen_at)::text, '') from writers where writer_id <> $1",
        static row => row.GetString(0), cancel, Bind.Id(self)).ConfigureAwait(false))[0];

    public ValueTask<IReadOnlyList<(long Number, RevokedToken Token)>> RevokedAsync(long after, int countMax, CancellationToken cancel) =>
        ListAsync(
            PostgresRevoked.Read, static row => (row.GetInt64(0), new RevokedToken(row.GetString(1), row.GetInt64(2))), cancel,
            Bind.Number(after), Bind.Number(countMax));

    public async ValueTask<ScheduledPublications> ScheduledAsync(int countMax, CancellationToken cancel)
    {
        var rows = await ListAsync(
            PublicationSql.Scheduled,
            static row => (
                Now: row.GetInt64(0),
                Waiting: row.IsDBNull(1)
                    ? (WaitingPublication?)null
                    : new WaitingPublication(new PublicationKey(row.GetString(1), row.GetString(2)), row.GetString(3), row.GetInt64(4), row.GetInt32(5))),
            cancel, Bind.Number(countMax)).ConfigureAwait(false);
        return new ScheduledPublications([.. rows.Select(row => row.Waiting).OfType<WaitingPublication>()], rows[0].Now);
    }

    private async ValueTask<IReadOnlyList<(long Id, ulong Number)>> NumbersAsync(string sql, IReadOnlyList<long> ids, CancellationToken cancel) =>
        ids.Count == 0
            ? []
            : await ListAsync(sql, static row => (row.GetInt64(0), (ulong)row.GetInt64(1)), cancel, Bind.Numbers([.. ids])).ConfigureAwait(false);

    private async ValueTask<IReadOnlyList<T>> ListAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel, params NpgsqlParameter[] values)
    {
        var rows = new List<T>();
        var command = source.CreateCommand(sql);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddRange(values);
            var reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancel).ConfigureAwait(false))
                    rows.Add(read(reader));
            }
        }
        return rows;
    }

    // No offset or seq is beyond it, and whoever asks for more gets as much.
    private static NpgsqlParameter Offset(ulong value) => Bind.Number((long)Math.Min(value, long.MaxValue));

    private static Membership Membership(NpgsqlDataReader row, string user, ulong epoch)
    {
        var topicId = row.GetInt64(0);
        return new Membership(
            topicId,
            row.GetString(1),
            Math.Max((ulong)row.GetInt64(2), epoch),
            (ulong)row.GetInt64(3),
            row.IsDBNull(4) ? null : row.GetString(4),
            row.GetInt32(5),
            new StoredMember(
                topicId, (uint)row.GetInt64(6), user, (MemberRole)row.GetInt16(7), true,
                (ulong)row.GetInt64(8), (ulong)row.GetInt64(9), (ulong)row.GetInt64(10)));
    }
}
