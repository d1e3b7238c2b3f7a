using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ingress;

/// <summary>The fields of a notification, by name (backends.md §3).</summary>
internal sealed record NotificationContent(string? Id, string? Title, string? Body, string? Reference);

/// <summary>notification: to a person, or to their alert topic.</summary>
internal static class NotificationKind
{
    public const string Name = "notification";

    /// <summary>From here on it goes the urgent way.</summary>
    public const int UrgentPriority = 8;

    private const int DefaultPriority = 5;
    // Of 32: more than enough that two keys have two ids.
    private const int IdHashBytes = 16;

    public static PublicationReading Read(PublicationFields fields, PublicationKey key, TopicKind target)
    {
        if (target is not (TopicKind.User or TopicKind.Alert))
            return new PublicationRefusal(HoliCode.Unsupported, "target: a notification goes to user/<user> or alert/<user>.");
        if (fields.Priority is < 0 or > PayloadLimits.PriorityMax)
            return PublicationReading.Malformed("priority: it must be 0–9.");
        return fields.Payload is { } payload ? ReadPayload(fields, key, payload) : ReadContent(fields, key);
    }

    private static PublicationReading ReadPayload(PublicationFields fields, PublicationKey key, byte[] payload)
    {
        if (!Notification.TryRead(new ReadOnlySequence<byte>(payload), out var said))
            return PublicationReading.Malformed("payload: it is not the array of a notification.");
        if ((fields.Priority ?? said.Priority) != said.Priority || (fields.ExpiresMs ?? said.ExpiresMs) != said.ExpiresMs)
            return PublicationReading.Malformed("priority, expires: the payload says something else.");
        return Finish(fields, key, payload, said.Priority, said.ExpiresMs);
    }

    private static PublicationReading ReadContent(PublicationFields fields, PublicationKey key)
    {
        var reader = default(ContentReader);
        if (!reader.TryRead(fields.Content!, ContentJson.Default.NotificationContent, "title, body, reference and id", out var content))
            return reader.Refusal!;
        var priority = (int)(fields.Priority ?? DefaultPriority);
        var notification = new Notification(
            content.Id ?? IdOf(key.Key),
            priority,
            reader.Text(content.Title, "title", WireLimits.TitleBytesMax),
            reader.OptionalText(content.Body, "body", PayloadLimits.NotificationBodyBytesMax),
            reader.OptionalText(content.Reference, "reference", PayloadLimits.ReferenceBytesMax),
            fields.ExpiresMs);
        reader.Require(TopicName.IsId(notification.Id), "content: id must be 1–64 of A–Z a–z 0–9 _ -");
        return reader.Refusal is { } refusal ? refusal : Finish(fields, key, notification.ToBytes(), priority, fields.ExpiresMs);
    }

    private static PublicationReading Finish(PublicationFields fields, PublicationKey key, byte[] payload, int priority, long? expiresMs)
    {
        var topicName = fields.Target!;
        if (priority >= UrgentPriority && TopicName.TryParse(topicName, out var kind, out var user) && kind == TopicKind.User)
            topicName = TopicName.Alert(user);
        return PublicationReader.Finish(fields, key, topicName, MessageTypes.Notification, payload, expiresMs);
    }

    // The same key has the same id, whoever computes it, so sending it again sends the same.
    private static string IdOf(string key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(key)).AsSpan(0, IdHashBytes));
}
