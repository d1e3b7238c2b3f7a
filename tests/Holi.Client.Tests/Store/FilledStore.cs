using System.Text;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>
/// A store with some of everything, to be damaged: commands that were committed, rewritten, small and large; topics with events, with history, erased, of another epoch.
/// <see cref="Check"/> says whether what a damaged copy gives is right: each command and event is either as it was, or reported.
/// </summary>
internal sealed class FilledStore
{
    public const uint Generation = 3;
    private const ulong Known = 40;
    private const ulong LastAssigned = 300;
    private const int LargeEvery = 50;
    private const int LargeChars = 12_000;
    private static readonly string[] Topics = ["conversation/a", "conversation/b", "user/ana"];
    private static readonly ulong[] Rewritten = [211, 222, 233];

    private readonly Dictionary<ulong, OutboxCommand> _commands = [];
    private readonly Dictionary<(string, ulong), ReplicaEvent> _events = [];
    private readonly DeviceIdentity _identity;

    public FilledStore(IDeviceStore store)
    {
        store.Write([new StartGeneration(Generation), .. Topics.Select(name => new PutTopic(NewTopic(name, epoch: 1)))]);
        store.Write([new AppendEvents(Topics[0], 60, Events(1, 60, Topics[0])), new PutTopic(NewTopic(Topics[0], epoch: 2, cursor: 20))]);
        for (var seq = 1UL; seq <= LastAssigned; seq += 20)
        {
            var writes = new List<StoreWrite>();
            for (var each = seq; each < seq + 20; each++)
                writes.Add(new QueueCommand(Queued(Command(each, TextOf(each)))));
            foreach (var name in Topics)
                writes.Add(new AppendEvents(name, 20 + seq + 19, [.. Enumerable.Range(0, 12).Select(at => Stored(Event(20 + seq + (ulong)at, TextOf(seq + (ulong)at), name)))]));
            store.Write(writes);
        }
        store.Write([new RaiseSendFloor(100), new DropCommitted(Known, Digest(4)), new AddHistory(Topics[1], [Stored(Event(3, "old", Topics[1]))])]);
        store.Write([.. Rewritten.Select(seq => new RewriteCommand(seq, Rewrite(seq)))]);
        store.Write([new EraseEvent(Topics[2], 25)]);
        _events[(Topics[2], 25)] = _events[(Topics[2], 25)] with { Type = MessageTypes.MessageErased, Payload = [] };
        store.Write([new MarkComplete(Topics[0], 100, 7)]);
        for (var seq = 1UL; seq <= Known; seq++)
            _commands.Remove(seq);
        _identity = store.ReadIdentity();
    }

    public int Commands => _commands.Count;

    /// <summary>All is as it was.</summary>
    public void CheckWhole(IDeviceStore store)
    {
        store.ReadIdentity().ShouldBe(_identity);
        Check(store).ShouldBe((0, 0));
        store.Damage.Any.ShouldBeFalse();
    }

    /// <summary>What is there is right, what is missing is reported; returns how many commands and topics were lost.</summary>
    public (int Commands, int Topics) Check(IDeviceStore store)
    {
        var read = ReadAll(store);
        var topics = store.ReadTopics();
        var lost = 0;
        foreach (var name in Topics)
            lost += CheckTopic(store, name, topics.SingleOrDefault(topic => topic.Name == name)) ? 0 : 1;

        var damage = store.Damage;
        if (store.ReadIdentity().Device == _identity.Device)
        {
            store.ReadIdentity().LastAssigned.ShouldBe(_identity.LastAssigned);
            read.Select(command => command.Seq).Concat(damage.LostCommands).Order().ShouldBe(_commands.Keys.Order(), "each is either read or reported");
        }
        foreach (var command in read)
            ShouldBeSame(command, _commands[command.Seq]);
        store.ReadOutboxSize().Count.ShouldBe(read.Count);
        if (damage.LostCommands.Count > 0 || damage.FileReplaced)
            store.ReadIdentity().Generation.ShouldBe(0U, "a hole or a replaced file calls for a new generation");
        return (_commands.Count - read.Count, lost);
    }

    /// <summary>After damage: a new generation closes the holes and keeps who each command was.</summary>
    public void CheckRenumbering(IDeviceStore store)
    {
        var before = ReadAll(store);
        store.Write([new StartGeneration(Generation + 1)]);
        store.Damage.LostCommands.ShouldBeEmpty();
        var after = ReadAll(store);
        after.Select(command => command.Seq).ShouldBe(Enumerable.Range(1, before.Count).Select(seq => (ulong)seq));
        foreach (var (old, renumbered) in before.Zip(after))
            ShouldBeSame(renumbered, _commands[old.Seq] with { Seq = renumbered.Seq, FirstGeneration = Generation, FirstSeq = old.Seq });
        var identity = store.ReadIdentity();
        (identity.Generation, identity.LastAssigned, identity.Known).ShouldBe((Generation + 1, (ulong)before.Count, 0UL));
        store.ReadOutboxSize().Count.ShouldBe(before.Count); // the bytes are counted with hints, which the damage may have hit
    }

    public static List<OutboxCommand> ReadAll(IDeviceStore store)
    {
        var all = new List<OutboxCommand>();
        while (store.ReadOutbox(all.Count == 0 ? 0 : all[^1].Seq, 64, int.MaxValue) is { Count: > 0 } some)
            all.AddRange(some);
        return all;
    }

    private static string TextOf(ulong seq) => seq % LargeEvery == 7 ? new string((char)('a' + (seq % 26)), LargeChars) : $"message {seq} of many";

    private bool CheckTopic(IDeviceStore store, string name, ReplicaTopic? topic)
    {
        var events = store.ReadEvents(name, 0, 10_000);
        foreach (var each in events)
            ShouldBeSame(each, _events[(name, each.Offset)]);
        if (topic is null)
        {
            events.ShouldBeEmpty();
            return false;
        }
        if (store.Damage.TopicsToRefetch.Contains(name))
            return false;
        topic.Cursor.ShouldBe(LastAssigned + 20);
        events.Count.ShouldBe(_events.Keys.Count(key => key.Item1 == name), $"a topic with missing events is reported: {name}");
        return true;
    }

    private OutboxCommand Queued(OutboxCommand command) => _commands[command.Seq] = command;

    private ReplicaEvent Stored(ReplicaEvent stored) => _events[(stored.Topic, stored.Offset)] = stored;

    private byte[] Rewrite(ulong seq)
    {
        var payload = Encoding.UTF8.GetBytes($"rewritten {seq}");
        _commands[seq] = _commands[seq] with { Payload = payload };
        return payload;
    }
}
