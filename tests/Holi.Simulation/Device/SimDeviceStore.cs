using Holi.Client;
using Holi.Simulation.Proof;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Device;

/// <summary>
/// A device's store on a <see cref="DeviceDisk"/>, and its contract to the letter: what <see cref="Write"/> returned from is written, whole;
/// what it threw from is not there; only what needs it is synced. What happens is written into the history.
/// </summary>
public sealed class SimDeviceStore(DeviceDisk disk, History? history, string copy, PlantedBug bug = PlantedBug.None) : IDeviceStore
{
    public bool IsFull { get; set; }

    public StoreDamage Damage => StoreDamage.None;

    public DeviceIdentity ReadIdentity() => new(disk.Device, disk.Generation, disk.LastAssigned, disk.Known, disk.Digest, disk.SendFloor, disk.Openings);

    public void Write(IReadOnlyList<StoreWrite> writes)
    {
        if (IsFull)
            throw new DeviceStoreException(DeviceStoreFailure.DiskFull, "The disk is full.");
        var syncs = writes.Any(write => write.NeedsSync);
        if (!syncs)
            disk.Synced ??= disk.Clone();
        foreach (var write in writes)
            Apply(write);
        if (syncs)
            disk.Synced = null;
    }

    public IReadOnlyList<OutboxCommand> ReadOutbox(ulong after, int countMax, int bytesMax)
    {
        var read = new List<OutboxCommand>();
        var bytes = 0;
        foreach (var command in disk.Outbox)
        {
            if (command.Seq <= after)
                continue;
            bytes += command.Payload.Length;
            if (read.Count >= countMax || (read.Count > 0 && bytes > bytesMax))
                break;
            read.Add(command);
        }
        return read;
    }

    public (long Count, long Bytes) ReadOutboxSize() => (disk.Outbox.Count, disk.Outbox.Sum(c => (long)c.Payload.Length));

    public IReadOnlyList<ReplicaTopic> ReadTopics() => [.. disk.Topics.Values.Select(t => t.Topic)];

    public IReadOnlyList<ReplicaEvent> ReadEvents(string topic, ulong after, int countMax) =>
        disk.Topics.TryGetValue(topic, out var stored) ? [.. stored.Events.Values.Where(e => e.Offset > after).Take(countMax)] : [];

    public IReadOnlyList<ReplicaEvent> ReadEventsBack(string topic, ulong before, int countMax) =>
        disk.Topics.TryGetValue(topic, out var stored)
            ? [.. stored.Events.Values.Where(e => before == 0 || e.Offset < before).TakeLast(countMax)]
            : [];

    public void Dispose()
    {
    }

    private void Apply(StoreWrite write)
    {
        switch (write)
        {
            case QueueCommand queue:
                Require(queue.Command.Seq == disk.LastAssigned + 1, "a command out of order");
                disk.Outbox.Add(queue.Command);
                disk.LastAssigned = queue.Command.Seq;
                break;
            case RewriteCommand rewrite:
                Require(rewrite.Seq > disk.SendFloor, "a command rewritten that may have been sent");
                var index = disk.Outbox.FindIndex(c => c.Seq == rewrite.Seq);
                Require(index >= 0, "a command rewritten that is not queued");
                disk.Outbox[index] = disk.Outbox[index] with { Payload = rewrite.Payload };
                break;
            case RaiseSendFloor raise:
                Require(raise.Seq <= disk.LastAssigned, "a floor above what was assigned");
                disk.SendFloor = Math.Max(disk.SendFloor, raise.Seq);
                break;
            case ReserveOpenings reserve:
                Require(reserve.Through > disk.Openings, "openings that are reserved already");
                disk.Openings = reserve.Through;
                break;
            case DropCommitted drop:
                Drop(drop);
                break;
            case StartGeneration start:
                Renumber(start.Generation);
                break;
            default:
                ApplyToReplica(write);
                break;
        }
    }

    private void ApplyToReplica(StoreWrite write)
    {
        switch (write)
        {
            case PutTopic put:
                Put(put.Topic);
                break;
            case AppendEvents append:
                Append(append);
                break;
            case AddHistory added:
                var topic = Find(added.Topic);
                foreach (var e in added.Events.Where(e => e.Offset <= topic.Topic.Cursor))
                    topic.Events.TryAdd(e.Offset, e);
                history?.Add(new HistoryStored(copy, added.Topic, topic.Topic.Epoch, added.Events));
                break;
            case EraseEvent erase when Find(erase.Topic).Events.TryGetValue(erase.Offset, out var erased):
                Find(erase.Topic).Events[erase.Offset] = erased with { Type = MessageTypes.MessageErased, Payload = [] };
                break;
            case MarkComplete complete:
                var marked = Find(complete.Topic);
                disk.Topics[complete.Topic] = marked with
                {
                    Topic = marked.Topic with { CompleteThrough = complete.Through, CompleteAtMs = complete.AtMs },
                };
                break;
        }
    }

    private void Drop(DropCommitted drop)
    {
        Require(drop.Known >= disk.Known && drop.Known <= disk.LastAssigned, "known out of range");
        foreach (var command in disk.Outbox.Where(c => c.Seq <= drop.Known))
            history?.Add(new CommandForgotten(copy, disk.Generation, command));
        disk.Outbox.RemoveAll(c => c.Seq <= drop.Known);
        (disk.Known, disk.Digest, disk.SendFloor) = (drop.Known, drop.Digest, Math.Max(disk.SendFloor, drop.Known));
    }

    private void Renumber(uint generation)
    {
        var seq = 0UL;
        for (var i = 0; i < disk.Outbox.Count; i++)
        {
            var command = disk.Outbox[i];
            disk.Outbox[i] = command.FirstGeneration != 0
                ? command with { Seq = ++seq }
                : command with { Seq = ++seq, FirstGeneration = disk.Generation == 0 ? DeviceDisk.OwnGeneration : disk.Generation, FirstSeq = command.Seq };
        }
        (disk.Generation, disk.LastAssigned, disk.Known, disk.Digest, disk.SendFloor) = (generation, seq, 0, default, 0);
    }

    private void Put(ReplicaTopic topic)
    {
        var kept = disk.Topics.TryGetValue(topic.Name, out var stored) && stored.Topic.Epoch == topic.Epoch;
        disk.Topics[topic.Name] = kept ? stored! with { Topic = topic } : new DeviceTopic(topic, []);
        history?.Add(new TopicPut(copy, topic.Name, topic.Epoch, topic.Cursor, stored?.Topic.Epoch ?? 0, topic.Gone));
    }

    private void Append(AppendEvents append)
    {
        var topic = Find(append.Topic);
        var cursor = topic.Topic.Cursor;
        foreach (var e in append.Events)
        {
            Require(e.Offset > cursor && e.Offset <= append.Cursor, "an event that does not lie behind the cursor");
            cursor = e.Offset;
            topic.Events[e.Offset] = e;
        }
        Require(append.Cursor >= cursor, "a cursor that goes back");
        history?.Add(new EventsKept(copy, append.Topic, topic.Topic.Epoch, topic.Topic.Cursor, append.Cursor, append.Events));
        if (bug == PlantedBug.NoClientDedup)
            disk.UnsyncedCursors.TryAdd(append.Topic, topic.Topic.Cursor);
        disk.Topics[append.Topic] = topic with { Topic = topic.Topic with { Cursor = append.Cursor } };
    }

    private DeviceTopic Find(string topic) =>
        disk.Topics.TryGetValue(topic, out var found) ? found : throw new ArgumentException("A topic that was never put.");

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new ArgumentException($"The engine wrote {what}.");
    }
}
