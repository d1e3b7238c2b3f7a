using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// What happens to a command, by its device, fence and seq (§6.5, §7), before and after the rule of its type.
/// <code>
/// fence or generation not the device's    not taken (4501; 4301 where the store does not know them)
/// seq ≤ committed                         answered again, applied nothing
/// seq &gt; committed + 1                     not taken (4302)
/// seq = committed + 1                     consumed: applied, refused, or applied under its first identity before
/// </code>
/// </summary>
internal static class CommandRules
{
    public static void Submit(BatchDraft draft, SubmitCommand command)
    {
        var device = draft.State.Devices.GetValueOrDefault(command.Key);
        if (device is null || device.Fence != command.Fence || device.Generation != command.Generation)
        {
            draft.Answers.NotTaken(command.Source, device?.Fence > command.Fence ? HoliCode.Fenced : HoliCode.GenerationUnknown);
            return;
        }
        if (command.Seq != device.Committed + 1)
        {
            draft.Answers.Committed(command.Source, device.Committed);
            if (command.Seq > device.Committed)
                draft.Answers.NotTaken(command.Source, HoliCode.SeqGap);
            return;
        }
        Consume(draft, device, command);
    }

    private static void Consume(BatchDraft draft, DeviceState device, SubmitCommand command)
    {
        device.Committed = command.Seq;
        device.Digest = device.Digest.Roll(command.Check);
        device.Changed = true;

        var again = command.FirstGeneration != 0;
        var first = again ? command.First() : default;
        var decided = draft.State.Decided.TryGetValue(first, out var code) && again;
        var applied = again && !decided
            ? new AppliedCommand(device, device.Generation, command.Seq, command.Check.First8, first.Generation, first.Seq, first.Check)
            : new AppliedCommand(device, device.Generation, command.Seq, command.Check.First8, 0, 0, 0);
        if (!decided)
        {
            code = Decide(new CommandScope(draft, command, applied));
            if (again)
                draft.State.Decided.Add(first, code);
        }
        if (code == HoliCode.None)
            draft.Answers.Committed(command.Source, command.Seq);
        else
            Reject(draft, command, applied, code);
    }

    // A refused command consumes its seq and leaves a durable word of it where all of the person's devices see it (§7.6).
    private static void Reject(BatchDraft draft, SubmitCommand command, AppliedCommand applied, HoliCode code)
    {
        var rejected = new CommandRejected(applied.Generation, command.Seq, code, command.TopicName, command.Type);
        var own = draft.OwnTopic(command.Key.Tenant, command.Key.User);
        draft.Append(own, null, MessageTypes.CommandRejected, rejected.ToBytes(), applied);
        draft.Audit(command.Key, AuditActions.CommandRefused, AuditActions.Refusal(code, command.TopicName));
        draft.Answers.Rejected(command.Source, new Refusal(command.Seq, code));
    }

    private static HoliCode Decide(in CommandScope scope)
    {
        if (scope.Command.Payload.Length > scope.Draft.Limits.PayloadBytesMax)
            return HoliCode.RefusedTooLarge;
        return scope.Command.Type switch
        {
            MessageTypes.MessagePost => MessageRules.Post(scope),
            MessageTypes.ReadMark => PositionRules.Read(scope),
            MessageTypes.MessageReact => MessageRules.React(scope),
            MessageTypes.MessageEdit => MessageRules.Edit(scope),
            MessageTypes.MessageDelete => MessageRules.Delete(scope),
            MessageTypes.ConversationCreate => ConversationRules.Create(scope),
            MessageTypes.ConversationRename => ConversationRules.Rename(scope),
            MessageTypes.ConversationLeave => LeaveRules.Leave(scope),
            MessageTypes.MemberAdd => MemberRules.Add(scope),
            MessageTypes.MemberRemove => MemberRules.Remove(scope),
            MessageTypes.MemberRole => MemberRules.Role(scope),
            // Known to the protocol but not to this gateway, not a command, or of a later version.
            _ => HoliCode.Unsupported,
        };
    }
}
