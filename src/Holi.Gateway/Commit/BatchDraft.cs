using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// A batch while it is being planned: the rules change the loaded state through it, so that each input sees what the ones before it did.
/// Invariant: nothing here is true before the batch is on disk; <see cref="BatchPlan"/> tells it only then.
/// </summary>
internal sealed class BatchDraft(BatchState state, long nowMs, CommitLimits limits)
{
    // An empty MessagePack array: what is left of an erased event.
    private static readonly byte[] Nothing = [0x90];

    private readonly Dictionary<TopicState, List<NewEvent>> _appended = [];
    private readonly List<(TopicState Topic, ulong Offset)> _erased = [];
    private readonly List<AuditEntry> _audit = [];

    /// <summary>Of the input that is being decided: it goes along with whatever events that comes to.</summary>
    public MessageTrace? Trace { get; set; }

    public BatchState State => state;
    public long NowMs => nowMs;
    public CommitLimits Limits => limits;
    public BatchAnswers Answers { get; } = new();
    public List<PlannedOpening> Openings { get; } = [];
    public List<PlannedMembership> Memberships { get; } = [];
    public List<(IPublicationSource Source, PublicationAnswer Answer)> Published { get; } = [];
    public List<OutboxRowEnd> Outbox { get; } = [];
    public Dictionary<MemberState, TopicState> Moved { get; } = [];
    public IReadOnlyDictionary<TopicState, List<NewEvent>> Appended => _appended;
    public IReadOnlyList<(TopicState Topic, ulong Offset)> Erased => _erased;
    public IReadOnlyList<AuditEntry> AuditEntries => _audit;

    /// <summary>A person's own topic; made where they have none yet.</summary>
    public TopicState OwnTopic(string tenant, string user)
    {
        var key = new TopicKey(tenant, TopicName.User(user));
        if (state.Topics.TryGetValue(key, out var topic))
            return topic;
        topic = CreateTopic(key, null);
        AddMember(topic, user, MemberRole.Owner, firstOffset: 1);
        return topic;
    }

    public TopicState CreateTopic(TopicKey key, string? title)
    {
        var topic = new TopicState { Key = key, Epoch = state.Epoch, Title = title, Changed = true };
        state.Topics.Add(key, topic);
        return topic;
    }

    /// <summary>A new member, or a former one again under their old number. What is before <paramref name="firstOffset"/> is not theirs.</summary>
    public static MemberState AddMember(TopicState topic, string user, MemberRole role, ulong firstOffset)
    {
        if (!topic.Members.TryGetValue(user, out var member))
        {
            member = new MemberState { User = user, Number = ++topic.LastMember, IsNew = true };
            topic.Members.Add(user, member);
        }
        member.Role = role;
        member.Present = member.Changed = true;
        member.FirstOffset = firstOffset;
        member.Read = member.Delivered = firstOffset - 1;
        topic.MemberCount++;
        topic.Changed = true;
        return member;
    }

    /// <summary>Appends an event; whoever caused it and had read everything before it has read it, too.</summary>
    public ulong Append(
        TopicState topic, MemberState? sender, ushort type, byte[] payload, AppliedCommand? command = null, ulong target = 0)
    {
        var offset = ++topic.Head;
        topic.Changed = true;
        if (!_appended.TryGetValue(topic, out var events))
            _appended.Add(topic, events = []);
        events.Add(new NewEvent(topic, offset, nowMs, sender?.Number ?? 0, type, payload, target, command) { Trace = Trace });
        if (sender is not null)
            MoveAlong(topic, sender, offset);
        return offset;
    }

    /// <summary>Positions only grow and never pass the head.</summary>
    public void Move(TopicState topic, MemberState member, ulong delivered, ulong read)
    {
        delivered = Math.Min(Math.Max(delivered, read), topic.Head);
        read = Math.Min(read, topic.Head);
        if (delivered <= member.Delivered && read <= member.Read)
            return;
        member.Delivered = Math.Max(member.Delivered, delivered);
        member.Read = Math.Max(member.Read, read);
        member.Changed = true;
        Moved[member] = topic;
    }

    /// <summary>What stands at an offset, appended in this batch or loaded: its sender and type.</summary>
    public (uint Member, ushort Type)? Find(TopicState topic, ulong offset)
    {
        if (Pending(topic, offset, out var events, out var index))
            return (events[index].Member, events[index].Type);
        return state.Events.TryGetValue((topic.Key, offset), out var stored) ? (stored.Member, stored.Type) : null;
    }

    /// <summary>Erases a message and its edits, which say the same or nearly so.</summary>
    public void Erase(TopicState topic, ulong offset)
    {
        EraseOne(topic, offset);
        if (state.Edits.TryGetValue((topic.Key, offset), out var edits))
        {
            foreach (var edit in edits)
                EraseOne(topic, edit);
        }
        if (!_appended.TryGetValue(topic, out var events))
            return;
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Type == MessageTypes.MessageEdit && events[i].Target == offset)
                EraseOne(topic, events[i].Offset);
        }
    }

    public void Audit(DeviceKey who, string action, string subject) =>
        Audit(new AuditEntry(nowMs, who.Tenant, who.User, who.Device, action, subject));

    public void Audit(PublicationState publication, ScheduledContent content, string action, string subject) =>
        Audit(new AuditEntry(nowMs, publication.Key.Tenant, content.Publisher, content.Road, action, subject));

    public void Audit(AuditEntry entry) => _audit.Add(entry);

    public void Answer(IPublicationSource source, in PublicationAnswer answer) => Published.Add((source, answer));

    private void EraseOne(TopicState topic, ulong offset)
    {
        if (Pending(topic, offset, out var events, out var index))
        {
            events[index] = events[index] with { Type = MessageTypes.MessageErased, Payload = Nothing };
            return;
        }
        _erased.Add((topic, offset));
        if (state.Events.TryGetValue((topic.Key, offset), out var stored))
            state.Events[(topic.Key, offset)] = stored with { Type = MessageTypes.MessageErased, Payload = Nothing };
    }

    // Offsets are dense, so an event's place in its topic's list follows from its offset.
    private bool Pending(TopicState topic, ulong offset, out List<NewEvent> events, out int index)
    {
        index = -1;
        if (!_appended.TryGetValue(topic, out events!) || offset < events[0].Offset || offset > topic.Head)
            return false;
        index = (int)(offset - events[0].Offset);
        return true;
    }

    private void MoveAlong(TopicState topic, MemberState sender, ulong offset) =>
        Move(
            topic,
            sender,
            sender.Delivered == offset - 1 ? offset : 0,
            sender.Read == offset - 1 ? offset : 0);
}
