using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Log;

/// <summary>What lies on the log's disk, be it the one gateway's or the server's of several. Cloned for a backup.</summary>
public sealed class LogData
{
    public Dictionary<DeviceKey, LogDevice> Devices { get; private init; } = [];
    public Dictionary<TopicKey, LogTopic> Topics { get; private init; } = [];
    public Dictionary<CommandIdentity, LogEvent> ByIdentity { get; private init; } = [];
    public Dictionary<FirstIdentity, LogEvent> ByFirst { get; private init; } = [];
    /// <summary>In the order in which they came into being.</summary>
    public List<LogTopic> All { get; private init; } = [];
    public OrderedDictionary<PublicationKey, LogPublication> Publications { get; private init; } = [];
    public ulong Epoch { get; set; }
    public ulong Batches { get; private set; }

    /// <summary>Where several gateways write: how many batches of each life of one are there.</summary>
    public Dictionary<int, ulong> Writers { get; private init; } = [];

    /// <summary>Where several gateways write: the last numbers that were given to a device and a topic. What was not committed leaves holes.</summary>
    public (long Device, long Topic) Numbers { get; set; }

    public LogData Clone()
    {
        var topics = All.ConvertAll(t => t.Clone());
        return new()
        {
            Devices = new(Devices), Topics = topics.ToDictionary(t => t.Key), All = topics, ByIdentity = new(ByIdentity),
            ByFirst = new(ByFirst), Publications = new(Publications), Epoch = Epoch, Batches = Batches,
            Writers = new(Writers), Numbers = Numbers,
        };
    }

    public LogTopic? Find(TopicKey key) => Topics.GetValueOrDefault(key);

    public LogTopic? Find(long topicId) => All.Find(topic => topic.Id == topicId);

    /// <summary>Gives new devices and topics their keys, as a store does before it asks for the COMMIT.</summary>
    public void Number(BatchState state)
    {
        long device = Devices.Count, topic = All.Count;
        foreach (var each in state.Devices.Values)
        {
            if (each is { Changed: true, DeviceId: 0 })
                each.DeviceId = ++device;
        }
        foreach (var each in state.Topics.Values)
        {
            if (each is { Changed: true, TopicId: 0 })
                each.TopicId = ++topic;
        }
    }

    /// <summary>A batch, whole.</summary>
    public void Apply(BatchState state, BatchWrites writes)
    {
        foreach (var d in state.Devices.Values)
        {
            if (d.Changed)
                Devices[d.Key] = new LogDevice(d.DeviceId, d.Key, d.Generation, d.Committed, d.Digest, d.Fence, d.Opening);
        }
        foreach (var topic in state.Topics.Values)
            Apply(topic);
        foreach (var e in writes.Events)
            Append(e);
        foreach (var (topic, offset) in writes.Erasures)
            Erase(Topics[topic.Key], offset);
        foreach (var p in state.Publications.Values)
        {
            if (p.Changed)
                Publications[p.Key] = new LogPublication(p.Digest, p.TopicName, p.Stage, p.Offset, p.Code, p.DecidedMs, p.Scheduled);
        }
        Forget(writes);
        Batches++;
    }

    private void Forget(BatchWrites writes)
    {
        var over = Publications.Where(p => p.Value.DecidedMs < writes.ForgetDecidedBeforeMs).OrderBy(p => p.Value.DecidedMs)
            .Take(writes.ForgetMax).ToList();
        foreach (var (key, _) in over)
            Publications.Remove(key);
    }

    private void Apply(TopicState topic)
    {
        var kept = Find(topic.Key);
        if (kept is null && !topic.Changed)
            return;
        if (kept is null)
        {
            kept = new LogTopic { Id = topic.TopicId, Key = topic.Key, Epoch = topic.Epoch };
            Topics.Add(topic.Key, kept);
            All.Add(kept);
        }
        if (topic.Changed)
            (kept.Title, kept.LastMember, kept.MemberCount) = (topic.Title, topic.LastMember, topic.MemberCount);
        foreach (var m in topic.Members.Values)
        {
            if (m.Changed)
                kept.Members[m.User] = new StoredMember(kept.Id, m.Number, m.User, m.Role, m.Present, m.FirstOffset, m.Delivered, m.Read);
        }
    }

    private void Append(NewEvent e)
    {
        var topic = Topics[e.Topic.Key];
        if (e.Offset != topic.Head + 1)
            throw new InvalidOperationException($"Offset {e.Offset} does not follow {topic.Head}.");
        var command = e.Command;
        var identity = command is null ? default : new CommandIdentity(command.Device.DeviceId, command.Generation, command.Seq);
        var stored = new StoredEvent(topic.Id, e.Offset, e.TimeMs, e.Member, e.Type, e.Payload, identity, command?.Check ?? 0);
        FirstIdentity? first = command is null ? null
            : command.FirstGeneration != 0 ? new(command.Device.Key, command.FirstGeneration, command.FirstSeq, command.FirstCheck)
            : new(command.Device.Key, command.Generation, command.Seq, command.Check);
        var added = new LogEvent(stored, command?.Device.Key, first, e.Target);
        topic.Events.Add(added);
        if (first is null)
            return;
        // Where a bug has applied a command twice, the first effect is kept here and the checker finds the second in the topic.
        ByIdentity.TryAdd(identity, added);
        ByFirst.TryAdd(first.Value, added);
    }

    private static void Erase(LogTopic topic, ulong offset)
    {
        var index = (int)offset - 1;
        topic.Events[index] = topic.Events[index] with
        {
            Stored = topic.Events[index].Stored with { Type = MessageTypes.MessageErased, Payload = [0x90] },
        };
    }
}
