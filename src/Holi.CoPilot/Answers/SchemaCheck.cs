using System.Text.Json;

namespace Holi.CoPilot.Answers;

/// <summary>
/// Checks a value against the part of JSON Schema that <c>AnswerSchema</c> uses: type, properties, required, additionalProperties, items, maxItems, enum, anyOf,
/// minimum, maximum, minLength, maxLength. Pure. Another keyword is an error in the schema, and throws.
/// </summary>
internal static class SchemaCheck
{
    private const int ProblemsMax = 50;

    /// <summary>What is wrong, each with its place as a JSON pointer; none: nothing. Values are not repeated, and neither are names that the schema does not have.</summary>
    public static IReadOnlyList<string> Check(JsonElement schema, JsonElement value)
    {
        var problems = new List<string>();
        Check(schema, value, "", problems);
        return problems;
    }

    private static void Check(JsonElement schema, JsonElement value, string place, List<string> problems)
    {
        foreach (var rule in schema.EnumerateObject())
        {
            if (problems.Count >= ProblemsMax)
                return;
            var problem = rule.Name switch
            {
                "type" => IsType(rule.Value, value) ? null : $"must be {TypeNames(rule.Value)}, not {NameOf(value)}",
                "enum" => rule.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)) ? null : $"must be one of {rule.Value.GetRawText()}",
                "anyOf" => rule.Value.EnumerateArray().Any(one => Check(one, value).Count == 0) ? null : "has none of the allowed forms",
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.Value.GetDouble() ? null : $"must be at least {rule.Value.GetRawText()}",
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.Value.GetDouble() ? null : $"must be at most {rule.Value.GetRawText()}",
                "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= rule.Value.GetInt32() ? null : "must not be empty",
                "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= rule.Value.GetInt32() ? null : $"may have {rule.Value.GetRawText()} characters",
                "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= rule.Value.GetInt32() ? null : $"may have {rule.Value.GetRawText()} entries",
                "required" => Missing(rule.Value, value),
                "properties" => CheckProperties(rule.Value, value, place, problems),
                "additionalProperties" => Unknown(schema, value),
                "items" => CheckItems(rule.Value, value, place, problems),
                _ => throw new NotSupportedException($"The schema uses {rule.Name}, which is not checked here."),
            };
            if (problem is not null)
                problems.Add($"{(place.Length == 0 ? "/" : place)} {problem}");
        }
    }

    private static string? Missing(JsonElement required, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        var missing = required.EnumerateArray().Select(name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)).ToList();
        return missing.Count == 0 ? null : $"lacks {string.Join(", ", missing)}";
    }

    private static string? Unknown(JsonElement schema, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        var known = schema.GetProperty("properties");
        return value.EnumerateObject().All(property => known.TryGetProperty(property.Name, out _)) ? null : "has properties that it may not have";
    }

    private static string? CheckProperties(JsonElement properties, JsonElement value, string place, List<string> problems)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in properties.EnumerateObject())
        {
            if (value.TryGetProperty(property.Name, out var found))
                Check(property.Value, found, $"{place}/{property.Name}", problems);
        }
        return null;
    }

    private static string? CheckItems(JsonElement items, JsonElement value, string place, List<string> problems)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var i = 0;
        foreach (var item in value.EnumerateArray())
            Check(items, item, $"{place}/{i++}", problems);
        return null;
    }

    private static bool IsType(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(one => IsType(one, value))
        : type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            // 2.0 is an integer to JSON Schema, but not to what reads it here.
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            var other => throw new NotSupportedException($"The schema has the type {other}, which is not checked here."),
        };

    private static string TypeNames(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? string.Join(" or ", type.EnumerateArray().Select(one => one.GetString())) : type.GetString()!;

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
