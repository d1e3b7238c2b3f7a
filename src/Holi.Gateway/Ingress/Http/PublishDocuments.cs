using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holi.Gateway.Ingress.Http;

/// <summary>A publication as HTTP carries it (backends.md §2, §7).</summary>
internal sealed record PublishItem
{
    public long? V { get; init; }
    public string? Tenant { get; init; }
    public string? Key { get; init; }
    public string? Target { get; init; }
    public string? Kind { get; init; }
    public JsonElement? Content { get; init; }
    public byte[]? Payload { get; init; }
    public long? DeliverAt { get; init; }
    public long? Expires { get; init; }
    public long? Priority { get; init; }
}

/// <summary>What became of it (backends.md §6.2). What is null is left out.</summary>
/// <param name="Key">Where it has the form of one.</param>
/// <param name="Result">In lower case.</param>
/// <param name="Topic">Where it was or will be appended.</param>
/// <param name="Offset">Its event's.</param>
/// <param name="DeliverAt">While it is scheduled.</param>
/// <param name="Code">Where it was not appended.</param>
/// <param name="Detail">For people.</param>
internal sealed record PublishedItem(string? Key, string Result, string? Topic, ulong? Offset, long? DeliverAt, int? Code, string? Detail);

/// <summary>The answers to a batch.</summary>
internal sealed record PublishedItems(IReadOnlyList<PublishedItem> Items);

/// <summary>A problem (RFC 9457); its type is about:blank, which may be left out.</summary>
internal sealed record Problem(
    string Title, int Status, string Detail, int Code, string? Key = null, string? Result = null, string? Topic = null, ulong? Offset = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = ContentJson.JsonDepthMax,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublishItem))]
[JsonSerializable(typeof(PublishedItem))]
[JsonSerializable(typeof(PublishedItems))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class PublishJson : JsonSerializerContext;
