using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Holi.ModelServer;

/// <summary>
/// A note made of a prompt: the patient's first words as the complaint, the patient's sentences in the first section, the clinician's last ones in the last. It copies, so
/// whoever checks it finds everything supported; it understands nothing.
/// </summary>
internal static partial class FakeNote
{
    private const int StatementsMax = 8;

    public static string Of(string system, string user)
    {
        var keys = Section().Matches(system).Select(match => match.Groups[1].Value).ToList();
        var lines = Line().Matches(user).Select(match => (Index: int.Parse(match.Groups[1].Value), Speaker: match.Groups[2].Value, Text: match.Groups[3].Value.Trim())).ToList();
        var said = lines.Where(line => line.Speaker == "patient" && line.Text.Length > 0).ToList();
        var advised = lines.Where(line => line.Speaker == "doctor" && line.Text.Length > 0 && !line.Text.Contains('?')).TakeLast(2).ToList();
        var sections = new JsonObject();
        foreach (var key in keys)
            sections[key] = key == keys[0] ? Statements(said.Take(StatementsMax)) : key == keys[^1] ? Statements(advised) : new JsonArray();
        return new JsonObject
        {
            ["chiefComplaint"] = said.Count > 0 ? Statement(said[0]) : null,
            ["sections"] = sections,
            ["diagnoses"] = new JsonArray(),
            ["medications"] = new JsonArray(),
            ["followUps"] = new JsonArray(),
        }.ToJsonString();
    }

    private static JsonArray Statements(IEnumerable<(int Index, string Speaker, string Text)> lines) => new([.. lines.Select(Statement)]);

    private static JsonObject Statement((int Index, string Speaker, string Text) line) => new()
    {
        ["text"] = line.Text, ["segments"] = new JsonArray(line.Index), ["confidence"] = 0.9,
    };

    [GeneratedRegex(@"^- (\w+): ", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\[(\d+)\] (\w+): (.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
