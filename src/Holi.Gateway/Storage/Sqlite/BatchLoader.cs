using System.Buffers;
using Holi.Wire;
using Holi.Wire.Payloads;
using SQLitePCL;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// Loads what a batch's keys name. What is not there is absent from the state; it is looked for all the same, in a topic that cannot be, so
/// that the time it takes does not tell.
/// </summary>
internal sealed class BatchLoader(sqlite3 connection, RecentRows recent) : IDisposable
{
    private const long NoTopic = 0;

    private readonly Statement _device = new(
        connection, "loading a device",
        "select device_id, generation, committed, digest, fence, opening from devices where tenant = ?1 and user = ?2 and device = ?3");
    private readonly Statement _devices = new(
        connection, "counting devices", "select count(*) from devices where tenant = ?1 and user = ?2");
    private readonly Statement _topic = new(
        connection, "loading a topic",
        "select topic_id, epoch, head, title, last_member, member_count from topics where tenant = ?1 and name = ?2");
    private readonly Statement _member = new(
        connection, "loading a member",
        "select user, number, role, present, first_offset, delivered, read from members where topic_id = ?1 and user = ?2");
    private readonly Statement _roster = new(
        connection, "loading members",
        "select user, number, role, present, first_offset, delivered, read from members where topic_id = ?1");
    private readonly Statement _event = new(
        connection, "loading an event", $"select {EventColumns.List} from events where topic_id = ?1 and \"offset\" = ?2");
    private readonly Statement _edits = new(
        connection, "loading edits",
        // Named: without statistics SQLite would rather walk the whole topic.
        $"""
        select "offset" from events indexed by events_target
        where topic_id = ?1 and target = ?2 and type = {MessageTypes.MessageEdit}
        """);
    private readonly Statement _decided = new(
        connection, "looking for a command", "select type, payload from events where device_id = ?1 and generation = ?2 and seq = ?3 and check8 = ?4");
    private readonly Statement _decidedAgain = new(
        connection, "looking for a command",
        "select type, payload from events where device_id = ?1 and first_generation = ?2 and first_seq = ?3 and first_check8 = ?4");

    public void Load(BatchKeys keys, BatchState state)
    {
        recent.Find(keys, state);
        foreach (var key in keys.Devices)
        {
            if (!state.Devices.ContainsKey(key))
                Device(key, state);
        }
        foreach (var user in keys.DeviceCounts)
            state.DeviceCounts[user] = CountDevices(user);
        foreach (var key in keys.Topics)
        {
            if (!state.Topics.ContainsKey(key))
                Topic(key, state);
        }
        foreach (var (topic, user) in keys.Members)
        {
            if (state.Topics.GetValueOrDefault(topic)?.Members.ContainsKey(user) != true)
                Members(_member, topic, user, state);
        }
        foreach (var topic in keys.WholeRosters)
            Members(_roster, topic, null, state);
        foreach (var key in keys.Events)
            Event(key, state);
        foreach (var key in keys.Edited)
            Edits(key, state);
        foreach (var identity in keys.FirstIdentities)
            Decided(identity, state);
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)
            [_device, _devices, _topic, _member, _roster, _event, _edits, _decided, _decidedAgain])
        {
            statement.Dispose();
        }
    }

    private void Device(DeviceKey key, BatchState state)
    {
        if (_device.Bind(key.Tenant).Bind(key.User).Bind(key.Device).Step())
        {
            state.Devices.Add(key, new DeviceState
            {
                Key = key,
                DeviceId = _device.Long(0),
                Generation = (uint)_device.Long(1),
                Committed = _device.Number(2),
                Digest = CommandDigest.FromBytes(_device.Blob(3)),
                Fence = _device.Number(4),
                Opening = _device.Number(5),
            });
            _device.Reset();
        }
    }

    private int CountDevices((string Tenant, string User) user)
    {
        _devices.Bind(user.Tenant).Bind(user.User).Step();
        var count = (int)_devices.Long(0);
        _devices.Reset();
        return count;
    }

    private void Topic(TopicKey key, BatchState state)
    {
        if (_topic.Bind(key.Tenant).Bind(key.Name).Step())
        {
            state.Topics.Add(key, new TopicState
            {
                Key = key,
                TopicId = _topic.Long(0),
                Epoch = _topic.Number(1),
                Head = _topic.Number(2),
                Title = _topic.OptionalText(3),
                LastMember = (uint)_topic.Long(4),
                MemberCount = (int)_topic.Long(5),
            });
            _topic.Reset();
        }
    }

    private static void Members(Statement statement, TopicKey key, string? user, BatchState state)
    {
        var topic = state.Topics.GetValueOrDefault(key);
        statement.Bind(topic?.TopicId ?? NoTopic);
        if (user is not null)
            statement.Bind(user);
        while (statement.Step())
        {
            var member = new MemberState
            {
                User = statement.Text(0),
                Number = (uint)statement.Long(1),
                Role = (MemberRole)statement.Long(2),
                Present = statement.Long(3) != 0,
                FirstOffset = statement.Number(4),
                Delivered = statement.Number(5),
                Read = statement.Number(6),
            };
            topic!.Members.TryAdd(member.User, member);
        }
    }

    private void Event((TopicKey Topic, ulong Offset) key, BatchState state)
    {
        var topicId = state.Topics.GetValueOrDefault(key.Topic)?.TopicId ?? NoTopic;
        if (!_event.Bind(topicId).Bind(key.Offset).Step())
            return;
        state.Events.Add(key, EventColumns.Read(_event, topicId));
        _event.Reset();
    }

    private void Edits((TopicKey Topic, ulong Offset) key, BatchState state)
    {
        var offsets = new List<ulong>();
        _edits.Bind(state.Topics.GetValueOrDefault(key.Topic)?.TopicId ?? NoTopic).Bind(key.Offset);
        while (_edits.Step())
            offsets.Add(_edits.Number(0));
        state.Edits.Add(key, offsets);
    }

    private void Decided(FirstIdentity identity, BatchState state)
    {
        if (!state.Devices.TryGetValue(identity.Device, out var device))
            return;
        foreach (var statement in (ReadOnlySpan<Statement>)[_decided, _decidedAgain])
        {
            if (!statement.Bind(device.DeviceId).Bind((long)identity.Generation).Bind(identity.Seq).Bind(identity.Check).Step())
                continue;
            state.Decided[identity] = Code((ushort)statement.Long(0), statement.Blob(1));
            statement.Reset();
            return;
        }
    }

    // A refused command's effect is the word of its refusal.
    private static HoliCode Code(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != MessageTypes.CommandRejected)
            return HoliCode.None;
        var read = CommandRejected.TryRead(new ReadOnlySequence<byte>(payload.ToArray()), out var rejected);
        return read ? rejected!.Code : HoliCode.RefusedPayload;
    }
}
