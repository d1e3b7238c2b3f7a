using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// Messages of a conversation (§8.8).
/// <code>
///          who                                what it names
/// post     role ≥ 1                           replyTo: an offset that the sender may see
/// react    role ≥ 1                           a message that the sender may see, not erased
/// edit     role ≥ 1 and its sender            the same
/// delete   its sender, or role ≥ 2            the same; it and its edits are erased
/// </code>
/// </summary>
internal static class MessageRules
{
    // The header of a MessagePack array of one: the text alone.
    private const byte TextAlone = 0x91;

    public static HoliCode Post(in CommandScope scope)
    {
        if (!MessagePost.Check(scope.Payload))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Member, out var topic, out var member) is var code and not HoliCode.None)
            return code;
        if (ReplyTo(scope.Command.Payload) is { } replyTo && !MaySee(topic, member, replyTo))
            return HoliCode.NotFound;
        scope.Append(topic, member, MessageTypes.MessagePost, scope.Command.Payload);
        return HoliCode.None;
    }

    public static HoliCode React(in CommandScope scope)
    {
        if (!MessageReact.TryRead(scope.Payload, out var react))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Member, out var topic, out var member) is var code and not HoliCode.None)
            return code;
        if (Sender(scope, topic, member, react.Offset) is null)
            return HoliCode.NotFound;
        scope.Append(topic, member, MessageTypes.MessageReact, scope.Command.Payload, react.Offset);
        return HoliCode.None;
    }

    public static HoliCode Edit(in CommandScope scope)
    {
        if (!MessageEdit.TryRead(scope.Payload, out var edit))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Member, out var topic, out var member) is var code and not HoliCode.None)
            return code;
        if (Sender(scope, topic, member, edit.Offset) is not { } sender)
            return HoliCode.NotFound;
        if (sender != member.Number)
            return HoliCode.RoleTooLow;
        scope.Append(topic, member, MessageTypes.MessageEdit, scope.Command.Payload, edit.Offset);
        return HoliCode.None;
    }

    public static HoliCode Delete(in CommandScope scope)
    {
        if (!MessageDelete.TryRead(scope.Payload, out var delete))
            return scope.BadPayload;
        if (scope.Enter(MemberRole.Observer, out var topic, out var member) is var code and not HoliCode.None)
            return code;
        if (Sender(scope, topic, member, delete.Offset) is not { } sender)
            return HoliCode.NotFound;
        if (sender != member.Number && member.Role < MemberRole.Admin)
            return HoliCode.RoleTooLow;
        scope.Append(topic, member, MessageTypes.MessageDelete, scope.Command.Payload, delete.Offset);
        scope.Draft.Erase(topic, delete.Offset);
        scope.Audit(AuditActions.Delete, AuditActions.Event(topic.Key, delete.Offset));
        return HoliCode.None;
    }

    // The sender of a message that is there and that the member may see; anything else is absent.
    private static uint? Sender(in CommandScope scope, TopicState topic, MemberState member, ulong offset) =>
        MaySee(topic, member, offset) && scope.Draft.Find(topic, offset) is { Type: MessageTypes.MessagePost } found ? found.Member : null;

    private static bool MaySee(TopicState topic, MemberState member, ulong offset) => offset >= member.FirstOffset && offset <= topic.Head;

    /// <summary>What a checked message replies to.</summary>
    public static ulong? ReplyTo(byte[] payload)
    {
        if (payload[0] == TextAlone)
            return null;
        var reader = new PayloadReader(new ReadOnlySequence<byte>(payload));
        reader.TextBytes(WireLimits.TextBytesMax);
        return reader.OptionalNumber();
    }
}
