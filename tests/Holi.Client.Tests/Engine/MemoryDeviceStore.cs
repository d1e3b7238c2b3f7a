using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Engine;

/// <summary>A device's store in memory, strict about its contract: what contradicts it throws.</summary>
internal sealed class MemoryDeviceStore : IDeviceStore
{
    /// <summary>Of what is queued before there is a generation (§6.4); a real store's is random.</summary>
    public const uint OwnGeneration = WireLimits.OwnGenerationMin + 7;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, OutboxCommand> _outbox = [];
    private readonly Dictionary<string, ReplicaTopic> _topics = [];
    private readonly Dictionary<string, SortedDictionary<ulong, ReplicaEvent>> _events = [];
    private DeviceIdentity _identity = new("device-1", 0, 0, 0, default, 0, 0);

    /// <summary>The next writes throw this.</summary>
    public Exception? FailWith { get; set; }

    public List<IReadOnlyList<StoreWrite>> Batches { get; } = [];

    public StoreDamage Damage { get; set; } = StoreDamage.None;

    public DeviceIdentity ReadIdentity() => _identity;

    public void Become(DeviceIdentity identity) => _identity = identity;

    public void Remove(ulong seq) => _outbox.Remove(seq);

    /// <summary>A copy, as a backup would be.</summary>
    public MemoryDeviceStore Clone()
    {
        var copy = new MemoryDeviceStore();
        copy.Become(_identity);
        foreach (var (seq, command) in _outbox)
            copy._outbox.Add(seq, command);
        foreach (var (name, topic) in _topics)
            copy._topics.Add(name, topic);
        foreach (var (name, events) in _events)
            copy._events.Add(name, new(events));
        return copy;
    }

    public void Write(IReadOnlyList<StoreWrite> writes)
    {
        if (FailWith is not null)
            throw FailWith;
        writes.ShouldNotBeEmpty();
        lock (_lock)
        {
            Batches.Add(writes);
            foreach (var write in writes)
                Apply(write);
        }
    }

    public IReadOnlyList<OutboxCommand> ReadOutbox(ulong after, int countMax, int bytesMax)
    {
        using var held = _lock.EnterScope();
        var page = new List<OutboxCommand>();
        var bytes = 0;
        foreach (var command in _outbox.Values.Where(c => c.Seq > after).Take(countMax))
        {
            bytes += command.Payload.Length;
            if (page.Count > 0 && bytes > bytesMax)
                break;
            page.Add(command);
        }
        return page;
    }

    public (long Count, long Bytes) ReadOutboxSize() => (_outbox.Count, _outbox.Values.Sum(c => (long)c.Payload.Length));

    public IReadOnlyList<ReplicaTopic> ReadTopics() => [.. _topics.Values];

    public IReadOnlyList<ReplicaEvent> ReadEvents(string topic, ulong after, int countMax)
    {
        lock (_lock)
            return _events.TryGetValue(topic, out var events) ? [.. events.Values.Where(e => e.Offset > after).Take(countMax)] : [];
    }

    public IReadOnlyList<ReplicaEvent> ReadEventsBack(string topic, ulong before, int countMax)
    {
        lock (_lock)
        {
            return _events.TryGetValue(topic, out var events)
                ? [.. events.Values.Where(e => before == 0 || e.Offset < before).TakeLast(countMax)] : [];
        }
    }

    public void Dispose()
    {
    }

    private void Apply(StoreWrite write)
    {
        switch (write)
        {
            case QueueCommand queue:
                queue.Command.Seq.ShouldBe(_identity.LastAssigned + 1);
                _outbox.Add(queue.Command.Seq, queue.Command);
                _identity = _identity with { LastAssigned = queue.Command.Seq };
                break;
            case RewriteCommand rewrite:
                rewrite.Seq.ShouldBeGreaterThan(_identity.SendFloor);
                _outbox[rewrite.Seq] = _outbox[rewrite.Seq] with { Payload = rewrite.Payload };
                break;
            case RaiseSendFloor floor:
                floor.Seq.ShouldBeInRange(_identity.SendFloor, _identity.LastAssigned);
                _identity = _identity with { SendFloor = floor.Seq };
                break;
            case ReserveOpenings reserve:
                reserve.Through.ShouldBeGreaterThan(_identity.Openings);
                _identity = _identity with { Openings = reserve.Through };
                break;
            case DropCommitted drop:
                drop.Known.ShouldBeInRange(_identity.Known, _identity.LastAssigned);
                foreach (var seq in _outbox.Keys.Where(seq => seq <= drop.Known).ToArray())
                    _outbox.Remove(seq);
                _identity = _identity with { Known = drop.Known, Digest = drop.Digest };
                break;
            case StartGeneration start:
                Renumber(start.Generation);
                break;
            case PutTopic put:
                if (_topics.TryGetValue(put.Topic.Name, out var old) && old.Epoch != put.Topic.Epoch)
                    _events.Remove(put.Topic.Name);
                _topics[put.Topic.Name] = put.Topic;
                break;
            case AppendEvents append:
                Append(append);
                break;
            case AddHistory history:
                foreach (var e in history.Events.Where(e => e.Offset <= _topics[history.Topic].Cursor))
                    EventsOf(history.Topic).TryAdd(e.Offset, e);
                break;
            case EraseEvent erase when EventsOf(erase.Topic).TryGetValue(erase.Offset, out var erased):
                EventsOf(erase.Topic)[erase.Offset] = erased with { Type = MessageTypes.MessageErased, Payload = [0x90] };
                break;
            case MarkComplete complete:
                _topics[complete.Topic] = _topics[complete.Topic] with { CompleteThrough = complete.Through, CompleteAtMs = complete.AtMs };
                break;
        }
    }

    private void Append(AppendEvents append)
    {
        var topic = _topics[append.Topic];
        var last = topic.Cursor;
        foreach (var added in append.Events)
        {
            added.Offset.ShouldBeGreaterThan(last);
            EventsOf(append.Topic).Add(added.Offset, added);
            last = added.Offset;
        }
        append.Cursor.ShouldBeGreaterThanOrEqualTo(last);
        _topics[append.Topic] = topic with { Cursor = append.Cursor };
    }

    private void Renumber(uint generation)
    {
        var queued = _outbox.Values.ToArray();
        _outbox.Clear();
        ulong seq = 0;
        foreach (var command in queued)
        {
            var isFirst = command.FirstSeq == 0;
            _outbox.Add(++seq, command with
            {
                Seq = seq,
                FirstGeneration = !isFirst ? command.FirstGeneration : _identity.Generation != 0 ? _identity.Generation : OwnGeneration,
                FirstSeq = isFirst ? command.Seq : command.FirstSeq,
            });
        }
        _identity = _identity with { Generation = generation, LastAssigned = seq, Known = 0, Digest = default, SendFloor = 0 };
    }

    private SortedDictionary<ulong, ReplicaEvent> EventsOf(string topic)
    {
        if (!_events.TryGetValue(topic, out var events))
            _events.Add(topic, events = []);
        return events;
    }
}
