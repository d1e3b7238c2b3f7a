using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Writes what a batch changed and commits it, in one round trip whatever its size. Numbers the new rows before it is sent.</summary>
internal static class BatchWrite
{
    public static RoundTrip Ask(NpgsqlConnection connection, Guid writer, BatchLoad load, BatchWrites writes)
    {
        var state = load.State!;
        var trip = new RoundTrip(connection);
        Devices(trip, state, load);
        Topics(trip, state, load);
        Members(trip, state);
        Events(trip, writes);
        PublicationRows.Write(trip, state, writes);
        var (auditId, auditHash) = Audit(trip, writer, load.AuditEnd, writes.Audit);
        return trip
            .Run(WriteSql.Writer, Bind.Id(writer), Bind.Number((long)state.LastBatch + 1), Bind.Number(auditId), Bind.Bytes(auditHash))
            .Run(WriteSql.Commit);
    }

    private static void Devices(RoundTrip trip, BatchState state, BatchLoad load)
    {
        var (added, changed) = (new List<DeviceState>(), new List<DeviceState>());
        foreach (var device in state.Devices.Values)
        {
            if (!device.Changed)
                continue;
            if (device.DeviceId != 0)
            {
                changed.Add(device);
                continue;
            }
            device.DeviceId = load.NewDevice(device.Key);
            added.Add(device);
        }
        if (added.Count > 0)
        {
            trip.Run(
                WriteSql.NewDevices, Bind.Numbers(added, d => d.DeviceId), Bind.Texts(added, d => d.Key.Tenant), Bind.Texts(added, d => d.Key.User),
                Bind.Texts(added, d => d.Key.Device), Bind.Numbers(added, d => d.Generation), Bind.Numbers(added, d => (long)d.Committed),
                Bind.Blobs(added, d => d.Digest.ToBytes()), Bind.Numbers(added, d => (long)d.Fence), Bind.Numbers(added, d => (long)d.Opening));
        }
        if (changed.Count > 0)
        {
            trip.Run(
                WriteSql.Devices, Bind.Numbers(changed, d => d.DeviceId), Bind.Numbers(changed, d => d.Generation),
                Bind.Numbers(changed, d => (long)d.Committed), Bind.Blobs(changed, d => d.Digest.ToBytes()), Bind.Numbers(changed, d => (long)d.Fence),
                Bind.Numbers(changed, d => (long)d.Opening));
        }
    }

    private static void Topics(RoundTrip trip, BatchState state, BatchLoad load)
    {
        var (added, changed) = (new List<TopicState>(), new List<TopicState>());
        foreach (var topic in state.Topics.Values)
        {
            if (!topic.Changed)
                continue;
            if (load.IsOthers(topic.Key))
                throw new InvalidOperationException("The batch changes a topic that is not locked.");
            if (topic.TopicId != 0)
            {
                changed.Add(topic);
                continue;
            }
            topic.TopicId = load.NewTopic(topic.Key);
            added.Add(topic);
        }
        if (added.Count > 0)
        {
            trip.Run(
                WriteSql.NewTopics, Bind.Numbers(added, t => t.TopicId), Bind.Texts(added, t => t.Key.Tenant), Bind.Texts(added, t => t.Key.Name),
                Bind.Numbers(added, t => (long)t.Epoch), Bind.Numbers(added, t => (long)t.Head), Bind.Texts(added, t => t.Title),
                Bind.Numbers(added, t => t.LastMember), Bind.Numbers(added, t => t.MemberCount));
        }
        if (changed.Count > 0)
        {
            trip.Run(
                WriteSql.Topics, Bind.Numbers(changed, t => t.TopicId), Bind.Numbers(changed, t => (long)t.Head), Bind.Texts(changed, t => t.Title),
                Bind.Numbers(changed, t => t.LastMember), Bind.Numbers(changed, t => t.MemberCount));
        }
    }

    private static void Members(RoundTrip trip, BatchState state)
    {
        var (added, changed) = (new List<(TopicState Topic, MemberState Member)>(), new List<(TopicState Topic, MemberState Member)>());
        foreach (var topic in state.Topics.Values)
        {
            foreach (var member in topic.Members.Values)
            {
                if (member.Changed)
                    (member.IsNew ? added : changed).Add((topic, member));
            }
        }
        if (added.Count > 0)
            trip.Run(WriteSql.NewMembers, [.. Columns(added), Bind.Numbers(added, m => m.Member.Number)]);
        if (changed.Count > 0)
            trip.Run(WriteSql.Members, Columns(changed));
    }

    private static NpgsqlParameter[] Columns(List<(TopicState Topic, MemberState Member)> rows) =>
    [
        Bind.Numbers(rows, m => m.Topic.TopicId), Bind.Texts(rows, m => m.Member.User), Bind.Numbers(rows, m => (long)m.Member.Role),
        Bind.Flags(rows, m => m.Member.Present), Bind.Numbers(rows, m => (long)m.Member.FirstOffset),
        Bind.Numbers(rows, m => (long)m.Member.Delivered), Bind.Numbers(rows, m => (long)m.Member.Read),
    ];

    private static void Events(RoundTrip trip, BatchWrites writes)
    {
        var events = writes.Events;
        if (events.Count > 0)
        {
            trip.Run(
                WriteSql.Events, Bind.Numbers(events, e => e.Topic.TopicId), Bind.Numbers(events, e => (long)e.Offset), Bind.Numbers(events, e => e.TimeMs),
                Bind.Numbers(events, e => e.Member), Bind.Numbers(events, e => e.Type), Bind.Blobs(events, e => e.Payload),
                Bind.Numbers(events, e => (long)e.Target), Bind.Numbers(events, e => e.Command?.Device.DeviceId ?? 0),
                Bind.Numbers(events, e => e.Command?.Generation ?? 0), Bind.Numbers(events, e => (long)(e.Command?.Seq ?? 0)),
                Bind.Numbers(events, e => e.Command?.Check ?? 0), Bind.Numbers(events, e => e.Command?.FirstGeneration ?? 0),
                Bind.Numbers(events, e => (long)(e.Command?.FirstSeq ?? 0)), Bind.Numbers(events, e => e.Command?.FirstCheck ?? 0));
        }
        var erasures = writes.Erasures;
        if (erasures.Count > 0)
            trip.Run(WriteSql.Erasures, Bind.Numbers(erasures, e => e.Topic.TopicId), Bind.Numbers(erasures, e => (long)e.Offset));
    }

    private static (long Id, byte[] Hash) Audit(RoundTrip trip, Guid writer, (long Id, byte[] Hash) end, List<AuditEntry> entries)
    {
        if (entries.Count == 0)
            return end;
        var (id, hash) = end;
        var (ids, hashes) = (new long[entries.Count], new byte[entries.Count][]);
        for (var i = 0; i < ids.Length; i++)
        {
            hash = AuditChain.Next(hash, ++id, entries[i]);
            (ids[i], hashes[i]) = (id, hash);
        }
        trip.Run(
            WriteSql.Audit, Bind.Id(writer), Bind.Numbers(ids), Bind.Numbers(entries, a => a.TimeMs), Bind.Texts(entries, a => a.Tenant),
            Bind.Texts(entries, a => a.User), Bind.Texts(entries, a => a.Device), Bind.Texts(entries, a => a.Action),
            Bind.Texts(entries, a => a.Subject), Bind.Blobs(hashes));
        return (id, hash);
    }
}
