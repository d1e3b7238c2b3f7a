using Holi.Client;
using Holi.Gateway.Storage;
using Holi.Simulation.Device;
using Holi.Simulation.Log;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Proof;

/// <summary>
/// Reads a run's history in order and holds it against the invariants: D and O by what commands left in the log, S and X by what devices
/// stored and what was put on the wire, E by epochs. L and B were looked at while it ran.
/// </summary>
internal sealed class Checker(Run run)
{
    private readonly Dictionary<(TopicKey Key, ulong Epoch), ModelTopic> _topics = [];
    private readonly Dictionary<(TopicKey Key, string User), ulong> _read = [];
    private readonly Dictionary<string, SimDevice> _devices = run.Devices.ToDictionary(d => d.Copy);
    private readonly Dictionary<(string Copy, string Topic), (ulong Epoch, ulong Cursor)> _cursors = [];
    private readonly Dictionary<(TopicKey Key, ulong Epoch, (string Copy, int Lineage) Disk), int> _lastOf = [];
    private readonly Dictionary<(TopicKey Topic, ulong Epoch, uint Member), List<ulong>> _typed = [];
    private readonly HashSet<FirstIdentity> _lost = [];
    private readonly HashSet<int> _lostNumbers = [];
    private readonly HashSet<FirstIdentity> _acknowledged = [];
    private HashSet<int> _numbers = [];
    private Effects _effects = new();
    private bool _wasErasedUnseen;

    public void Check()
    {
        foreach (var fact in run.History.Facts)
        {
            Look(fact);
            if (run.Failure is not null)
                return;
        }
        CheckErasures();
    }

    private void Look(Fact fact)
    {
        switch (fact)
        {
            case BatchCommitted batch:
                Commit(batch);
                break;
            case LogRestored restored:
                _lost.UnionWith(_effects.Identities);
                _lostNumbers.UnionWith(_numbers);
                Replace(restored.Data);
                break;
            case BatchesLost lost:
                Replace(lost.Data);
                foreach (var identity in _acknowledged.Where(i => !_effects.Has(i)))
                    Fail('D', $"{identity} was acknowledged and is gone.");
                break;
            case CommandForgotten forgotten:
                Forget(forgotten);
                break;
            case CommandAnswered { Code: HoliCode.None } answered when run.NumberedCommands.Contains(answered.Command):
                if (!_numbers.Contains(answered.Command) && !_wasErasedUnseen && !_lostNumbers.Contains(answered.Command))
                    Fail('D', $"{answered.Copy} was told that #{answered.Command} is committed, and it is not.");
                break;
            case DeviceReplaced replaced:
                foreach (var key in _cursors.Keys.Where(k => k.Copy == replaced.Copy).ToArray())
                    _cursors.Remove(key);
                foreach (var topic in replaced.Disk.Topics.Values)
                    _cursors[(replaced.Copy, topic.Topic.Name)] = (topic.Topic.Epoch, topic.Topic.Cursor);
                break;
            case TopicPut put:
                Put(put);
                break;
            case EventsKept kept:
                Keep(kept);
                break;
            case HistoryStored history:
                foreach (var e in history.Events)
                    See(_devices[history.Copy], history.Topic, history.Epoch, e);
                break;
            case EventSent { Event: var sent }:
                if (Model(sent)?.MaySee(sent.User, sent.Offset) == false)
                    Fail('X', $"{sent.Tenant}/{sent.User} was sent {sent.Topic.Name} {sent.Offset}.");
                break;
            case PositionSent { Event: var sent, What: var what }:
                if (Model(sent)?.MayKnowOf(sent.User, sent.Offset) == false)
                    Fail('X', $"{sent.Tenant}/{sent.User} was told of {sent.Topic.Name} {sent.Offset}: {what}.");
                break;
            case TypedAt { Typed: var typed, Member: var number }:
                Typed((typed.Topic, typed.Epoch, number)).Add(typed.Offset);
                break;
            case TypingSent { Topic: var sent, Member: var number }:
                if (Model(sent) is { } watched && !Typed((sent.Topic, sent.Epoch, number)).Exists(head => watched.MayKnowOf(sent.User, head)))
                    Fail('X', $"{sent.Tenant}/{sent.User} was shown who typed in {sent.Topic.Name} after they were removed.");
                break;
            case RosterSent { Topic: var sent, Users: var users }:
                if (Model(sent)?.WasRoster(sent.User, users) == false)
                    Fail('X', $"{sent.Tenant}/{sent.User} was shown {string.Join(' ', users)} in {sent.Topic.Name}.");
                break;
        }
    }

