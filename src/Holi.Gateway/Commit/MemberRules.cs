using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// Who belongs to a conversation: role ≥ 2, never onto or from a role above one's own (§8.8). Who acts on themselves leaves, or steps down.
/// </summary>
internal static class MemberRules
{
    public static HoliCode Add(in CommandScope scope)
    {
        if (!MemberAdd.TryRead(scope.Payload, out var add))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Admin, out var topic, out var actor) is var code and not HoliCode.None)
            return code;
        if (add.Role > actor.Role)
            return HoliCode.RoleTooLow;
        if (topic.Members.TryGetValue(add.User, out var former) && former.Present)
            return HoliCode.Conflict;
        if (topic.MemberCount >= scope.Draft.Limits.MembersMax)
            return HoliCode.LimitReached;
        Join(scope, topic, actor, new NewMember(add.User, add.Role), sinceBeginning: false);
        scope.Audit(AuditActions.Add, AuditActions.Person(topic.Key, add.User, add.Role));
        return HoliCode.None;
    }

    public static HoliCode Remove(in CommandScope scope)
    {
        if (!MemberRemove.TryRead(scope.Payload, out var remove))
            return scope.BadPayload;
        if (remove.User == scope.User)
            return LeaveRules.LeaveAsAsked(scope);
        if (scope.Enter(MemberRole.Admin, out var topic, out var actor) is var code and not HoliCode.None)
            return code;
        if (!topic.Members.TryGetValue(remove.User, out var member) || !member.Present)
            return HoliCode.NotFound;
        if (member.Role > actor.Role)
            return HoliCode.RoleTooLow;
        LeaveRules.Part(scope, topic, actor, member, LeftHow.Removed);
        scope.Audit(AuditActions.Remove, AuditActions.Person(topic.Key, member.User, member.Role));
        return HoliCode.None;
    }

    public static HoliCode Role(in CommandScope scope)
    {
        if (!MemberRoleChange.TryRead(scope.Payload, out var change))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Admin, out var topic, out var actor) is var code and not HoliCode.None)
            return code;
        if (!topic.Members.TryGetValue(change.User, out var member) || !member.Present)
            return HoliCode.NotFound;
        if (member.Role > actor.Role || change.Role > actor.Role)
            return HoliCode.RoleTooLow;
        // A conversation keeps an owner: the last one leaves, or names another first.
        if (member == actor && actor.Role == MemberRole.Owner && change.Role < MemberRole.Owner && !LeaveRules.HasOtherOwner(topic, actor))
            return HoliCode.Conflict;
        member.Role = change.Role;
        member.Changed = true;
        var offset = scope.Append(topic, actor, MessageTypes.MemberRole, new MemberRoleChanged(member.Number, change.Role).ToBytes());
        scope.Draft.Memberships.Add(Change(topic, member, offset));
        scope.Audit(AuditActions.Role, AuditActions.Person(topic.Key, member.User, change.Role));
        return HoliCode.None;
    }

    /// <summary>Makes somebody a member and tells them in their own topic, which is made where they never were here.</summary>
    public static void Join(in CommandScope scope, TopicState topic, MemberState actor, NewMember who, bool sinceBeginning)
    {
        var draft = scope.Draft;
        var member = BatchDraft.AddMember(topic, who.User, who.Role, sinceBeginning ? 1 : topic.Head + 1);
        var added = new MemberAdded(member.Number, who.User, who.Role).ToBytes();
        // With a new conversation the create is the command's effect, and these are its consequences.
        draft.Append(topic, actor, MessageTypes.MemberAdd, added, sinceBeginning ? null : scope.Applied);
        draft.Memberships.Add(Change(topic, member, member.FirstOffset));
        var own = draft.OwnTopic(scope.Tenant, who.User);
        draft.Append(
            own, null, MessageTypes.ConversationJoined, new ConversationJoined(topic.Key.Name, topic.Title, actor.User).ToBytes());
    }

    public static PlannedMembership Change(TopicState topic, MemberState member, ulong offset) =>
        new(topic, member.User, member.Number, member.Role, member.Present, offset);
}
