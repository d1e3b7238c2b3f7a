using System.Buffers;
using Dapper;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>One reading connection. Sees what was committed when each read begins.</summary>
internal sealed class SqliteReader : IDisposable
{
    private const string MembershipColumns =
        """
        t.topic_id, t.name, t.epoch, t.head, t.title, t.member_count,
        m.number, m.role, m.first_offset, m.delivered, m.read
        from members m join topics t on t.topic_id = m.topic_id
        """;

    private readonly SqliteConnection _connection;
    private readonly Statement _events, _eventsBack, _memberships, _membership, _check, _scheduled, _head, _fence;

    public SqliteReader(SqliteConnection connection)
    {
        _connection = connection;
        var handle = connection.Handle!;
        _events = new Statement(handle, "reading events",
            $"select {EventColumns.List} from events where topic_id = ?1 and \"offset\" > ?2 order by \"offset\" limit ?3");
        _eventsBack = new Statement(handle, "reading history",
            $"""
            select {EventColumns.List} from events
            where topic_id = ?1 and "offset" >= ?2 and "offset" < ?3 order by "offset" desc limit ?4
            """);
        _memberships = new Statement(handle, "reading memberships",
            $"select {MembershipColumns} where m.user = ?1 and t.tenant = ?2 and m.present = 1 order by t.name <> ?3, t.topic_id");
        _membership = new Statement(handle, "reading a membership",
            $"select {MembershipColumns} where t.tenant = ?1 and t.name = ?2 and m.user = ?3 and m.present = 1");
        _check = new Statement(handle, "looking for a command",
            "select check8 from events where device_id = ?1 and generation = ?2 and seq = ?3");
        _scheduled = new Statement(handle, "reading what is scheduled",
            """
            select tenant, key, topic, due_ms, length(payload) from publications
            where due_ms is not null order by due_ms, publication_id limit ?1
            """);
        _head = new Statement(handle, "reading heads", "select head from topics where topic_id = ?1");
        _fence = new Statement(handle, "reading fences", "select fence from devices where device_id = ?1");
    }

    public List<StoredEvent> Events(long topicId, ulong after, int countMax, int bytesMax) =>
        Take(_events.Bind(topicId).Bind(after).Bind((long)countMax), topicId, bytesMax);

    public List<StoredEvent> EventsBack(long topicId, ulong first, ulong before, int countMax, int bytesMax)
    {
        var events = Take(_eventsBack.Bind(topicId).Bind(first).Bind(before).Bind((long)countMax), topicId, bytesMax);
        events.Reverse();
        return events;
    }

    public List<Membership> Memberships(string tenant, string user)
    {
        var memberships = new List<Membership>();
        _memberships.Bind(user).Bind(tenant).Bind(TopicName.User(user));
        while (_memberships.Step())
            memberships.Add(ReadMembership(_memberships, user));
        return memberships;
    }

    public Membership? Membership(string tenant, string user, string topicName)
    {
        if (!_membership.Bind(tenant).Bind(topicName).Bind(user).Step())
            return null;
        var membership = ReadMembership(_membership, user);
        _membership.Reset();
        return membership;
    }

    public long? Check(long deviceId, uint generation, ulong seq)
    {
        if (!_check.Bind(deviceId).Bind((long)generation).Bind(seq).Step())
            return null;
        var check = _check.Long(0);
        _check.Reset();
        return check;
    }

    public List<WaitingPublication> Scheduled(int countMax)
    {
        var waiting = new List<WaitingPublication>();
        _scheduled.Bind((long)countMax);
        while (_scheduled.Step())
        {
            waiting.Add(new WaitingPublication(
                new PublicationKey(_scheduled.Text(0), _scheduled.Text(1)), _scheduled.Text(2), _scheduled.Long(3), (int)_scheduled.Long(4)));
        }
        return waiting;
    }

    public List<(long TopicId, ulong Head)> Heads(IReadOnlyList<long> topicIds) => Numbers(_head, topicIds);

    public List<(long DeviceId, ulong Fence)> Fences(IReadOnlyList<long> deviceIds) => Numbers(_fence, deviceIds);

    public List<StoredMember> Members(long topicId)
    {
        var members = new List<StoredMember>();
        var rows = _connection.Query<MemberRow>(
            """
            select number as Number, user as User, role as Role, first_offset as FirstOffset, delivered as Delivered, read as Read
            from members where topic_id = @topicId and present = 1 order by number
            """,
            new { topicId });
        foreach (var row in rows)
        {
            members.Add(new StoredMember(
                topicId, (uint)row.Number, row.User, (MemberRole)row.Role, true,
                (ulong)row.FirstOffset, (ulong)row.Delivered, (ulong)row.Read));
        }
        return members;
    }

    public List<Refusal> Refusals(long deviceId, uint generation, ulong after, ulong through)
    {
        var refusals = new List<Refusal>();
        var payloads = _connection.Query<byte[]>(
            """
            select payload from events
            where device_id = @deviceId and generation = @generation and seq > @after and seq <= @through and type = 32
            order by seq
            """,
            new { deviceId, generation = (long)generation, after = (long)after, through = (long)through });
        foreach (var payload in payloads)
        {
            if (CommandRejected.TryRead(new ReadOnlySequence<byte>(payload), out var rejected))
                refusals.Add(new Refusal(rejected.Seq, rejected.Code));
        }
        return refusals;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_events, _eventsBack, _memberships, _membership, _check, _scheduled, _head, _fence])
            statement.Dispose();
        _connection.Dispose();
    }

    private static List<(long Id, ulong Number)> Numbers(Statement statement, IReadOnlyList<long> ids)
    {
        var numbers = new List<(long, ulong)>(ids.Count);
        foreach (var id in ids)
        {
            if (!statement.Bind(id).Step())
                continue;
            numbers.Add((id, statement.Number(0)));
            statement.Reset();
        }
        return numbers;
    }

    private static List<StoredEvent> Take(Statement rows, long topicId, int bytesMax)
    {
        var events = new List<StoredEvent>();
        long bytes = 0;
        while (rows.Step())
        {
            var next = EventColumns.Read(rows, topicId);
            bytes += next.Payload.Length;
            if (events.Count > 0 && bytes > bytesMax)
            {
                rows.Reset();
                break;
            }
            events.Add(next);
        }
        return events;
    }

    private static Membership ReadMembership(Statement row, string user)
    {
        var topicId = row.Long(0);
        return new Membership(
            topicId,
            row.Text(1),
            row.Number(2),
            row.Number(3),
            row.OptionalText(4),
            (int)row.Long(5),
            new StoredMember(
                topicId, (uint)row.Long(6), user, (MemberRole)row.Long(7), true, row.Number(8), row.Number(9), row.Number(10)));
    }
}

/// <summary>A row of members.</summary>
internal sealed class MemberRow
{
    public long Number { get; set; }
    public string User { get; set; } = "";
    public long Role { get; set; }
    public long FirstOffset { get; set; }
    public long Delivered { get; set; }
    public long Read { get; set; }
}
