using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Log;

/// <summary>What a store answers from the data, for batches and for readers.</summary>
internal static class LogReads
{
    public static BatchState Load(this LogData data, BatchKeys keys) => data.Load(keys, new BatchState { Epoch = data.Epoch, LastBatch = data.Batches });

    /// <param name="data">What is committed.</param>
    /// <param name="keys">What is asked for.</param>
    /// <param name="state">Where it goes.</param>
    /// <param name="isOthers">Where several write: a topic that is there and that nobody asked about belongs to. It is in the state without anything.</param>
    public static BatchState Load(this LogData data, BatchKeys keys, BatchState state, Func<LogTopic, bool>? isOthers = null)
    {
        var others = new HashSet<TopicKey>();
        foreach (var key in keys.Devices)
        {
            if (data.Devices.TryGetValue(key, out var d))
                state.Devices.Add(key, Copy(d));
        }
        foreach (var user in keys.DeviceCounts)
            state.DeviceCounts[user] = data.Devices.Keys.Count(k => (k.Tenant, k.User) == user);
        foreach (var key in keys.Topics)
        {
            if (data.Find(key) is not { } topic)
                continue;
            if (isOthers?.Invoke(topic) == true)
                others.Add(key);
            state.Topics.Add(key, others.Contains(key) ? new TopicState { Key = key, TopicId = topic.Id, Epoch = topic.Epoch } : Copy(topic));
        }
        foreach (var (key, user) in keys.Members)
        {
            if (!others.Contains(key) && state.Topics.TryGetValue(key, out var topic) && data.Topics[key].Members.TryGetValue(user, out var member))
                topic.Members.TryAdd(user, Copy(member));
        }
        foreach (var key in keys.WholeRosters)
        {
            if (others.Contains(key) || !state.Topics.TryGetValue(key, out var topic))
                continue;
            foreach (var member in data.Topics[key].Members.Values)
                topic.Members.TryAdd(member.User, Copy(member));
        }
        foreach (var key in keys.Events)
        {
            if (data.Find(key.Topic) is { } topic && key.Offset >= 1 && key.Offset <= topic.Head)
                state.Events.Add(key, topic.Events[(int)key.Offset - 1].Stored);
        }
        foreach (var key in keys.Edited)
        {
            if (data.Find(key.Topic) is { } topic)
                state.Edits.Add(key, [.. from e in topic.Events where e.Target == key.Offset && e.Stored.Type == MessageTypes.MessageEdit select e.Stored.Offset]);
        }
        foreach (var identity in keys.FirstIdentities)
        {
            if (data.ByFirst.TryGetValue(identity, out var effect))
            {
                state.Decided.Add(identity, CodeOf(effect.Stored));
            }
            else if (data.Devices.TryGetValue(identity.Device, out var device)
                && data.ByIdentity.TryGetValue(new(device.Id, identity.Generation, identity.Seq), out effect)
                && effect.Stored.Check == identity.Check)
            {
                state.Decided.Add(identity, CodeOf(effect.Stored));
            }
        }
        foreach (var key in keys.Publications.Union(keys.Due))
        {
            if (data.Publications.TryGetValue(key, out var p))
                state.Publications.Add(key, Copy(key, p));
        }
        return state;
    }

    public static List<WaitingPublication> Scheduled(this LogData data, int countMax) =>
    [
        .. data.Publications.Where(p => p.Value.Scheduled is not null).OrderBy(p => p.Value.Scheduled!.DueMs).Take(countMax)
            .Select(p => new WaitingPublication(p.Key, p.Value.TopicName, p.Value.Scheduled!.DueMs, p.Value.Scheduled.Payload.Length)),
    ];

    public static List<StoredEvent> Events(this LogData data, long topicId, ulong after, int countMax, int bytesMax) =>
        Take(data.Find(topicId)?.Events.Skip((int)after) ?? [], countMax, bytesMax);

