using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Simulation.Gateway;
using Holi.Simulation.Proof;

namespace Holi.Simulation.Line;

/// <summary>Bugs in how wake-ups are taken in. Each stands in the place of Cluster/MessageIntake.cs for this one kind of message.</summary>
internal sealed class PlantedHearing(SimGateway gateway, ClusterNode node)
{
    private readonly PlantedBug _bug = gateway.Run.Bug;
    private readonly ClusterLimits _limits = gateway.Run.GatewayLimits.Cluster;
    private readonly TopicHub _hub = gateway.Hub;

    public static bool Concerns(PlantedBug bug) =>
        bug is PlantedBug.HolesPublished or PlantedBug.WakeupsHeadTrusted or PlantedBug.PublishedBeforeRemoval;

    /// <summary>False where the message is none of a bug's.</summary>
    public bool Take(ReadOnlyMemory<byte> sealedMessage)
    {
        using var seal = new LineSeal(gateway.Store.LineKey, node.Self, _limits.NodesMax);
        var message = new byte[sealedMessage.Length];
        if (!seal.TryOpen(sealedMessage.Span, message, out var length)
            || !MessageEnvelope.TryRead(message.AsSpan(0, length), _limits.MessageBytesMax, out var envelope) || envelope.Kind != MessageKind.Wakeup || envelope.Origin == node.Self)
        {
            return false;
        }
        var reader = new WakeupReader(envelope.Body, _limits.MessageBytesMax);
        while (reader.TryNext(out var entry))
        {
            if (entry.Kind == WakeupPart.Events && _hub.IsNews(entry.TopicId, entry.Head) && entry.TryReadEvents(out var events))
                Take(entry.TopicId, entry.Head, events);
        }
        return true;
    }

    private void Take(long topicId, ulong head, List<StoredEvent> events)
    {
        var known = new List<Hole>();
        _hub.CopyHeads(0, int.MaxValue, known);
        var hole = known.Find(h => h.Topic.TopicId == topicId);
        switch (_bug)
        {
            case PlantedBug.HolesPublished when events.Count > 0:
                _hub.Fill(hole, events);
                break;
            case PlantedBug.WakeupsHeadTrusted:
                hole.Topic.Publish(head);
                break;
            case PlantedBug.PublishedBeforeRemoval when events.Count > 0 && events[0].Offset <= hole.After + 1:
                hole.Topic.Publish(events[^1].Offset);
                gateway.Process.After(TimeSpan.FromMilliseconds(5), () => Apply(hole.Topic, events));
                break;
            default:
                _hub.Heard(topicId, head, events);
                break;
        }
    }

    // As TopicIntake does, too late.
    private void Apply(HubTopic topic, List<StoredEvent> events)
    {
        foreach (var stored in events)
        {
            var change = EventChange.Of(topic.Key, stored);
            if (change.Kind is not (EventChangeKind.Joined or EventChangeKind.Left))
                continue;
            gateway.People.Note(new MembershipChange(
                topic.TopicId, topic.Key, change.User, change.Member, change.Role, change.Kind == EventChangeKind.Joined, stored.Offset));
            foreach (var follower in topic.Followers)
            {
                if (change.Kind != EventChangeKind.Left || follower.Marks.User != change.User || follower.First > stored.Offset)
                    continue;
                follower.Limit = Math.Min(follower.Limit, stored.Offset);
                follower.Marks.Mark(follower);
            }
        }
    }
}
