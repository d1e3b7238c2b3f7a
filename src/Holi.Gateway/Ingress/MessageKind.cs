using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ingress;

/// <summary>The fields of a message, by name (backends.md §3).</summary>
internal sealed record MessageContent(string? Text, long? ReplyTo, IReadOnlyList<AttachmentContent?>? Attachments);

/// <summary>One attachment of it.</summary>
internal sealed record AttachmentContent(string? Id, string? MediaType, long? Bytes, string? Name);

/// <summary>message.post: to a conversation, said by the system.</summary>
internal static class MessageKind
{
    public const string Name = "message.post";

    public static PublicationReading Read(PublicationFields fields, PublicationKey key, TopicKind target)
    {
        if (target != TopicKind.Conversation)
            return new PublicationRefusal(HoliCode.Unsupported, "target: a message goes to conversation/<id>.");
        if (fields.Priority is not null)
            return PublicationReading.Malformed("priority: a message has none.");
        if (fields.Payload is not { } payload)
            return ReadContent(fields, key);
        return MessagePost.Check(new ReadOnlySequence<byte>(payload))
            ? Finish(fields, key, payload)
            : PublicationReading.Malformed("payload: it is not the array of a message.");
    }

    private static PublicationReading ReadContent(PublicationFields fields, PublicationKey key)
    {
        var reader = default(ContentReader);
        if (!reader.TryRead(fields.Content!, ContentJson.Default.MessageContent, "text, replyTo and attachments", out var content))
            return reader.Refusal!;
        reader.Require(content.ReplyTo is null or >= 1, "content: replyTo must be 1 or more.");
        var message = new MessagePost(
            reader.Text(content.Text, "text", WireLimits.TextBytesMax), (ulong?)content.ReplyTo, Attachments(ref reader, content.Attachments));
        return reader.Refusal is { } refusal ? refusal : Finish(fields, key, message.ToBytes());
    }

    private static List<Attachment>? Attachments(ref ContentReader reader, IReadOnlyList<AttachmentContent?>? contents)
    {
        if (contents is null)
            return null;
        reader.Require(contents.Count <= PayloadLimits.AttachmentsMax, $"content: there are more than {PayloadLimits.AttachmentsMax} attachments.");
        var attachments = new List<Attachment>();
        foreach (var content in contents)
        {
            if (reader.Refusal is not null)
                break;
            attachments.Add(Read(ref reader, content));
        }
        return attachments;
    }

    private static Attachment Read(ref ContentReader reader, AttachmentContent? content)
    {
        var attachment = new Attachment(
            reader.Text(content?.Id, "id of an attachment", PayloadLimits.AttachmentIdBytesMax),
            reader.Text(content?.MediaType, "mediaType of an attachment", PayloadLimits.MediaTypeBytesMax),
            (ulong)(content?.Bytes ?? 0),
            reader.OptionalText(content?.Name, "name of an attachment", PayloadLimits.FileNameBytesMax));
        reader.Require(content?.Bytes >= 0, "content: bytes of an attachment is missing, or below zero.");
        reader.Require(attachment.Id.Length > 0 && attachment.MediaType.Length > 0, "content: id or mediaType of an attachment is empty.");
        return attachment;
    }

    private static PublicationReading Finish(PublicationFields fields, PublicationKey key, byte[] payload) =>
        PublicationReader.Finish(fields, key, fields.Target!, MessageTypes.MessagePost, payload, fields.ExpiresMs);
}
