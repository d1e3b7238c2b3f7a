using System.Text.Json;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Prompts;

namespace Holi.CoPilot.Answers;

/// <summary>Makes an answer of what a model wrote, if it is one. Pure.</summary>
internal static class AnswerReader
{
    private const string ThoughtsEnd = "</think>";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <param name="kind">That was asked for.</param>
    /// <param name="text">All of it.</param>
    public static AnswerReading Read(NoteKind kind, string text)
    {
        var json = JsonIn(text);
        if (json.Length == 0)
            return AnswerReading.Invalid("/ is no JSON object: there is none in the answer");
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var problems = SchemaCheck.Check(AnswerSchema.ForChecking(kind), document.RootElement);
            return problems.Count > 0 ? new AnswerReading(null, problems) : new AnswerReading(document.RootElement.Deserialize(AnswerJson.Default.Answer), []);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair is the latter. Of the former only the place: its message repeats what it found.
            var place = e is JsonException { LineNumber: { } line } at ? $" at line {line + 1}, byte {at.BytePositionInLine}" : "";
            return AnswerReading.Invalid($"/ is no JSON{place}: it breaks off, or names a property twice");
        }
    }

    /// <summary>Where the JSON begins and ends: models of some servers think aloud before it, or put it into a fence.</summary>
    internal static ReadOnlyMemory<char> JsonIn(string text)
    {
        var thoughts = text.LastIndexOf(ThoughtsEnd, StringComparison.Ordinal);
        var from = text.IndexOf('{', thoughts < 0 ? 0 : thoughts + ThoughtsEnd.Length);
        if (from < 0)
            return default;
        var end = text.LastIndexOf('}');
        return end < from ? text.AsMemory(from) : text.AsMemory(from, end + 1 - from);
    }
}
