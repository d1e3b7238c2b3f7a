using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage;

/// <summary>
/// A log in memory that keeps the contract to the letter: a batch sees only what its keys named and changes nothing before its commit.
/// For tests of the rules, which it runs without a disk.
/// </summary>
public sealed class MemoryLogStore : ILogStore
{
    private readonly Dictionary<DeviceKey, DeviceState> _devices = [];
    private readonly Dictionary<TopicKey, Topic> _topics = [];
    private readonly HashSet<CommandIdentity> _identities = [];
    private readonly MemoryPublications _publications = new();
    private ulong _batches;

    public ulong Epoch { get; init; } = 1;
    public List<AuditEntry> Audit { get; } = [];

    public ValueTask OpenAsync(CancellationToken cancel) => ValueTask.CompletedTask;

    public ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        var state = new BatchState { Epoch = Epoch, LastBatch = _batches };
        foreach (var key in keys.Devices.Where(_devices.ContainsKey))
            state.Devices.Add(key, Copy(_devices[key]));
        foreach (var user in keys.DeviceCounts)
            state.DeviceCounts[user] = _devices.Keys.Count(k => (k.Tenant, k.User) == user);
        foreach (var key in keys.Topics.Where(_topics.ContainsKey))
            state.Topics.Add(key, Copy(_topics[key].State));
        foreach (var (topic, user) in keys.Members)
            CopyMembers(state, topic, m => m.User == user);
        foreach (var topic in keys.WholeRosters)
            CopyMembers(state, topic, _ => true);
        foreach (var key in keys.Events)
        {
            if (_topics.TryGetValue(key.Topic, out var topic) && topic.At(key.Offset) is { } row)
                state.Events.Add(key, row.Event);
        }
        foreach (var key in keys.Edited)
        {
            if (_topics.TryGetValue(key.Topic, out var topic))
                state.Edits.Add(key, [.. topic.Rows.Where(r => r.New.Target == key.Offset && r.Event.Type == MessageTypes.MessageEdit).Select(r => r.Event.Offset)]);
        }
        foreach (var identity in keys.FirstIdentities)
        {
            if (FindDecided(identity) is { } code)
                state.Decided.Add(identity, code);
        }
        _publications.Load(keys, state);
        return ValueTask.FromResult<ICommitBatch>(new Batch(this, state));
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<StoredEvent>>(Limit(ById(topicId).Rows.Select(r => r.Event).Where(e => e.Offset > after), countMax, bytesMax));

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel)
    {
        var newestFirst = ById(topicId).Rows.Select(r => r.Event).Where(e => e.Offset >= first && e.Offset < before).Reverse();
        return ValueTask.FromResult<IReadOnlyList<StoredEvent>>([.. Limit(newestFirst, countMax, bytesMax).AsEnumerable().Reverse()]);
    }

    public ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<Membership>>(
        [
            .. _topics.Values.Where(t => t.State.Key.Tenant == tenant).Select(t => Seen(t, user)).OfType<Membership>()
                .OrderBy(m => m.Name != TopicName.User(user)).ThenBy(m => m.TopicId),
        ]);

    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        ValueTask.FromResult(_topics.TryGetValue(new TopicKey(tenant, topicName), out var topic) ? Seen(topic, user) : null);

    public ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<StoredMember>>(
            [.. ById(topicId).State.Members.Values.Where(m => m.Present).OrderBy(m => m.Number).Select(m => Stored(topicId, m))]);

    public ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<Refusal>>(
        [
            .. Rows.Where(r => r.Event.Type == MessageTypes.CommandRejected
                    && r.Event.Identity.DeviceId == deviceId && r.Event.Identity.Generation == generation
                    && r.Event.Identity.Seq > after && r.Event.Identity.Seq <= through)
                .OrderBy(r => r.Event.Identity.Seq)
                .Select(r => new Refusal(r.Event.Identity.Seq, Code(r.Event)!.Value)),
        ]);

    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        ValueTask.FromResult(Rows.FirstOrDefault(r => r.Event.Identity == new CommandIdentity(deviceId, generation, seq))?.Event.Check);

    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        ValueTask.FromResult(new ScheduledPublications(_publications.Waiting(countMax), null));

    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<(long, ulong)>>(
            [.. _topics.Values.Where(t => topicIds.Contains(t.State.TopicId)).Select(t => (t.State.TopicId, t.State.Head))]);

    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<(long, ulong)>>(
            [.. _devices.Values.Where(d => deviceIds.Contains(d.DeviceId)).Select(d => (d.DeviceId, d.Fence))]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>As no gateway does: the topic is gone.</summary>
    public void Lose(TopicKey topic) => _topics.Remove(topic);

    private IEnumerable<Row> Rows => _topics.Values.SelectMany(t => t.Rows);

    private Topic ById(long id) => _topics.Values.Single(t => t.State.TopicId == id);

    private HoliCode? FindDecided(FirstIdentity identity)
    {
        if (!_devices.TryGetValue(identity.Device, out var device))
            return null;
        var row = Rows.FirstOrDefault(r => r.New.Command is { } c && c.Device.DeviceId == device.DeviceId
            && ((c.Generation == identity.Generation && c.Seq == identity.Seq && c.Check == identity.Check)
                || (c.FirstGeneration == identity.Generation && c.FirstSeq == identity.Seq && c.FirstCheck == identity.Check)));
        return row is null ? null : Code(row.Event) ?? HoliCode.None;
    }

    private static HoliCode? Code(StoredEvent e) =>
        e.Type == MessageTypes.CommandRejected && CommandRejected.TryRead(new ReadOnlySequence<byte>(e.Payload), out var rejected)
            ? rejected.Code
            : null;

    private void Commit(BatchState state, BatchWrites writes)
    {
        foreach (var device in state.Devices.Values.Where(d => d.Changed))
        {
            if (device.DeviceId == 0)
                device.DeviceId = _devices.Count + 1;
            _devices[device.Key] = Copy(device);
        }
        foreach (var topic in state.Topics.Values)
        {
            if (topic.TopicId == 0)
            {
                topic.TopicId = _topics.Count + 1;
                _topics.Add(topic.Key, new Topic(Copy(topic)));
            }
            var kept = _topics[topic.Key];
            if (topic.Changed)
                kept.State = Copy(topic, kept.State.Members);
            foreach (var member in topic.Members.Values.Where(m => m.Changed))
                kept.State.Members[member.User] = Copy(member);
        }
        foreach (var e in writes.Events)
        {
            var rows = _topics[e.Topic.Key].Rows;
            e.Offset.ShouldBe((ulong)rows.Count + 1);
            var identity = e.Command is { } c ? new CommandIdentity(c.Device.DeviceId, c.Generation, c.Seq) : default;
            if (identity != default)
                _identities.Add(identity).ShouldBeTrue();
            rows.Add(new Row(e, new StoredEvent(e.Topic.TopicId, e.Offset, e.TimeMs, e.Member, e.Type, e.Payload, identity, e.Command?.Check ?? 0)));
        }
        foreach (var (topic, offset) in writes.Erasures)
        {
            var row = _topics[topic.Key].At(offset)!;
            row.Event = row.Event with { Type = MessageTypes.MessageErased, Payload = [0x90] };
        }
        _publications.Apply(state, writes);
        Audit.AddRange(writes.Audit);
        _batches++;
    }

    private void CopyMembers(BatchState state, TopicKey key, Predicate<MemberState> which)
    {
        if (!state.Topics.TryGetValue(key, out var topic))
            return;
        foreach (var member in _topics[key].State.Members.Values.Where(m => which(m)))
            topic.Members.TryAdd(member.User, Copy(member));
    }

    private static Membership? Seen(Topic topic, string user) =>
        topic.State.Members.TryGetValue(user, out var member) && member.Present
            ? new Membership(
                topic.State.TopicId, topic.State.Key.Name, topic.State.Epoch, topic.State.Head, topic.State.Title, topic.State.MemberCount,
                Stored(topic.State.TopicId, member))
            : null;

    private static StoredMember Stored(long topicId, MemberState m) =>
        new(topicId, m.Number, m.User, m.Role, m.Present, m.FirstOffset, m.Delivered, m.Read);

    private static List<StoredEvent> Limit(IEnumerable<StoredEvent> events, int countMax, int bytesMax)
    {
        var taken = new List<StoredEvent>();
        var bytes = 0;
        foreach (var e in events.Take(countMax))
        {
            bytes += e.Payload.Length;
            if (taken.Count > 0 && bytes > bytesMax)
                break;
            taken.Add(e);
        }
        return taken;
    }

    private static DeviceState Copy(DeviceState d) => new()
    {
        Key = d.Key, DeviceId = d.DeviceId, Generation = d.Generation, Committed = d.Committed, Digest = d.Digest, Fence = d.Fence, Opening = d.Opening,
    };

    private static TopicState Copy(TopicState t, Dictionary<string, MemberState>? members = null)
    {
        var copy = new TopicState
        {
            Key = t.Key, TopicId = t.TopicId, Epoch = t.Epoch, Head = t.Head, Title = t.Title, LastMember = t.LastMember,
            MemberCount = t.MemberCount,
        };
        foreach (var (user, member) in members ?? [])
            copy.Members.Add(user, member);
        return copy;
    }

    private static MemberState Copy(MemberState m) => new()
    {
        User = m.User, Number = m.Number, Role = m.Role, Present = m.Present, FirstOffset = m.FirstOffset, Delivered = m.Delivered,
        Read = m.Read,
    };

    private sealed class Topic(TopicState state)
    {
        public TopicState State { get; set; } = state;
        public List<Row> Rows { get; } = [];
        public Row? At(ulong offset) => offset >= 1 && offset <= (ulong)Rows.Count ? Rows[(int)offset - 1] : null;
    }

    private sealed class Row(NewEvent written, StoredEvent stored)
    {
        public NewEvent New { get; } = written;
        public StoredEvent Event { get; set; } = stored;
    }

    private sealed class Batch(MemoryLogStore store, BatchState state) : ICommitBatch
    {
        public BatchState State => state;

        public ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel)
        {
            store.Commit(state, writes);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
