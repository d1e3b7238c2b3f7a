using System.Buffers;
using Holi.Wire;
using Holi.Wire.Payloads;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// Opens a batch and loads what its keys name, in one round trip. Rows are locked in one order for all gateways: one's own writer, names that are
/// not there yet (LoadSql.Absent, PublicationSql.Absent), devices by id, topics by id, publications by id. What depends on a lock is asked after it, in a statement of its own, which sees
/// what the one who held it before has committed.
/// </summary>
/// <remarks>
/// A topic is locked only where somebody asked about belongs to it, so that nobody waits for the writers of a topic that is not theirs, and learns from
/// it that it is there (§8.8). The others are in the state without members, which is all that the rules look at; they are not to be written.
/// </remarks>
internal sealed class BatchLoad
{
    private readonly DeviceKey[] _devices;
    private readonly TopicKey[] _topics, _open, _rosters;
    private readonly (TopicKey Topic, string User)[] _members;
    private readonly (TopicKey Topic, ulong Offset)[] _events, _edited;
    private readonly FirstIdentity[] _firsts;
    private readonly (string Tenant, string User)[] _counts;
    private readonly PublicationRows _publications;
    private readonly ulong _epoch;
    private readonly Dictionary<DeviceKey, long> _newDevices = [];
    private readonly Dictionary<TopicKey, long> _newTopics = [];
    private readonly HashSet<TopicKey> _others = [];
    private BatchState? _state;

    public BatchLoad(BatchKeys keys, ulong epoch)
    {
        _epoch = epoch;
        _publications = new PublicationRows(keys);
        // Postgres has no NUL in a text, so what is named with one cannot be there.
        _devices = [.. keys.Devices];
        _topics = [.. keys.Topics.Where(IsName)];
        _members = [.. keys.Members.Where(m => IsName(m.Topic))];
        var asked = _members.Select(m => m.Topic).ToHashSet();
        _open =
        [
            .. _topics.Where(t => !asked.Contains(t) || keys.Targets.Contains(t)
                || TopicName.TryParse(t.Name, out var kind, out _) && kind == TopicKind.User),
        ];
        _rosters = [.. keys.WholeRosters.Where(IsName)];
        _events = [.. keys.Events.Where(e => IsName(e.Topic))];
        _edited = [.. keys.Edited.Where(e => IsName(e.Topic))];
        _firsts = [.. keys.FirstIdentities];
        _counts = [.. keys.DeviceCounts];
    }

    /// <summary>What was found; there once the round trip has come back, unless this writer's row is missing.</summary>
    public BatchState? State => _state;

    /// <summary>The epoch of the log as it is now.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>How far the log's disk had come.</summary>
    public ulong Lsn { get; private set; }

    /// <summary>The end of this writer's audit chain.</summary>
    public (long Id, byte[] Hash) AuditEnd { get; private set; }

    public RoundTrip Ask(NpgsqlConnection connection, Guid writer)
    {
        var trip = new RoundTrip(connection).Run(LoadSql.Begin).Ask(Writer, LoadSql.Writer, Bind.Id(writer));
        if (_devices.Length + _topics.Length > 0)
            trip.Ask(Absent, LoadSql.Absent, [.. Columns(_devices), .. Columns(_topics)]);
        _publications.AskAbsent(trip);
        if (_devices.Length > 0)
            trip.Ask(Device, LoadSql.Devices, Columns(_devices));
        if (_topics.Length > 0)
            trip.Ask(Topic, LoadSql.Topics, [.. Columns(_open), .. Columns(_members)]);
        if (_members.Length > 0)
            trip.Ask(Member, LoadSql.Members, Columns(_members));
        if (_rosters.Length > 0)
            trip.Ask(RosterMember, LoadSql.Rosters, Columns(_rosters));
        if (_events.Length > 0)
            trip.Ask(Event, LoadSql.Events, Columns(_events));
        if (_edited.Length > 0)
            trip.Ask(Edit, LoadSql.Edits, Columns(_edited));
        if (_firsts.Length > 0)
            trip.Ask(Decided, LoadSql.Decided, Columns(_firsts));
        if (_counts.Length > 0)
            trip.Ask(Count, LoadSql.DeviceCounts, Bind.Texts(_counts, c => c.Tenant), Bind.Texts(_counts, c => c.User));
        _publications.Ask(trip, () => _state);
        return trip;
    }

    /// <summary>The number reserved for a device that was not there.</summary>
    public long NewDevice(DeviceKey key) => Reserved(_newDevices, key);

    /// <summary>The number reserved for a topic that was not there.</summary>
    public long NewTopic(TopicKey key) => Reserved(_newTopics, key);

    /// <summary>True where the topic is there but not locked.</summary>
    public bool IsOthers(TopicKey key) => _others.Contains(key);

    private static long Reserved<TKey>(Dictionary<TKey, long> reserved, TKey key)
        where TKey : notnull =>
        reserved.TryGetValue(key, out var id) ? id : throw new InvalidOperationException("The batch makes something that its keys did not name.");

    private static bool IsName(TopicKey key) => !key.Name.Contains('\0', StringComparison.Ordinal);

