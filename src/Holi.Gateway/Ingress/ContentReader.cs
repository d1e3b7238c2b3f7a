using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holi.Wire;

namespace Holi.Gateway.Ingress;

/// <summary>
/// Reads the content of a publication, JSON by name, strictly: an unknown or repeated field, or one of another type, is refused, and text keeps the
/// rules of holi.v1 §3. The first thing that is wrong counts.
/// </summary>
internal struct ContentReader
{
    public PublicationRefusal? Refusal { get; private set; }

    /// <summary>False where the text is not the object that <paramref name="form"/> asks for.</summary>
    /// <param name="content">JSON text.</param>
    /// <param name="form">What it should be.</param>
    /// <param name="fields">The names of its fields, for people.</param>
    /// <param name="value">The object.</param>
    public bool TryRead<T>(ReadOnlySpan<byte> content, JsonTypeInfo<T> form, string fields, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        try
        {
            value = JsonSerializer.Deserialize(content, form);
        }
        // Half a surrogate pair and bytes that are not UTF-8 are the latter.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }
        if (value is null)
            Refuse(HoliCode.RefusedPayload, $"content: it must be an object with {fields}, each once at most and of its type.");
        return value is not null;
    }

    /// <summary>Text that must be there.</summary>
    public string Text(string? text, string field, int bytesMax)
    {
        if (text is null)
            Refuse(HoliCode.RefusedPayload, $"content: {field} is missing.");
        return OptionalText(text, field, bytesMax) ?? "";
    }

    /// <summary>Text, or null where it is absent.</summary>
    public string? OptionalText(string? text, string field, int bytesMax)
    {
        if (text is null)
            return null;
        if (Encoding.UTF8.GetByteCount(text) > bytesMax)
            Refuse(HoliCode.RefusedTooLarge, $"content: {field} is longer than {bytesMax} bytes.");
        else
            Require(!text.Contains('\0', StringComparison.Ordinal), $"content: {field} contains U+0000.");
        return text;
    }

    /// <summary>Refuses it unless <paramref name="condition"/> holds.</summary>
    public void Require(bool condition, string detail)
    {
        if (!condition)
            Refuse(HoliCode.RefusedPayload, detail);
    }

    public void Refuse(HoliCode code, string detail) => Refusal ??= new PublicationRefusal(code, detail);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = JsonDepthMax)]
[JsonSerializable(typeof(NotificationContent))]
[JsonSerializable(typeof(MessageContent))]
internal sealed partial class ContentJson : JsonSerializerContext
{
    /// <summary>Objects and arrays in each other (backends.md §10).</summary>
    public const int JsonDepthMax = 8;
}
