using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Topics;

/// <summary>What an event says about who belongs to a topic, or about what its tail may hold.</summary>
internal enum EventChangeKind : byte
{
    None,
    /// <summary>A user is a member of the event's topic from its offset on.</summary>
    Joined,
    /// <summary>A user is no member of the event's topic from its offset on.</summary>
    Left,
    /// <summary>A member's role; who that is, only the number says.</summary>
    Role,
    /// <summary>In a person's own topic: they belong to another topic now, which is named.</summary>
    Invited,
    /// <summary>Earlier events were erased.</summary>
    Erased,
    /// <summary>It concerns memberships and cannot be read: who may see what follows is not known.</summary>
    Unreadable,
}

/// <summary>
/// Reads from the events themselves what they change (§8.8). The batch that wrote them said it to its own gateway; whoever reads them from the log,
/// or hears of them from another gateway, has nothing else, and needs nothing else.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="User">Who; empty for a role.</param>
/// <param name="Member">Their number.</param>
/// <param name="Role">Their role.</param>
/// <param name="TopicName">Of an invitation: where to.</param>
internal readonly record struct EventChange(
    EventChangeKind Kind, string User = "", uint Member = 0, MemberRole Role = default, string TopicName = "")
{
    public static EventChange Of(TopicKey topic, StoredEvent stored)
    {
        var payload = new ReadOnlySequence<byte>(stored.Payload);
        return stored.Type switch
        {
            MessageTypes.MemberAdd => MemberAdded.TryRead(payload, out var added)
                ? new EventChange(EventChangeKind.Joined, added.User, added.Member, added.Role)
                : Unreadable,
            MessageTypes.MemberRemove => MemberRemoved.TryRead(payload, out var removed)
                ? new EventChange(EventChangeKind.Left, removed.User, removed.Member)
                : Unreadable,
            MessageTypes.MemberRole => MemberRoleChanged.TryRead(payload, out var changed)
                ? new EventChange(EventChangeKind.Role, Member: changed.Member, Role: changed.Role)
                : Unreadable,
            // Whoever creates a conversation is its owner and member 1.
            MessageTypes.ConversationCreate => ConversationCreated.TryRead(payload, out var created)
                ? new EventChange(EventChangeKind.Joined, created.Creator, 1, MemberRole.Owner)
                : Unreadable,
            MessageTypes.ConversationJoined => ConversationJoined.TryRead(payload, out var invited)
                && Holi.Wire.Payloads.TopicName.TryParse(topic.Name, out var kind, out var user) && kind == TopicKind.User
                ? new EventChange(EventChangeKind.Invited, user, TopicName: invited.TopicName)
                : Unreadable,
            // Which edits went with the message the event does not say.
            MessageTypes.MessageDelete => new EventChange(EventChangeKind.Erased),
            _ => default,
        };
    }

    private static EventChange Unreadable => new(EventChangeKind.Unreadable);
}
