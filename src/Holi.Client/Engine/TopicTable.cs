using System.Diagnostics.CodeAnalysis;
using System.Text;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>The topics that this device knows: by name always, by number while a connection lasts.</summary>
internal sealed class TopicTable
{
    private readonly Dictionary<string, TopicState> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, TopicState> _byNumber = [];
    private readonly Dictionary<string, (ulong Epoch, ulong Cursor)> _announced = new(StringComparer.Ordinal);

    public TopicTable(IEnumerable<ReplicaTopic> stored)
    {
        foreach (var topic in stored)
            _byName.Add(topic.Name, new TopicState(topic));
    }

    public IEnumerable<TopicState> All => _byName.Values;

    public uint NumberOf(string name) => _byName.TryGetValue(name, out var topic) ? topic.Number : 0;

    public bool TryGet(uint number, [NotNullWhen(true)] out TopicState? topic) => _byNumber.TryGetValue(number, out topic);

    public TopicState? Find(string name) => _byName.GetValueOrDefault(name);

    public TopicState GetOrAdd(string name)
    {
        if (!_byName.TryGetValue(name, out var topic))
            _byName.Add(name, topic = new TopicState(name));
        return topic;
    }

    /// <summary>
    /// The cursors for Hello: what the store surely holds, as many as fit into <paramref name="bytesMax"/>. False where not all do: the rest
    /// is asked for by Follow when their topics are announced.
    /// </summary>
    public bool TryGetCursors(int bytesMax, out List<TopicCursor> cursors)
    {
        cursors = [];
        _announced.Clear();
        // One's own topic first, then those heard of last: what a person looks at is caught up with first.
        var held = _byName.Values.Select(t => t.Synced).OfType<ReplicaTopic>().Where(t => t is { Epoch: not 0, Gone: false });
        foreach (var topic in held.OrderBy(t => !t.Name.StartsWith("user/", StringComparison.Ordinal)).ThenByDescending(t => t.CompleteAtMs))
        {
            // MessagePack: an array of three, a text of up to 128 bytes, two whole numbers.
            bytesMax -= 1 + 2 + Encoding.UTF8.GetByteCount(topic.Name) + 9 + 9;
            if (bytesMax < 0)
                return false;
            cursors.Add(new TopicCursor(topic.Name, topic.Epoch, topic.Cursor));
            _announced[topic.Name] = (topic.Epoch, topic.Cursor);
        }
        return true;
    }

    /// <summary>True where this connection's Hello or Follow named a cursor.</summary>
    public bool IsNamed(string name) => _announced.ContainsKey(name);

    /// <summary>Follow names this cursor.</summary>
    public void Follow(TopicState topic, ulong cursor) => _announced[topic.Name] = (topic.Now.Epoch, cursor);

    /// <summary>Topic came.</summary>
    public TopicState Announce(TopicFrame frame)
    {
        var topic = GetOrAdd(frame.Name);
        if (topic.Number != 0)
            _byNumber.Remove(topic.Number);
        // A cursor of another epoch is no cursor: the gateway begins at its start.
        topic.Announce(frame, _announced.TryGetValue(frame.Name, out var named) && named.Epoch == frame.Epoch ? named.Cursor : 0);
        _byNumber[frame.Number] = topic;
        return topic;
    }

    /// <summary>TopicGone came.</summary>
    public TopicState? Remove(TopicGoneFrame frame)
    {
        var topic = frame.Number != 0 ? _byNumber.GetValueOrDefault(frame.Number) : Find(frame.NameText);
        if (topic is null)
            return null;
        _byNumber.Remove(topic.Number);
        _announced.Remove(topic.Name);
        topic.Disconnect();
        return topic;
    }

    /// <summary>A command was sent that will come back as an event, unless it is refused.</summary>
    public void ExpectEcho(OutboxCommand command)
    {
        if (command.Type != MessageTypes.ReadMark && _byName.TryGetValue(command.Topic, out var topic))
            topic.EchoesExpected++;
    }

    /// <summary>The connection is over: numbers mean nothing any more.</summary>
    public void Disconnect()
    {
        foreach (var topic in _byName.Values)
            topic.Disconnect();
        _byNumber.Clear();
        _announced.Clear();
    }

    /// <summary>A batch failed: back to what the store holds. Returns the topics that changed by it.</summary>
    public IReadOnlyList<TopicState> Failed()
    {
        var changed = _byName.Values.Where(t => t.Stored is null || t.Now != t.Stored).ToArray();
        foreach (var topic in changed)
        {
            topic.Failed();
            if (topic.Stored is null)
                _byName.Remove(topic.Name);
        }
        return changed;
    }

    /// <summary>A conversation that this device creates: it can be seen, and written to, before the gateway has heard of it.</summary>
    public TopicState Create(string name, ConversationCreate created)
    {
        var topic = GetOrAdd(name);
        if (topic.Now.Epoch == 0)
            topic.Change(topic.Now with { Title = created.Title, Members = created.Members.Count + 1, Role = MemberRole.Owner });
        return topic;
    }
}
