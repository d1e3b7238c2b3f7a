using System.Buffers;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>What an event changes in what is known of its topic, besides being one more event. A payload that does not read changes nothing.</summary>
internal static class TopicChanges
{
    /// <summary>Applies it; returns another topic where that one changed too.</summary>
    public static TopicState? Apply(TopicState topic, ReplicaEvent added, TopicTable topics)
    {
        var payload = new ReadOnlySequence<byte>(added.Payload);
        if (added.Type == MessageTypes.MessageDelete && MessageDelete.TryRead(payload, out var deleted))
            topic.Erase(deleted.Offset);
        // Posting with nothing unread before it moves the sender's read position along (§8.8).
        if (added.Type == MessageTypes.MessagePost && added.Member == topic.Now.Member && topic.Now.Read == added.Offset - 1)
            topic.Change(topic.Now with { Read = added.Offset });
        // While catching up, the announcement knows better than an old event.
        return added.Offset > topic.AnnouncedHead ? ApplyNews(topic, added.Type, added.Member, payload, topics) : null;
    }

    private static TopicState? ApplyNews(TopicState topic, ushort type, uint member, in ReadOnlySequence<byte> payload, TopicTable topics)
    {
        var now = topic.Now;
        switch (type)
        {
            case MessageTypes.ConversationRename when ConversationRename.TryRead(payload, out var renamed):
                topic.Change(now with { Title = renamed.Title });
                break;
            case MessageTypes.MemberRole when MemberRoleChanged.TryRead(payload, out var changed) && changed.Member == now.Member:
                topic.Change(now with { Role = changed.Role });
                break;
            case MessageTypes.MemberAdd:
                topic.Change(now with { Members = now.Members + 1 });
                break;
            case MessageTypes.MemberRemove:
                topic.Change(now with { Members = Math.Max(0, now.Members - 1) });
                break;
            // Where it has a number on this connection its own TopicGone decides: this word of it may be older than a return.
            case MessageTypes.ConversationLeft when ConversationLeft.TryRead(payload, out var left) && topics.Find(left.TopicName) is { Number: 0 } gone:
                gone.Change(gone.Now with { Gone = true });
                return gone;
        }
        return null;
    }
}
