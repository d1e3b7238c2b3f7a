using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>A conversation as a whole: create, rename (§8.8).</summary>
internal static class ConversationRules
{
    /// <summary>
    /// Whoever creates it is its owner and member 1. Those named with it are members from its first event on. Each is told in their own
    /// topic, the creator too: what a person belongs to follows from that topic alone, for all of their devices on all gateways. A name that is taken is answered like any other conversation that is not the sender's; their own is a conflict.
    /// </summary>
    public static HoliCode Create(in CommandScope scope)
    {
        if (!ConversationCreate.TryRead(scope.Payload, out var create) || Others(create, scope.User) is not { } others)
            return scope.BadPayload;
        if (!scope.IsConversation)
            return HoliCode.NotFound;
        if (scope.Draft.State.Topics.ContainsKey(scope.Topic))
            return scope.TryFind(out _, out _) ? HoliCode.Conflict : HoliCode.NotFound;
        if (others.Count + 1 > scope.Draft.Limits.MembersMax)
            return HoliCode.LimitReached;

        var draft = scope.Draft;
        var topic = draft.CreateTopic(scope.Topic, create.Title);
        var creator = BatchDraft.AddMember(topic, scope.User, MemberRole.Owner, firstOffset: 1);
        scope.Append(topic, creator, MessageTypes.ConversationCreate, new ConversationCreated(create.Title, scope.User).ToBytes());
        draft.Memberships.Add(MemberRules.Change(topic, creator, creator.FirstOffset));
        TellCreator(scope, topic);
        foreach (var other in others)
            MemberRules.Join(scope, topic, creator, other, sinceBeginning: true);
        scope.Audit(AuditActions.Create, topic.Key.Name);
        return HoliCode.None;
    }

    public static HoliCode Rename(in CommandScope scope)
    {
        if (!ConversationRename.TryRead(scope.Payload, out var rename))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Admin, out var topic, out var member) is var code and not HoliCode.None)
            return code;
        topic.Title = rename.Title;
        scope.Append(topic, member, MessageTypes.ConversationRename, scope.Command.Payload);
        return HoliCode.None;
    }

    // As an event of their own: it is no news to them, and not unread.
    private static void TellCreator(in CommandScope scope, TopicState topic)
    {
        var own = scope.Draft.OwnTopic(scope.Tenant, scope.User);
        scope.Draft.Append(
            own, own.Members.GetValueOrDefault(scope.User), MessageTypes.ConversationJoined,
            new ConversationJoined(topic.Key.Name, topic.Title, scope.User).ToBytes());
    }

    // Everyone but the creator, or null where somebody is named twice.
    private static List<NewMember>? Others(ConversationCreate create, string creator)
    {
        var others = new List<NewMember>(create.Members.Count);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in create.Members)
        {
            if (!named.Add(member.User))
                return null;
            if (member.User != creator)
                others.Add(member);
        }
        return others;
    }
}
