using System.Globalization;
using System.Text;
using System.Text.Json;
using Holi.CoPilot.Notes;

namespace Holi.Gateway.Notes;

/// <summary>A note as a person at a terminal reads it: what it says and which segments say so, what to check, and where it came from. Pure.</summary>
internal static class NoteText
{
    private const int Width = 100;

    public static string Of(Note note)
    {
        var text = new StringBuilder();
        Line(text, $"DRAFT  {Title(note.Kind)}  ({note.Language})");
        if (note.ChiefComplaint is { } complaint)
            Section(text, "Chief complaint", [Cited(complaint.Text, complaint.Segments)]);
        foreach (var section in note.Sections)
        {
            var title = section.Statements.Count > 0 && section.Confidence > 0 ? string.Create(CultureInfo.InvariantCulture, $"{section.Title} ({section.Confidence:0.00})") : section.Title;
            Section(text, title, section.Statements.Count > 0 ? section.Statements.Select(statement => Cited(statement.Text, statement.Segments)) : ["–"]);
        }
        Section(text, "Diagnoses", note.Diagnoses.Select(entry => Cited(
            $"{entry.Name}, {entry.Certainty}{(entry.Candidates.Count > 0 ? $"; ICD-10? {string.Join(", ", entry.Candidates.Select(candidate => candidate.Code))}" : "")}", entry.Segments)));
        Section(text, "Medications", note.Medications.Select(entry => Cited(
            $"{string.Join(' ', new[] { entry.Name, entry.Dose, entry.Unit, entry.Frequency }.Where(word => !string.IsNullOrEmpty(word)))}, {entry.Status}", entry.Segments)));
        Section(text, "Follow-up", note.FollowUps.Select(entry => Cited(entry.When is null ? entry.Text : $"{entry.Text} ({entry.When})", entry.Segments)));
        Section(text, "CHECK BEFORE SIGNING", note.Flags.Select(flag => $"{(flag.Where.Length > 0 ? $"{flag.Where}: " : "")}{flag.Message}"));
        Section(text, "Where this came from", From(note.Provenance));
        return text.ToString();
    }

    public static string Json(Note note) => JsonSerializer.Serialize(note, NoteJson.Default.Note) + "\n";

    private static IEnumerable<string> From(NoteProvenance from)
    {
        yield return from.Source switch
        {
            NoteSource.Template => $"a template ({from.PromptVersion}); no model wrote this",
            NoteSource.Cache => string.Create(CultureInfo.InvariantCulture, $"an earlier note for the same request, {from.Age.TotalMinutes:0} min old, by {from.Provider}, model {from.Model}, prompt {from.PromptVersion}"),
            _ => $"{from.Source.ToString().ToLowerInvariant()}: {from.Provider}, model {from.Model}, prompt {from.PromptVersion}",
        };
        var tokens = from.InputTokens + from.OutputTokens > 0 ? $", {from.InputTokens} tokens read, {from.OutputTokens} written" : "";
        yield return string.Create(CultureInfo.InvariantCulture, $"{from.Latency.TotalSeconds:0.00} s{tokens}{(from.Parts > 1 ? $", {from.Parts} parts" : "")}")
            + (from.IsRedacted ? ", identifiers taken out and put back" : "") + (from.IsRepaired ? ", repaired once" : "");
        if (from.Attempts.Count > 0)
            yield return $"tried: {string.Join(", ", from.Attempts.Select(attempt => $"{attempt.Provider} {attempt.Outcome}"))}";
    }

    private static string Title(NoteKind kind) => kind switch
    {
        NoteKind.Soap => "SOAP note",
        NoteKind.Progress => "Progress note",
        NoteKind.Referral => "Referral",
        _ => "Summary for the patient",
    };

    private static string Cited(string text, IReadOnlyList<int> segments) => segments.Count > 0 ? $"{text} [{string.Join(", ", segments)}]" : text;

    private static void Section(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
            return;
        Line(text, "");
        Line(text, title);
        foreach (var line in all)
            Wrapped(text, line);
    }

    // Words of somebody else: nothing in them may move a terminal's cursor.
    private static void Wrapped(StringBuilder text, string line)
    {
        var indent = "  ";
        var row = new StringBuilder(indent);
        foreach (var word in new string([.. line.Select(c => char.IsControl(c) ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (row.Length + 1 + word.Length > Width && row.Length > indent.Length)
            {
                Line(text, row.ToString());
                indent = "    ";
                row.Clear().Append(indent);
            }
            row.Append(row.Length > indent.Length ? " " : "").Append(word);
        }
        Line(text, row.ToString());
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
