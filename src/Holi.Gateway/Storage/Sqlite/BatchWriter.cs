using Holi.Wire.Payloads;
using SQLitePCL;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>Writes what a batch changed, inside the writer's open transaction.</summary>
internal sealed class BatchWriter(sqlite3 connection) : IDisposable
{
    private readonly Statement _newDevice = new(
        connection, "adding a device",
        """
        insert into devices (tenant, user, device, generation, committed, digest, fence, opening) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        returning device_id
        """);
    private readonly Statement _device = new(
        connection, "updating a device",
        "update devices set generation = ?1, committed = ?2, digest = ?3, fence = ?4, opening = ?5 where device_id = ?6");
    private readonly Statement _newTopic = new(
        connection, "adding a topic",
        """
        insert into topics (tenant, name, epoch, head, title, last_member, member_count) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        returning topic_id
        """);
    private readonly Statement _topic = new(
        connection, "updating a topic",
        "update topics set head = ?1, title = ?2, last_member = ?3, member_count = ?4 where topic_id = ?5");
    private readonly Statement _newMember = new(
        connection, "adding a member",
        """
        insert into members (role, present, first_offset, delivered, read, topic_id, user, number)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """);
    private readonly Statement _member = new(
        connection, "updating a member",
        """
        update members set role = ?1, present = ?2, first_offset = ?3, delivered = ?4, read = ?5
        where topic_id = ?6 and user = ?7
        """);
    private readonly Statement _event = new(
        connection, "appending an event",
        """
        insert into events (topic_id, "offset", time_ms, member, type, payload, target,
          device_id, generation, seq, check8, first_generation, first_seq, first_check8)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """);
    private readonly Statement _erase = new(
        connection, "erasing an event",
        $"update events set type = {MessageTypes.MessageErased}, payload = x'90' where topic_id = ?1 and \"offset\" = ?2");
    private readonly Statement _lastAudit = new(
        connection, "reading the audit trail", "select audit_id, hash from audit order by audit_id desc limit 1");
    private readonly Statement _audit = new(
        connection, "appending to the audit trail",
        "insert into audit (audit_id, time_ms, tenant, user, device, action, subject, hash) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    private readonly Statement _counted = new(connection, "counting batches", "update meta set last_batch = ?1");

    // The end of the audit trail as this transaction has it, and as it is on disk.
    private (long Id, byte[] Hash)? _auditEnd, _auditEndOnDisk;

    public void Write(BatchState state, BatchWrites writes)
    {
        foreach (var device in state.Devices.Values)
        {
            if (device.Changed)
                Device(device);
        }
        foreach (var topic in state.Topics.Values)
        {
            if (topic.Changed)
                Topic(topic);
            foreach (var member in topic.Members.Values)
            {
                if (member.Changed)
                    Member(topic, member);
            }
        }
        foreach (var e in writes.Events)
            Event(e);
        foreach (var (topic, offset) in writes.Erasures)
            _erase.Bind(topic.TopicId).Bind(offset).Run();
        Audit(writes.Audit);
        _counted.Bind(state.LastBatch + 1).Run();
    }

    /// <summary>What was written last is on disk.</summary>
    public void Committed() => _auditEndOnDisk = _auditEnd;

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)
            [_newDevice, _device, _newTopic, _topic, _newMember, _member, _event, _erase, _lastAudit, _audit, _counted])
        {
            statement.Dispose();
        }
    }

    private void Device(DeviceState device)
    {
        Span<byte> digest = stackalloc byte[CommandDigest.Bytes];
        device.Digest.CopyTo(digest);
        if (device.DeviceId != 0)
        {
            _device.Bind((long)device.Generation).Bind(device.Committed).Bind(digest).Bind(device.Fence).Bind(device.Opening)
                .Bind(device.DeviceId).Run();
            return;
        }
        _newDevice.Bind(device.Key.Tenant).Bind(device.Key.User).Bind(device.Key.Device)
            .Bind((long)device.Generation).Bind(device.Committed).Bind(digest).Bind(device.Fence).Bind(device.Opening).Step();
        device.DeviceId = _newDevice.Long(0);
        _newDevice.Run();
    }

    private void Topic(TopicState topic)
    {
        if (topic.TopicId != 0)
        {
            _topic.Bind(topic.Head).Bind(topic.Title).Bind((long)topic.LastMember).Bind((long)topic.MemberCount).Bind(topic.TopicId).Run();
            return;
        }
        _newTopic.Bind(topic.Key.Tenant).Bind(topic.Key.Name).Bind(topic.Epoch).Bind(topic.Head).Bind(topic.Title)
            .Bind((long)topic.LastMember).Bind((long)topic.MemberCount).Step();
        topic.TopicId = _newTopic.Long(0);
        _newTopic.Run();
    }

    private void Member(TopicState topic, MemberState member)
    {
        var statement = member.IsNew ? _newMember : _member;
        statement.Bind((long)member.Role).Bind(member.Present ? 1L : 0L).Bind(member.FirstOffset).Bind(member.Delivered).Bind(member.Read)
            .Bind(topic.TopicId).Bind(member.User);
        if (member.IsNew)
            statement.Bind((long)member.Number);
        statement.Run();
    }

    private void Event(NewEvent e)
    {
        _event.Bind(e.Topic.TopicId).Bind(e.Offset).Bind(e.TimeMs).Bind((long)e.Member).Bind((long)e.Type).Bind(e.Payload);
        Optional(e.Target);
        if (e.Command is { } command)
        {
            _event.Bind(command.Device.DeviceId).Bind((long)command.Generation).Bind(command.Seq).Bind(command.Check);
            Optional(command.FirstGeneration);
            Optional(command.FirstSeq);
            if (command.FirstGeneration != 0)
                _event.Bind(command.FirstCheck);
        }
        // What is not bound is null.
        _event.Run();
    }

    private void Optional(ulong value)
    {
        if (value == 0)
            _event.BindNull();
        else
            _event.Bind(value);
    }

    private void Audit(List<AuditEntry> entries)
    {
        _auditEnd = _auditEndOnDisk;
        if (entries.Count == 0)
            return;
        var (id, hash) = _auditEnd ?? LastAudit();
        foreach (var entry in entries)
        {
            hash = AuditChain.Next(hash, ++id, entry);
            _audit.Bind(id).Bind(entry.TimeMs).Bind(entry.Tenant).Bind(entry.User).Bind(entry.Device).Bind(entry.Action)
                .Bind(entry.Subject).Bind(hash).Run();
        }
        _auditEnd = (id, hash);
    }

    private (long Id, byte[] Hash) LastAudit()
    {
        if (!_lastAudit.Step())
            return (0, AuditChain.Start());
        var last = (_lastAudit.Long(0), _lastAudit.Blob(1).ToArray());
        _lastAudit.Reset();
        return last;
    }
}
