using System.Text;
using System.Text.Json;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Prompts;

/// <summary>
/// The JSON schema that an answer must satisfy, one for each kind. It keeps to what all providers take: each property required, nothing else allowed, no
/// ranges. Those are in the schema by which answers are checked.
/// </summary>
internal static class AnswerSchema
{
    private const int TextCharsMax = 2_000, EntriesMax = 400;

    private static readonly JsonElement[] Told = [.. Enum.GetValues<NoteKind>().Select(kind => Build(kind, hasRanges: false))];
    private static readonly JsonElement[] Checked = [.. Enum.GetValues<NoteKind>().Select(kind => Build(kind, hasRanges: true))];

    /// <summary>What providers are told.</summary>
    public static JsonElement ForProviders(NoteKind kind) => Told[(int)kind];

    /// <summary>By what answers are checked: the same, and ranges.</summary>
    public static JsonElement ForChecking(NoteKind kind) => Checked[(int)kind];

    private static JsonElement Build(NoteKind kind, bool hasRanges)
    {
        var schema = new Schema(hasRanges);
        var statement = Schema.Object(
            ("text", schema.Text()), ("segments", schema.Segments()), ("confidence", schema.Ratio()));
        var candidate = Schema.Object(("code", schema.Text()), ("display", schema.Text()), ("confidence", schema.Ratio()));
        var sections = Schema.Object([.. NoteForms.Of(kind).Select(section => (section.Key, schema.List(statement)))]);
        var json = Schema.Object(
            ("chiefComplaint", $$"""{"anyOf":[{{statement}},{"type":"null"}]}"""),
            ("sections", sections),
            ("diagnoses", schema.List(Schema.Object(
                ("name", schema.Text()), ("certainty", """{"type":"string","enum":["confirmed","suspected","ruledOut"]}"""),
                ("candidates", schema.List(candidate)), ("segments", schema.Segments()), ("confidence", schema.Ratio())))),
            ("medications", schema.List(Schema.Object(
                ("name", schema.Text()), ("dose", schema.TextOrNull()), ("unit", schema.TextOrNull()), ("frequency", schema.TextOrNull()),
                ("status", """{"type":"string","enum":["taking","started","changed","stopped","mentioned"]}"""), ("segments", schema.Segments())))),
            ("followUps", schema.List(Schema.Object(
                ("text", schema.Text()), ("when", schema.TextOrNull()), ("segments", schema.Segments())))));
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private sealed class Schema(bool hasRanges)
    {
        private string Range(string text) => hasRanges ? text : "";

        public string Text() => $$"""{"type":"string"{{Range($",\"minLength\":1,\"maxLength\":{TextCharsMax}")}}}""";

        public string TextOrNull() => $$"""{"type":["string","null"]{{Range($",\"maxLength\":{TextCharsMax}")}}}""";

        public string Ratio() => $$"""{"type":"number"{{Range(",\"minimum\":0,\"maximum\":1")}}}""";

        public string Segments() => List($$"""{"type":"integer"{{Range($",\"minimum\":0,\"maximum\":{int.MaxValue}")}}}""");

        public string List(string items) => $$"""{"type":"array","items":{{items}}{{Range($",\"maxItems\":{EntriesMax}")}}}""";

        public static string Object(params (string Name, string Schema)[] properties)
        {
            var json = new StringBuilder("""{"type":"object","properties":{""");
            json.AppendJoin(',', properties.Select(property => $"\"{property.Name}\":{property.Schema}"));
            json.Append("""},"required":[""").AppendJoin(',', properties.Select(property => $"\"{property.Name}\""));
            return json.Append("""],"additionalProperties":false}""").ToString();
        }
    }
}
