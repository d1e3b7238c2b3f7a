using System.Buffers;
using Holi.Gateway.Tests.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>Looks at every frame that a device gets and judges it by the history: S and X.</summary>
internal sealed class Witness(TestDevice device, string user, History history)
{
    private readonly Dictionary<uint, string> _names = [];
    private readonly Dictionary<string, ulong> _positions = [];
    private readonly HashSet<string> _following = [];

    public TestDevice Device => device;

    public string User => user;

    /// <summary>Topics that it was told of and not taken from it.</summary>
    public IReadOnlyCollection<string> Following => _following;

    public ulong Position(string topic) => _positions.GetValueOrDefault(topic);

    public void Look()
    {
        foreach (var (_, _, frame) in device.Frames)
        {
            switch (frame)
            {
                case TopicFrame topic:
                    OnTopic(topic);
                    break;
                case TopicGoneFrame gone:
                    _following.Remove(_names[gone.Number]);
                    break;
                case SkipFrame skip:
                    Reach(_names[skip.Topic], skip.Through, "a Skip");
                    break;
                case EventFrame received:
                    OnEvent(_names[received.Topic], received);
                    break;
                case RosterFrame roster:
                    OnRoster(_names[roster.Topic], roster);
                    break;
                case ReceiptsFrame receipts:
                    OnReceipts(_names[receipts.Topic], receipts);
                    break;
            }
        }
        device.Forget();
    }

    private void OnTopic(TopicFrame topic)
    {
        _names[topic.Number] = topic.Name;
        // A device without a cursor; what lies before the start is told as skipped.
        _positions[topic.Name] = 0;
        _following.Add(topic.Name);
        (topic.Head == 0 || topic.Head < topic.First || history.MaySee(topic.Name, user, topic.Head))
            .ShouldBeTrue($"{user} was told that {topic.Name} has come to {topic.Head}");
    }

    private void OnEvent(string topic, in EventFrame received)
    {
        received.Offset.ShouldBe(Position(topic) + 1, $"{user} has {topic} through {Position(topic)}");
        Reach(topic, received.Offset, "an event");
        var stored = history.Event(topic, received.Offset);
        if (received.Type != MessageTypes.MessageErased)
            received.Payload.ToArray().ShouldBe(stored.Payload, $"{topic} {received.Offset}");
    }

    private void Reach(string topic, ulong offset, string by)
    {
        // A Skip to just before the first visible offset shows nothing.
        if (by == "an event")
            history.MaySee(topic, user, offset).ShouldBeTrue($"{user} got {topic} {offset} by {by}");
        offset.ShouldBeGreaterThanOrEqualTo(Position(topic));
        _positions[topic] = offset;
    }

    private void OnRoster(string topic, RosterFrame roster)
    {
        string[] users = [.. roster.Members.Select(m => m.User).Order()];
        history.WasRoster(topic, user, users).ShouldBeTrue($"{user} was shown {string.Join(' ', users)} in {topic}");
    }

    private void OnReceipts(string topic, in ReceiptsFrame receipts)
    {
        foreach (var entry in receipts.Entries)
        {
            var furthest = Math.Max(entry.Delivered, entry.Read);
            (history.IsMember(topic, user) || furthest == 0 || history.MaySee(topic, user, furthest) || furthest < Position(topic))
                .ShouldBeTrue($"{user} was shown that somebody has {topic} through {furthest}");
        }
    }
}
