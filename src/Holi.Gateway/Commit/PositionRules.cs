using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>Delivered and read positions: any present member's, growing, never past the head (§8.4, §8.8). What was read was delivered.</summary>
internal static class PositionRules
{
    public static HoliCode Read(in CommandScope scope)
    {
        if (!ReadMark.TryRead(scope.Payload, out var mark))
            return scope.BadPayload;
        if (!scope.TryFind(out var topic, out var member))
            return HoliCode.NotFound;
        scope.Draft.Move(topic, member, 0, mark.Offset);
        return HoliCode.None;
    }

    public static void Deliver(BatchDraft draft, SubmitDelivered delivered)
    {
        if (draft.State.Topics.TryGetValue(delivered.Topic, out var topic)
            && topic.Members.TryGetValue(delivered.User, out var member)
            && member.Present)
        {
            draft.Move(topic, member, delivered.Delivered, 0);
        }
    }
}
