using System.Runtime.InteropServices;
using System.Text.Json;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Http;

/// <summary>
/// The body of a request to publish: one publication, or <c>{"items": [ … ]}</c>. What is no JSON, or not of this form, refuses the request; what is
/// wrong in one item refuses that item. Pure.
/// </summary>
/// <param name="IsBatch">True where it is an array of items.</param>
/// <param name="Readings">One for each item, in order.</param>
internal sealed record PublishBody(bool IsBatch, IReadOnlyList<(string? Key, PublicationReading Reading)> Readings)
{
    private const string Items = "items";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ContentJson.JsonDepthMax, AllowDuplicateProperties = false };

    /// <param name="body">The whole body.</param>
    /// <param name="tenant">The token's.</param>
    /// <param name="itemsMax">Of a batch.</param>
    /// <param name="problem">Where there is no body: why.</param>
    public static PublishBody? Read(ReadOnlyMemory<byte> body, string tenant, int itemsMax, out string problem)
    {
        problem = $"The body must be JSON: an object, in at most {ContentJson.JsonDepthMax} levels, each field named once.";
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            if (!root.TryGetProperty(Items, out var items))
                return new PublishBody(false, [ReadItem(root, tenant)]);
            problem = $"The body must have nothing but items, an array of 1 to {itemsMax} publications.";
            if (root.GetPropertyCount() != 1 || items.ValueKind != JsonValueKind.Array || items.GetArrayLength() is var count && (count < 1 || count > itemsMax))
                return null;
            return new PublishBody(true, [.. items.EnumerateArray().Select(item => ReadItem(item, tenant))]);
        }
    }

    private static (string? Key, PublicationReading Reading) ReadItem(JsonElement element, string tenant)
    {
        PublishItem? item = null;
        try
        {
            item = element.Deserialize(PublishJson.Default.PublishItem);
        }
        // Half a surrogate pair and bytes that are not UTF-8 are the latter.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }
        if (item is null)
            return (null, PublicationReading.Malformed("An item must be an object with the fields of a publication, each of its type."));
        var key = item.Key is not null && PublicationReader.IsKey(item.Key) ? item.Key : null;
        if (item.Tenant is not null && item.Tenant != tenant)
            return (key, new PublicationRefusal(HoliCode.Forbidden, "tenant: the token is another tenant's."));
        return (key, PublicationReader.Read(Fields(item, tenant)));
    }

    private static PublicationFields Fields(PublishItem item, string tenant) => new()
    {
        Version = item.V,
        Tenant = tenant,
        Key = item.Key,
        Target = item.Target,
        Kind = item.Kind,
        Content = item.Content is { ValueKind: not JsonValueKind.Null } content ? JsonMarshal.GetRawUtf8Value(content).ToArray() : null,
        Payload = item.Payload,
        DeliverAtMs = item.DeliverAt,
        ExpiresMs = item.Expires,
        Priority = item.Priority,
    };
}