    private void Commit(BatchCommitted batch)
    {
        foreach (var e in batch.Events)
        {
            var topic = Topic((e.Topic.Key, e.Topic.Epoch));
            var added = new ModelEvent(e.Offset, e.TimeMs, e.Member, e.Type, e.Payload);
            if (topic.Append(added, e.Command is not null))
                run.Saw(Sight.AddedBack);
            if (e.Type == MessageTypes.MemberRole && e.Member == 0)
                run.Saw(Sight.OwnerSucceeded);
            // Deleted in the batch that it came with: its number was never written.
            _wasErasedUnseen |= added.IsErased;
            if (e.Command is { } command)
                Apply(e, command);
            Count(e.Topic.Key, e.Topic.Epoch, added);
        }
        foreach (var (topic, offset) in batch.Erasures)
            Topic((topic.Key, topic.Epoch)).At(offset)!.IsErased = true;
        foreach (var topic in batch.State.Topics.Values)
        {
            foreach (var member in topic.Members.Values)
                _read[(topic.Key, member.User)] = member.Present ? member.Read : ulong.MaxValue;
        }
    }

    private void Apply(NewEvent e, AppliedCommand command)
    {
        var own = new FirstIdentity(command.Device.Key, command.Generation, command.Seq, 0);
        var first = command.FirstGeneration == 0 ? own : own with { Generation = command.FirstGeneration, Seq = command.FirstSeq };
        if (own != first)
            run.Saw(Sight.CommandAgainApplied);
        if (!_effects.TryAdd(own, first, new Effect(e.Topic.Key.Name, e.Type, e.Payload)))
            Fail('O', $"{own} took effect twice, now at {e.Topic.Key.Name} {e.Offset}.");
    }

    // Each of our numbers is there once, and those of one device are in the order in which they were queued. What went with a lost history may come
    // again from an older copy of the device, behind what the device said since: order is promised within a life of either.
    private void Count(TopicKey key, ulong epoch, ModelEvent added)
    {
        if (added.Number == 0)
            return;
        if (!_numbers.Add(added.Number))
            Fail('O', $"#{added.Number} took effect twice, now at {key.Name} {added.Offset}.");
        var disk = run.OriginOf(added.Number);
        var cameAgain = run.Copied.Contains(_devices[disk.Copy].Key) && _lostNumbers.Contains(added.Number);
        if (_lastOf.TryGetValue((key, epoch, disk), out var last) && last > added.Number && !cameAgain)
            Fail('O', $"#{added.Number} of {disk.Copy}, disk {disk.Lineage}, stands behind its #{last} in {key.Name}.");
        _lastOf[(key, epoch, disk)] = added.Number;
    }

    private void Forget(CommandForgotten forgotten)
    {
        var command = forgotten.Command;
        var device = _devices[forgotten.Copy];
        var own = new FirstIdentity(device.Key, forgotten.Generation, command.Seq, 0);
        var first = command.FirstGeneration == 0 ? own : own with { Generation = command.FirstGeneration, Seq = command.FirstSeq };
        if (_effects.HasEffectOf(command, own, first))
            _acknowledged.Add(own);
        else if (!_lost.Contains(own) && !_lost.Contains(first) && !IsRead(command, device))
            Fail('D', $"{forgotten.Copy} forgot {own} (first {first.Generation}:{first.Seq}, type {command.Type}), which had no effect.");
    }

    private bool IsRead(OutboxCommand command, SimDevice device)
    {
        if (command.Type != MessageTypes.ReadMark || !ReadMark.TryRead(new(command.Payload), out var mark))
            return false;
        var key = new TopicKey(device.Tenant, command.Topic);
        return run.HasLostHistory || run.Copied.Contains(device.Key) || !_read.TryGetValue((key, device.User), out var read)
            || read >= Math.Min(mark.Offset, _topics.Where(t => t.Key.Key == key).Max(t => t.Value.Head));
    }

    private void Put(TopicPut put)
    {
        if (put is { EpochBefore: not 0, Epoch: not 0 } && put.EpochBefore != put.Epoch)
            run.Saw(Sight.EpochResetAnnounced);
        if (!_cursors.TryGetValue((put.Copy, put.Topic), out var known) || known.Epoch != put.Epoch)
            _cursors[(put.Copy, put.Topic)] = (put.Epoch, put.Cursor);
        else if (known.Cursor != put.Cursor)
            Fail('S', $"{put.Copy} moved its cursor of {put.Topic} from {known.Cursor} to {put.Cursor} without events.");
    }

