using System.Globalization;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>The words of the audit trail, and what stands beside them: names and numbers, never content.</summary>
public static class AuditActions
{
    public const string Open = "device.open";
    public const string OpenRefused = "device.open.refused";
    public const string CommandRefused = "command.refused";
    public const string SeqReused = "command.seq.reused";
    public const string Create = "conversation.create";
    public const string Add = "member.add";
    public const string Remove = "member.remove";
    public const string Role = "member.role";
    public const string Leave = "conversation.leave";
    public const string Delete = "message.delete";
    public const string Publication = "publication";
    public const string PublicationScheduled = "publication.scheduled";
    public const string PublicationExpired = "publication.expired";
    public const string PublicationCancelled = "publication.cancelled";
    public const string PublicationDenied = "publication.denied";
    public const string PublicationRefused = "publication.refused";
    public const string NoteDenied = "note.denied";

    internal static string CodeSubject(HoliCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);

    /// <summary>A refusal. What a device named as a topic is repeated only where it has the form of one.</summary>
    internal static string Refusal(HoliCode code, string topicName) =>
        $"{CodeSubject(code)} {(TopicName.IsValid(topicName) ? topicName : "?")}";

    internal static string Person(TopicKey topic, string user, MemberRole role) =>
        string.Create(CultureInfo.InvariantCulture, $"{topic.Name} {user} {(int)role}");

    internal static string Event(TopicKey topic, ulong offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{topic.Name} {offset}");
}