    public static List<StoredEvent> EventsBack(this LogData data, long topicId, ulong first, ulong before, int countMax, int bytesMax)
    {
        var events = data.Find(topicId)?.Events ?? [];
        var wanted = events.Where(e => e.Stored.Offset >= first && e.Stored.Offset < before).Reverse();
        var taken = Take(wanted, countMax, bytesMax);
        taken.Reverse();
        return taken;
    }

    public static List<Membership> Memberships(this LogData data, string tenant, string user) =>
    [
        .. from topic in data.All
           where topic.Key.Tenant == tenant && Seen(topic, user) is not null
           orderby topic.Key.Name != TopicName.User(user), topic.Id
           select Seen(topic, user),
    ];

    public static Membership? Membership(this LogData data, string tenant, string user, string name) =>
        data.Find(new TopicKey(tenant, name)) is { } topic ? Seen(topic, user) : null;

    public static List<StoredMember> Members(this LogData data, long topicId) =>
        data.Find(topicId) is { } topic ? [.. topic.Members.Values.Where(m => m.Present).OrderBy(m => m.Number)] : [];

    public static List<Refusal> Refusals(this LogData data, long deviceId, uint generation, ulong after, ulong through)
    {
        var refusals = new List<Refusal>();
        for (var seq = after + 1; seq <= through; seq++)
        {
            if (data.ByIdentity.TryGetValue(new(deviceId, generation, seq), out var e) && e.Stored.Type == MessageTypes.CommandRejected)
                refusals.Add(new Refusal(seq, CodeOf(e.Stored)));
        }
        return refusals;
    }

    public static List<(long TopicId, ulong Head)> Heads(this LogData data, IReadOnlyList<long> topicIds) =>
        [.. topicIds.Select(id => data.Find(id)).OfType<LogTopic>().Select(t => (t.Id, t.Head))];

    public static List<(long DeviceId, ulong Fence)> Fences(this LogData data, IReadOnlyList<long> deviceIds) =>
        [.. data.Devices.Values.Where(d => deviceIds.Contains(d.Id)).Select(d => (d.Id, d.Fence))];

    private static HoliCode CodeOf(StoredEvent e) =>
        e.Type == MessageTypes.CommandRejected && CommandRejected.TryRead(new ReadOnlySequence<byte>(e.Payload), out var rejected)
            ? rejected.Code
            : HoliCode.None;

    private static Membership? Seen(LogTopic topic, string user) =>
        topic.Members.TryGetValue(user, out var member) && member.Present
            ? new(topic.Id, topic.Key.Name, topic.Epoch, topic.Head, topic.Title, topic.MemberCount, member)
            : null;

    private static List<StoredEvent> Take(IEnumerable<LogEvent> events, int countMax, int bytesMax)
    {
        var taken = new List<StoredEvent>();
        var bytes = 0;
        foreach (var e in events)
        {
            bytes += e.Stored.Payload.Length;
            if (taken.Count >= countMax || (taken.Count > 0 && bytes > bytesMax))
                break;
            taken.Add(e.Stored);
        }
        return taken;
    }

    private static PublicationState Copy(PublicationKey key, LogPublication p) => new()
    {
        Key = key, Digest = p.Digest, TopicName = p.TopicName, Stage = p.Stage, Offset = p.Offset, Code = p.Code, DecidedMs = p.DecidedMs,
        Scheduled = p.Scheduled,
    };

    private static DeviceState Copy(LogDevice d) => new()
    {
        Key = d.Key, DeviceId = d.Id, Generation = d.Generation, Committed = d.Committed, Digest = d.Digest, Fence = d.Fence, Opening = d.Opening,
    };

    private static TopicState Copy(LogTopic t) => new()
    {
        Key = t.Key, TopicId = t.Id, Epoch = t.Epoch, Head = t.Head, Title = t.Title, LastMember = t.LastMember, MemberCount = t.MemberCount,
    };

    private static MemberState Copy(StoredMember m) => new()
    {
        User = m.User, Number = m.Number, Role = m.Role, Present = m.Present, FirstOffset = m.FirstOffset, Delivered = m.Delivered, Read = m.Read,
    };
}
