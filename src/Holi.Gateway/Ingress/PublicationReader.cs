using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ingress;

/// <summary>Makes a publication of its fields, or says why they are none (backends.md §2, §3). Pure.</summary>
internal static class PublicationReader
{
    public const string CancelKind = "cancel";

    private const int Version = 1;
    private const int KeyCharsMax = 128;

    private static readonly SearchValues<char> InKeys =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@~-");

    /// <summary>True for 1–128 of <c>[A-Za-z0-9._:@~-]</c>, the first a letter or digit.</summary>
    public static bool IsKey(ReadOnlySpan<char> key) =>
        key.Length is >= 1 and <= KeyCharsMax && char.IsAsciiLetterOrDigit(key[0]) && !key.ContainsAnyExcept(InKeys);

    public static PublicationReading Read(PublicationFields fields)
    {
        if (fields.Version is { } version && version != Version)
            return new PublicationRefusal(HoliCode.Unsupported, "v: this gateway speaks version 1.");
        if (fields.Tenant is null || !TopicName.IsUser(fields.Tenant))
            return PublicationReading.Malformed("tenant: it must be 1–64 of A–Z a–z 0–9 . _ @ -");
        if (fields.Key is null || !IsKey(fields.Key))
            return PublicationReading.Malformed("key: it must be 1–128 of A–Z a–z 0–9 . _ : @ ~ -, beginning with a letter or digit.");
        var key = new PublicationKey(fields.Tenant, fields.Key);
        if (fields.Kind == CancelKind)
            return ReadCancellation(fields, key);
        if (IsOutside(fields.DeliverAtMs) || IsOutside(fields.ExpiresMs))
            return PublicationReading.Malformed("deliverAt and expires: they must be milliseconds since 1970, before the year 10000.");
        if (fields.Content is null == fields.Payload is null)
            return PublicationReading.Malformed("content, payload: exactly one of them must be there.");
        if (!TopicName.TryParse(fields.Target, out var target, out _))
            return PublicationReading.Malformed("target: it must be a topic's name, such as user/<user>, alert/<user> or conversation/<id>.");
        return fields.Kind switch
        {
            NotificationKind.Name => NotificationKind.Read(fields, key, target),
            MessageKind.Name => MessageKind.Read(fields, key, target),
            _ => new PublicationRefusal(HoliCode.Unsupported, "kind: this gateway speaks notification, message.post and cancel."),
        };
    }

    /// <summary>The last step of every kind: what is asked, under the digest of all that makes it what it is (backends.md §4.1).</summary>
    public static PublicationReading Finish(PublicationFields fields, PublicationKey key, string topicName, ushort type, byte[] payload, long? expiresMs)
    {
        if (expiresMs <= fields.DeliverAtMs)
            return PublicationReading.Malformed("expires: it must be after deliverAt.");
        return new AskedPublication(key, Digest(), topicName, type, payload, fields.DeliverAtMs, expiresMs);

        UInt128 Digest()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> head = stackalloc byte[sizeof(ushort) + (2 * sizeof(long)) + sizeof(int)];
            BinaryPrimitives.WriteUInt16BigEndian(head, type);
            // Times are never negative: −1 is none.
            BinaryPrimitives.WriteInt64BigEndian(head[2..], fields.DeliverAtMs ?? -1);
            BinaryPrimitives.WriteInt64BigEndian(head[10..], expiresMs ?? -1);
            BinaryPrimitives.WriteInt32BigEndian(head[18..], topicName.Length);
            hash.AppendData(head);
            hash.AppendData(Encoding.ASCII.GetBytes(topicName));
            hash.AppendData(payload);
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            hash.GetHashAndReset(digest);
            return BinaryPrimitives.ReadUInt128BigEndian(digest);
        }
    }

    private static PublicationReading ReadCancellation(PublicationFields fields, PublicationKey key)
    {
        var alone = fields is { Target: null, Content: null, Payload: null, DeliverAtMs: null, ExpiresMs: null, Priority: null };
        return alone ? new AskedCancellation(key) : PublicationReading.Malformed("cancel: it names tenant and key, and nothing else.");
    }

    private static bool IsOutside(long? timeMs) => timeMs is < 0 or > PayloadLimits.TimeMsMax;
}