    /// <summary>Reads the answer to <see cref="LoadSql.Writer"/>.</summary>
    public void Writer(NpgsqlDataReader row)
    {
        _state = new BatchState { Epoch = _epoch, LastBatch = (ulong)row.GetInt64(0), TimeMs = row.GetInt64(5) };
        AuditEnd = (row.GetInt64(1), row.GetFieldValue<byte[]>(2));
        (Epoch, Lsn) = ((ulong)row.GetInt64(3), (ulong)row.GetInt64(4));
        foreach (var count in _counts)
            _state.DeviceCounts[count] = 0;
        foreach (var edited in _edited)
            _state.Edits[edited] = new List<ulong>();
    }

    private void Absent(NpgsqlDataReader row)
    {
        var (isDevice, at, id) = (row.GetBoolean(0), row.GetInt64(1) - 1, row.GetInt64(2));
        if (isDevice)
            _newDevices.Add(_devices[at], id);
        else
            _newTopics.Add(_topics[at], id);
    }

    private void Device(NpgsqlDataReader row)
    {
        var key = _devices[row.GetInt64(0) - 1];
        _state?.Devices.Add(key, new DeviceState
        {
            Key = key,
            DeviceId = row.GetInt64(1),
            Generation = (uint)row.GetInt64(2),
            Committed = (ulong)row.GetInt64(3),
            Digest = CommandDigest.FromBytes(row.GetFieldValue<byte[]>(4)),
            Fence = (ulong)row.GetInt64(5),
            Opening = (ulong)row.GetInt64(6),
        });
    }

    private void Topic(NpgsqlDataReader row)
    {
        var key = new TopicKey(row.GetString(0), row.GetString(1));
        _state?.Topics.Add(key, new TopicState
        {
            Key = key,
            TopicId = row.GetInt64(2),
            Epoch = Math.Max((ulong)row.GetInt64(3), _epoch),
            Head = (ulong)row.GetInt64(4),
            Title = row.IsDBNull(5) ? null : row.GetString(5),
            LastMember = (uint)row.GetInt64(6),
            MemberCount = row.GetInt32(7),
        });
    }

    private void Member(NpgsqlDataReader row)
    {
        var (key, user) = _members[row.GetInt64(0) - 1];
        if (_state is null)
            return;
        if (!_state.Topics.TryGetValue(key, out var topic))
        {
            topic = new TopicState { Key = key, TopicId = row.GetInt64(1), Epoch = _epoch };
            _state.Topics.Add(key, topic);
            _others.Add(key);
        }
        // Who joined after the topic was passed over will be seen by the next batch.
        if (!row.IsDBNull(2) && !_others.Contains(key))
            Add(topic, user, row);
    }

    private void RosterMember(NpgsqlDataReader row)
    {
        var key = _rosters[row.GetInt64(0) - 1];
        if (_state is not null && !_others.Contains(key) && _state.Topics.TryGetValue(key, out var topic))
            Add(topic, row.GetString(1), row);
    }

    private static void Add(TopicState topic, string user, NpgsqlDataReader row) => topic.Members.TryAdd(user, new MemberState
    {
        User = user,
        Number = (uint)row.GetInt64(2),
        Role = (MemberRole)row.GetInt16(3),
        Present = row.GetBoolean(4),
        FirstOffset = (ulong)row.GetInt64(5),
        Delivered = (ulong)row.GetInt64(6),
        Read = (ulong)row.GetInt64(7),
    });

    private void Event(NpgsqlDataReader row) => _state?.Events.Add(_events[row.GetInt64(0) - 1], EventColumns.Read(row, 1));

    private void Edit(NpgsqlDataReader row) =>
        ((List<ulong>)_state!.Edits[_edited[row.GetInt64(0) - 1]]).Add((ulong)row.GetInt64(1));

    // A refused command's effect is the word of its refusal.
    private void Decided(NpgsqlDataReader row)
    {
        var code = HoliCode.None;
        if (row.GetInt32(1) == MessageTypes.CommandRejected)
        {
            var read = CommandRejected.TryRead(new ReadOnlySequence<byte>(row.GetFieldValue<byte[]>(2)), out var rejected);
            code = read ? rejected!.Code : HoliCode.RefusedPayload;
        }
        _state!.Decided[_firsts[row.GetInt64(0) - 1]] = code;
    }

    private void Count(NpgsqlDataReader row) => _state!.DeviceCounts[_counts[row.GetInt64(0) - 1]] = (int)row.GetInt64(1);

    private static NpgsqlParameter[] Columns(DeviceKey[] keys) =>
        [Bind.Texts(keys, k => k.Tenant), Bind.Texts(keys, k => k.User), Bind.Texts(keys, k => k.Device)];

    private static NpgsqlParameter[] Columns(TopicKey[] keys) => [Bind.Texts(keys, k => k.Tenant), Bind.Texts(keys, k => k.Name)];

    private static NpgsqlParameter[] Columns((TopicKey Topic, string User)[] keys) =>
        [Bind.Texts(keys, k => k.Topic.Tenant), Bind.Texts(keys, k => k.Topic.Name), Bind.Texts(keys, k => k.User)];

    private static NpgsqlParameter[] Columns((TopicKey Topic, ulong Offset)[] keys) =>
        [Bind.Texts(keys, k => k.Topic.Tenant), Bind.Texts(keys, k => k.Topic.Name), Bind.Numbers(keys, k => (long)k.Offset)];

    private static NpgsqlParameter[] Columns(FirstIdentity[] keys) =>
    [
        .. Columns(Array.ConvertAll(keys, k => k.Device)),
        Bind.Numbers(keys, k => k.Generation), Bind.Numbers(keys, k => (long)k.Seq), Bind.Numbers(keys, k => k.Check),
    ];
}
