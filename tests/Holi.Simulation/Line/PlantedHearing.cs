using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Simulation.Proof;

namespace Holi.Simulation.Line;

/// <summary>Bugs in how wake-ups are taken in. Each stands in the place of Cluster/MessageIntake.cs for this one kind of message.</summary>
internal sealed class PlantedHearing(PlantedBug bug, ClusterLimits limits, ClusterNode node, TopicHub hub)
{
    public static bool Concerns(PlantedBug bug) =>
        bug is PlantedBug.HolesPublished or PlantedBug.WakeupsHeadTrusted or PlantedBug.PublishedBeforeRemoval;

    /// <summary>False where the message is none of a bug's.</summary>
    public bool Take(ReadOnlyMemory<byte> message)
    {
        if (!MessageEnvelope.TryRead(message.Span, limits.MessageBytesMax, out var envelope) || envelope.Kind != MessageKind.Wakeup || envelope.Origin == node.Self)
            return false;
        var reader = new WakeupReader(envelope.Body, limits.MessageBytesMax);
        while (reader.TryNext(out var entry))
        {
            if (entry.Kind == WakeupPart.Events && hub.IsNews(entry.TopicId, entry.Head) && entry.TryReadEvents(out var events))
                Take(entry.TopicId, entry.Head, events);
        }
        return true;
    }

    private void Take(long topicId, ulong head, List<StoredEvent> events)
    {
        var known = new List<Hole>();
        hub.CopyHeads(0, int.MaxValue, known);
        var hole = known.Find(h => h.Topic.TopicId == topicId);
        switch (bug)
        {
            case PlantedBug.HolesPublished when events.Count > 0:
                hub.Fill(hole, events);
                break;
            case PlantedBug.WakeupsHeadTrusted:
                hole.Topic.Publish(head);
                break;
            case PlantedBug.PublishedBeforeRemoval when events.Count > 0 && events[0].Offset <= hole.After + 1:
                hole.Topic.Publish(head);
                break;
            default:
                hub.Heard(topicId, head, events);
                break;
        }
    }
}