    private void Keep(EventsKept kept)
    {
        var device = _devices[kept.Copy];
        var known = _cursors[(kept.Copy, kept.Topic)];
        if (known.Epoch != kept.Epoch || known.Cursor != kept.After)
            Fail('S', $"{kept.Copy} appended to {kept.Topic} behind {kept.After} (epoch {kept.Epoch}); it had stored {known.Cursor} (epoch {known.Epoch}).");
        _cursors[(kept.Copy, kept.Topic)] = (kept.Epoch, kept.Cursor);
        foreach (var e in kept.Events)
            See(device, kept.Topic, kept.Epoch, e);
        var topic = Topic((new TopicKey(device.Tenant, kept.Topic), kept.Epoch));
        if (kept.Cursor > topic.Head)
            Fail('S', $"{kept.Copy} has {kept.Topic} through {kept.Cursor}, and the log through {topic.Head}.");
        var next = 0;
        for (var offset = kept.After + 1; offset <= kept.Cursor; offset++)
        {
            if (next < kept.Events.Count && kept.Events[next].Offset == offset)
                next++;
            else if (topic.MustSee(device.User, offset) && !((kept.After == 0 || topic.WasBack(device.User)) && offset + (ulong)run.Scenario.Sizes.Backlog <= topic.Head))
                Fail('S', $"{kept.Copy} has {kept.Topic} through {kept.Cursor} without {offset}.");
        }
    }

    private void See(SimDevice device, string name, ulong epoch, ReplicaEvent seen)
    {
        var topic = Topic((new TopicKey(device.Tenant, name), epoch));
        if (topic.At(seen.Offset) is not { } there || !there.Is(seen))
            Fail('S', $"{device.Copy} has another event at {name} {seen.Offset} (epoch {epoch}) than the log.");
        if (!topic.MaySee(device.User, seen.Offset))
            Fail('X', $"{device.Copy} has {name} {seen.Offset}, which is not theirs.");
    }

    // What was deleted is on no device that heard of it.
    private void CheckErasures()
    {
        foreach (var device in run.Devices)
        {
            foreach (var kept in device.Disk.Topics.Values)
            {
                if (!_topics.TryGetValue((new TopicKey(device.Tenant, kept.Topic.Name), kept.Topic.Epoch), out var topic))
                    continue;
                foreach (var deleted in kept.Events.Values.Where(e => e.Type == MessageTypes.MessageDelete))
                {
                    if (MessageDelete.TryRead(new(deleted.Payload), out var delete) && kept.Events.TryGetValue(delete.Offset, out var e) && e.Type != MessageTypes.MessageErased)
                        Fail('S', $"{device.Copy} still holds {kept.Topic.Name} {delete.Offset}, deleted by {deleted.Offset}.");
                }
            }
        }
    }

    private void Replace(LogData data)
    {
        _effects = new Effects();
        _numbers = [];
        _lastOf.Clear();
        foreach (var topic in data.All)
        {
            var model = _topics[(topic.Key, topic.Epoch)] = ModelTopic.Of(topic);
            foreach (var e in topic.Events.Where(e => e.First is not null))
            {
                var own = new FirstIdentity(e.Origin!.Value, e.Stored.Identity.Generation, e.Stored.Identity.Seq, 0);
                _effects.TryAdd(own, e.First!.Value with { Check = 0 }, new Effect(topic.Key.Name, e.Stored.Type, e.Stored.Payload));
            }
            foreach (var e in model.Events)
                Count(topic.Key, topic.Epoch, e);
        }
    }

    private List<ulong> Typed((TopicKey Topic, ulong Epoch, uint Member) where)
    {
        if (!_typed.TryGetValue(where, out var heads))
            _typed.Add(where, heads = []);
        return heads;
    }

    private ModelTopic? Model(in WireEvent sent) => _topics.GetValueOrDefault((sent.Topic, sent.Epoch));

    private ModelTopic Topic((TopicKey Key, ulong Epoch) at)
    {
        if (!_topics.TryGetValue(at, out var topic))
            _topics.Add(at, topic = new ModelTopic(at.Key.Name));
        return topic;
    }

    private void Fail(char invariant, string words) => run.Fail(invariant, words);
}
