using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>One command before the rule of its type: who sends it, where to, and what it may touch.</summary>
/// <param name="Draft">The batch.</param>
/// <param name="Command">The command.</param>
/// <param name="Applied">Its identity, for the one event that is its effect.</param>
internal readonly record struct CommandScope(BatchDraft Draft, SubmitCommand Command, AppliedCommand Applied)
{
    public string User => Command.Key.User;
    public string Tenant => Command.Key.Tenant;
    public TopicKey Topic => new(Command.Key.Tenant, Command.TopicName);
    public ReadOnlySequence<byte> Payload => new(Command.Payload);

    /// <summary>The code for a payload that is not what its type asks for.</summary>
    public HoliCode BadPayload => Command.Payload.Length > WireLimits.TextBytesMax ? HoliCode.RefusedTooLarge : HoliCode.RefusedPayload;

    /// <summary>
    /// The sender as a member of a conversation with at least <paramref name="least"/>. Absent and not theirs are one answer (§8.8); that a
    /// role is too low only a member hears.
    /// </summary>
    public HoliCode Enter(MemberRole least, out TopicState topic, out MemberState member)
    {
        if (!TryFind(out topic, out member))
            return HoliCode.NotFound;
        if (!IsConversation)
            return HoliCode.Unsupported;
        return member.Role < least ? HoliCode.RoleTooLow : HoliCode.None;
    }

    /// <summary>The sender as a present member of the topic, whatever its kind.</summary>
    public bool TryFind(out TopicState topic, out MemberState member)
    {
        member = null!;
        return Draft.State.Topics.TryGetValue(Topic, out topic!)
            && topic.Members.TryGetValue(User, out member!)
            && member.Present;
    }

    /// <summary>Appends the command's effect.</summary>
    public ulong Append(TopicState topic, MemberState sender, ushort type, byte[] payload, ulong target = 0) =>
        Draft.Append(topic, sender, type, payload, Applied, target);

    public void Audit(string action, string subject) => Draft.Audit(Command.Key, action, subject);

    /// <summary>True where the command names a conversation.</summary>
    public bool IsConversation => TopicName.TryParse(Command.TopicName, out var kind, out _) && kind == TopicKind.Conversation;
}
