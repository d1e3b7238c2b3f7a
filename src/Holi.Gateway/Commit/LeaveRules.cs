using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>Leaving a conversation, of one's own will or not, and who owns it then (§8.8).</summary>
internal static class LeaveRules
{
    public static HoliCode Leave(in CommandScope scope) =>
        PayloadRules.Check(scope.Payload) ? LeaveAsAsked(scope) : scope.BadPayload;

    public static HoliCode LeaveAsAsked(in CommandScope scope)
    {
        if (scope.Enter(MemberRole.Observer, out var topic, out var member) is var code and not HoliCode.None)
            return code;
        Part(scope, topic, member, member, LeftHow.Left);
        if (!HasOtherOwner(topic, member))
            Succeed(scope, topic);
        scope.Audit(AuditActions.Leave, AuditActions.Person(topic.Key, member.User, member.Role));
        return HoliCode.None;
    }

    /// <summary>The member's last event is theirs to be told of, not to see: from its offset on the topic is not theirs.</summary>
    public static void Part(in CommandScope scope, TopicState topic, MemberState actor, MemberState member, LeftHow how)
    {
        var draft = scope.Draft;
        var offset = scope.Append(topic, actor, MessageTypes.MemberRemove, new MemberRemoved(member.Number, member.User, how).ToBytes());
        member.Present = false;
        member.Changed = true;
        topic.MemberCount--;
        draft.Memberships.Add(MemberRules.Change(topic, member, offset));
        var own = draft.OwnTopic(scope.Tenant, member.User);
        draft.Append(own, null, MessageTypes.ConversationLeft, new ConversationLeft(topic.Key.Name, how).ToBytes());
    }

    /// <summary>Needs the whole roster.</summary>
    public static bool HasOtherOwner(TopicState topic, MemberState but)
    {
        foreach (var member in topic.Members.Values)
        {
            if (member != but && member.Present && member.Role == MemberRole.Owner)
                return true;
        }
        return false;
    }

    // The place passes to the longest-standing member of the highest role. Founders all stand since offset 1: the lower number goes first.
    private static void Succeed(in CommandScope scope, TopicState topic)
    {
        MemberState? heir = null;
        foreach (var member in topic.Members.Values)
        {
            if (member.Present && (heir is null || Before(member, heir)))
                heir = member;
        }
        if (heir is null)
            return;
        heir.Role = MemberRole.Owner;
        heir.Changed = true;
        var changed = new MemberRoleChanged(heir.Number, MemberRole.Owner).ToBytes();
        var offset = scope.Draft.Append(topic, null, MessageTypes.MemberRole, changed);
        scope.Draft.Memberships.Add(MemberRules.Change(topic, heir, offset));
    }

    private static bool Before(MemberState a, MemberState b) =>
        (b.Role, a.FirstOffset, a.Number).CompareTo((a.Role, b.FirstOffset, b.Number)) < 0;
}
