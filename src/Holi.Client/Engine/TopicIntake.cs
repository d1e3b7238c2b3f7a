using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// Applies what the gateway says about topics (holi.v1.md §8). It gathers; the batch is cut when the store is free, so that a burst
/// becomes one transaction and one Ack.
/// </summary>
internal sealed class TopicIntake(TopicTable topics)
{
    private readonly HashSet<TopicState> _dirty = [];
    private readonly List<TopicState> _touched = [];
    private readonly HashSet<TopicState> _unsynced = [];
    private List<TopicCut> _atStore = [];
    private int _atStoreBytes;

    /// <summary>Payload bytes of events not yet stored.</summary>
    public int UnstoredBytes { get; private set; }

    /// <summary>There is something for the next batch.</summary>
    public bool IsDirty => _dirty.Count > 0;

    /// <summary>Something is written and not yet synced: it waits for its ack.</summary>
    public bool IsUnsynced => _unsynced.Count > 0;

    /// <summary>Nothing that was taken would be gone after a power cut.</summary>
    public bool IsSynced => _unsynced.Count + _atStore.Count + _dirty.Count == 0;

    /// <summary>Somebody waits for it: what another person said is shown once it is stored.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Something about the topic moved: <see cref="Settle"/> looks at it, and the next batch where there is something for it.</summary>
    public void Touch(TopicState topic)
    {
        if (!topic.IsTouched)
            _touched.Add(topic);
        topic.IsTouched = true;
        if (topic.IsDirty)
            _dirty.Add(topic);
    }

    /// <summary>A command of the app's that changes what is known here at once: a conversation made, a position read to.</summary>
    public void OnQueued(QueueRequest request)
    {
        if (request.Type == MessageTypes.ConversationCreate && ConversationCreate.TryRead(new(request.Payload), out var created))
            Touch(topics.Create(request.Topic, created));
        if (request.Type != MessageTypes.ReadMark || !ReadMark.TryRead(new(request.Payload), out var mark))
            return;
        if (topics.Find(request.Topic) is not { } topic || topic.Now.Read >= mark.Offset)
            return;
        topic.Change(topic.Now with { Read = mark.Offset });
        Touch(topic);
    }

    /// <summary>Drops what is held of topics, so that it is fetched again. False where none of them is known.</summary>
    public bool Empty(IReadOnlyList<string> names)
    {
        var any = false;
        foreach (var topic in names.Select(topics.Find).OfType<TopicState>().Where(t => t.Now.Epoch != 0))
        {
            topic.Empty();
            Touch(topic);
            any = IsUrgent = true;
        }
        return any;
    }

    /// <summary>Topic.</summary>
    public Violation OnTopic(TopicFrame frame)
    {
        var known = topics.Find(frame.Name)?.Now;
        // The same history cannot have become shorter: a reset would have a new epoch (§8.1). Guessing would lose events.
        if (known is not null && known.Epoch == frame.Epoch && known.Cursor > frame.Head)
            return new Violation(HoliCode.BadValue, "8.1");
        Touch(topics.Announce(frame));
        return Violation.None;
    }

    /// <summary>
    /// All Topic frames of the opening came: what the user belongs to (§6.2). A conversation that was not among them is gone.
    /// </summary>
    public void OnAllAnnounced()
    {
        foreach (var topic in topics.All)
        {
            if (topic is not { Number: 0, Now: { Epoch: not 0, Gone: false } } || !TopicName.TryParse(topic.Name, out var kind, out _))
                continue;
            if (kind != TopicKind.Conversation)
                continue;
            topic.Change(topic.Now with { Gone = true });
            Touch(topic);
        }
    }

    /// <summary>TopicGone: kept as it is, marked where the user no longer belongs to it.</summary>
    public void OnGone(TopicGoneFrame frame)
    {
        if (topics.Remove(frame) is not { } topic)
            return;
        if (frame.Code != HoliCode.Done)
            topic.Change(topic.Now with { Gone = true });
        Touch(topic);
    }

