using System.Collections.Immutable;
using Holi.Wire.Payloads;

namespace Holi.Client.Store;

/// <summary>What a transaction does to topics and their events. Topics change in a draft, and each changed one is written once, at the end.</summary>
internal sealed class ReplicaWriter(StoreConnection connection, SealedRows rows) : IDisposable
{
    private readonly Statement _putTopic = connection.Prepare("INSERT INTO topics(row, sealed) VALUES(?1, ?2) ON CONFLICT(row) DO UPDATE SET sealed = ?2");
    private readonly Statement _deleteTopic = connection.Prepare("DELETE FROM topics WHERE row = ?1");
    private readonly Statement _addEvent = connection.Prepare("INSERT INTO events(row, sealed) VALUES(?1, ?2) ON CONFLICT(row) DO NOTHING");
    private readonly Statement _updateEvent = connection.Prepare("UPDATE events SET sealed = ?2 WHERE row = ?1");
    private readonly Statement _readEvent = connection.Prepare("SELECT sealed FROM events WHERE row = ?1");
    private readonly Statement _deleteEvents = connection.Prepare("DELETE FROM events WHERE row >= ?1 AND row < ?2");

    public void Put(ReplicaDraft draft, StoreState state, ReplicaTopic topic)
    {
        if (draft.TryFind(topic.Name, out var stored) && stored.Topic.Epoch == topic.Epoch)
        {
            draft.Set(stored with { Topic = topic });
            return;
        }
        if (stored is not null)
        {
            _deleteEvents.Bind(1, EventRow.RowOf(stored.Number, 0)).Bind(2, EventRow.RowOf(stored.Number + 1, 0)).Run();
            _deleteTopic.Bind(1, stored.Number).Run();
            draft.Emptied.Add(topic.Name);
        }
        draft.Set(new TopicRow(state.NextTopic++, topic, 0));
    }

    public void Append(ReplicaDraft draft, ulong commit, AppendEvents append)
    {
        var topic = draft.Find(append.Topic);
        var cursor = topic.Topic.Cursor;
        var added = 0UL;
        foreach (var each in append.Events)
        {
            if (each.Offset <= cursor || each.Offset > append.Cursor)
                throw new ArgumentException($"Event {each.Offset} does not lie behind {cursor} and up to the new cursor {append.Cursor}.");
            cursor = each.Offset;
            if (!Add(topic.Number, commit, each))
                Replace(EventRow.RowOf(topic.Number, each.Offset), commit, each);
            else
                added++;
        }
        if (append.Cursor < cursor)
            throw new ArgumentException($"The cursor cannot go back from {cursor} to {append.Cursor}.");
        draft.Set(topic with { Topic = topic.Topic with { Cursor = append.Cursor }, Stored = topic.Stored + added });
    }

    public void AddHistory(ReplicaDraft draft, ulong commit, AddHistory history)
    {
        var topic = draft.Find(history.Topic);
        var added = 0UL;
        foreach (var each in history.Events)
        {
            if (each.Offset <= topic.Topic.Cursor && Add(topic.Number, commit, each))
                added++;
        }
        if (added > 0)
            draft.Set(topic with { Stored = topic.Stored + added });
    }

    /// <summary>False where the event is stored but cannot be read: it is deleted then, and the topic must be fetched again.</summary>
    public bool TryErase(ReplicaDraft draft, ulong commit, EraseEvent erase)
    {
        var topic = draft.Find(erase.Topic);
        var row = EventRow.RowOf(topic.Number, erase.Offset);
        var found = _readEvent.Bind(1, row).Step();
        var readable = false;
        if (found && rows.TryOpen(RowPurpose.Event, row, _readEvent.Bytes(0), out var content) && EventRow.TryRead(content, out var stored))
        {
            readable = true;
            EventRow.Write(rows.Content, commit, stored.TimeMs, stored.Member, MessageTypes.MessageErased, []);
        }
        _readEvent.Reset();
        draft.Erased |= found;
        if (readable)
            _updateEvent.Bind(1, row).Bind(2, rows.Seal(RowPurpose.Event, row)).Run();
        else if (found)
            _deleteEvents.Bind(1, row).Bind(2, row + 1).Run();
        return readable || !found;
    }

    public static void MarkComplete(ReplicaDraft draft, MarkComplete complete)
    {
        var topic = draft.Find(complete.Topic);
        draft.Set(topic with { Topic = topic.Topic with { CompleteThrough = complete.Through, CompleteAtMs = complete.AtMs } });
    }

    /// <summary>Writes the topics that changed.</summary>
    public void Flush(ReplicaDraft draft, ulong commit)
    {
        foreach (var topic in draft.Changed)
        {
            topic.Write(rows.Content, commit);
            _putTopic.Bind(1, topic.Number).Bind(2, rows.Seal(RowPurpose.Topic, topic.Number)).Run();
        }
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _putTopic, _deleteTopic, _addEvent, _updateEvent, _readEvent, _deleteEvents })
            statement.Dispose();
    }

    private bool Add(long topic, ulong commit, ReplicaEvent added)
    {
        if (added.Offset is 0 or > EventRow.OffsetMax)
            throw new ArgumentException($"Offset {added.Offset} is out of range: a topic has at most {EventRow.OffsetMax} events.");
        var row = EventRow.RowOf(topic, added.Offset);
        EventRow.Write(rows.Content, commit, added.TimeMs, added.Member, added.Type, added.Payload);
        return _addEvent.Bind(1, row).Bind(2, rows.Seal(RowPurpose.Event, row)).Run() == 1;
    }

    private void Replace(long row, ulong commit, ReplicaEvent by)
    {
        EventRow.Write(rows.Content, commit, by.TimeMs, by.Member, by.Type, by.Payload);
        _updateEvent.Bind(1, row).Bind(2, rows.Seal(RowPurpose.Event, row)).Run();
    }
}

/// <summary>The topics as a transaction leaves them.</summary>
internal sealed class ReplicaDraft(ImmutableDictionary<string, TopicRow> topics)
{
    private readonly ImmutableDictionary<string, TopicRow>.Builder _topics = topics.ToBuilder();
    private readonly HashSet<string> _changed = [];

    /// <summary>Topics whose events were dropped.</summary>
    public List<string> Emptied { get; } = [];

    /// <summary>A payload was destroyed: what remains of it in the log must go too.</summary>
    public bool Erased { get; set; }

    public IEnumerable<TopicRow> Changed => _changed.Select(name => _topics[name]);

    public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TopicRow? topic) => _topics.TryGetValue(name, out topic);

    public TopicRow Find(string name) =>
        _topics.TryGetValue(name, out var topic) ? topic : throw new ArgumentException("The topic was never put into the store.");

    public void Set(TopicRow topic)
    {
        _topics[topic.Topic.Name] = topic;
        _changed.Add(topic.Topic.Name);
    }

    public ImmutableDictionary<string, TopicRow> Done() => _topics.ToImmutable();
}