    /// <summary>Event: dropped where it is known already, a violation where one is missing before it.</summary>
    public Violation OnEvent(in EventFrame frame)
    {
        if (!topics.TryGet(frame.Topic, out var topic))
            return new Violation(HoliCode.UnknownTopicNumber, "8.2");
        if (topic.Take(frame.Offset, out var violation))
        {
            var added = new ReplicaEvent(topic.Name, frame.Offset, frame.TimeMs, frame.Member, frame.Type, PayloadBytes.Of(frame.Payload));
            topic.Add(added);
            UnstoredBytes += added.Payload.Length;
            var isEcho = added.Member == topic.Now.Member && topic.EchoesExpected > 0;
            topic.EchoesExpected -= isEcho ? 1 : 0;
            IsUrgent |= !isEcho;
            if (TopicChanges.Apply(topic, added, topics) is { } other)
                Touch(other);
        }
        Touch(topic);
        return violation;
    }

    /// <summary>Skip.</summary>
    public Violation OnSkip(SkipFrame frame)
    {
        if (!topics.TryGet(frame.Topic, out var topic))
            return new Violation(HoliCode.UnknownTopicNumber, "8.3");
        topic.Skip(frame.Through);
        Touch(topic);
        return Violation.None;
    }

    /// <summary>Complete of one topic.</summary>
    public Violation OnComplete(CompleteFrame frame, TimeSpan now)
    {
        if (!topics.TryGet(frame.Topic, out var topic))
            return new Violation(HoliCode.UnknownTopicNumber, "8.5");
        var violation = topic.Complete(frame.Offset, frame.TimeMs, now);
        Touch(topic);
        return violation;
    }

    /// <summary>
    /// The connection is ending. What was said of all topics at once ("still complete, as of") is written down for each now, so that it
    /// is known after a restart.
    /// </summary>
    public void Disconnect(GatewayLink link)
    {
        foreach (var topic in topics.All)
        {
            if (!topic.IsComplete || topic.Now.CompleteAtMs >= link.AllCompleteMs)
                continue;
            topic.CompleteAs(topic.Now.Cursor, link.AllCompleteMs, link.AllCompleteAt);
            Touch(topic);
        }
    }

    /// <summary>Adds everything gathered to the batch.</summary>
    public void Cut(List<StoreWrite> batch)
    {
        foreach (var topic in _dirty)
            _atStore.Add(topic.Cut(batch));
        _dirty.Clear();
        IsUrgent = false;
        _atStoreBytes = UnstoredBytes;
    }

    /// <summary>The batch is written; <paramref name="synced"/>: and synced, with all before it.</summary>
    public void Written(bool synced, Action<EngineNotice> notify)
    {
        UnstoredBytes -= _atStoreBytes;
        foreach (var cut in _atStore)
        {
            cut.Topic.Written(cut.Now);
            _unsynced.Add(cut.Topic);
            Touch(cut.Topic);
            notify(new TopicStored(cut.Now, cut.After, cut.Events));
        }
        _atStore = [];
        if (!synced)
            return;
        foreach (var topic in _unsynced)
        {
            topic.MarkSynced();
            Touch(topic);
        }
        _unsynced.Clear();
    }

    /// <summary>The batch failed, and the connection goes with it.</summary>
    public void Failed(Action<EngineNotice> notify)
    {
        foreach (var topic in topics.Failed())
        {
            Touch(topic);
            if (topic.Stored is null)
                notify(new TopicForgotten(topic.Name));
        }
        _dirty.Clear();
        _atStore = [];
        UnstoredBytes = 0;
        IsUrgent = false;
    }

    /// <summary>After each input: adds what may be acknowledged now (synced, and sent on this connection) and tells what changed.</summary>
    public void Settle(List<AckEntry> acks, Action<EngineNotice> notify)
    {
        foreach (var topic in _touched)
        {
            var synced = Math.Min(topic.Synced is { } held && held.Epoch == topic.Now.Epoch ? held.Cursor : 0, topic.Position);
            if (topic.Number != 0 && synced > topic.Acked)
            {
                topic.Acked = synced;
                acks.Add(new AckEntry(topic.Number, synced));
            }
            if (topic.IsChanged && topics.Find(topic.Name) == topic)
                notify(new TopicChanged(topic.Now, topic.CompleteAt, topic.IsComplete));
            topic.IsChanged = topic.IsTouched = false;
        }
        _touched.Clear();
    }
}
