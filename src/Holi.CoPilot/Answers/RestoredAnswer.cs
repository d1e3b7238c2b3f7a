using Holi.CoPilot.Checks;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Privacy;

namespace Holi.CoPilot.Answers;

/// <summary>
/// A model's answer as a note's content: identifiers put back, segments that do not exist dropped, sections in the order of the form. Pure.
/// </summary>
internal sealed class RestoredAnswer
{
    private readonly Redaction? _redaction;
    private readonly int _segments;
    private readonly List<string> _unknownTokens = [];

    private RestoredAnswer(Redaction? redaction, int segments) => (_redaction, _segments) = (redaction, segments);

    /// <summary>What the note says, and places in which a token could not be put back.</summary>
    /// <param name="answer">Valid.</param>
    /// <param name="kind">Of the note.</param>
    /// <param name="segments">How many the transcript has.</param>
    /// <param name="redaction">Null where nothing was taken out.</param>
    public static (NoteContent Content, IReadOnlyList<string> UnknownTokens) Of(Answer answer, NoteKind kind, int segments, Redaction? redaction)
    {
        var restored = new RestoredAnswer(redaction, segments);
        var content = new NoteContent(
            answer.ChiefComplaint is { } complaint ? restored.Statement(complaint, "chiefComplaint") : null,
            [.. NoteForms.Of(kind).Select(section => (section.Key, (IReadOnlyList<NoteStatement>)restored.Statements(answer.Sections[section.Key], section.Key)))],
            All("diagnoses", answer.Diagnoses, (entry, where) => entry with
            {
                Name = restored.Text(entry.Name, where),
                Segments = restored.Existing(entry.Segments),
                Candidates = [.. entry.Candidates.Select(candidate => candidate with { Code = candidate.Code.Trim().ToUpperInvariant() })],
            }),
            All("medications", answer.Medications, (entry, where) => entry with
            {
                Name = restored.Text(entry.Name, where),
                Dose = restored.TextOrNull(entry.Dose, where),
                Unit = restored.TextOrNull(entry.Unit, where),
                Frequency = restored.TextOrNull(entry.Frequency, where),
                Segments = restored.Existing(entry.Segments),
            }),
            All("followUps", answer.FollowUps, (entry, where) => entry with
            {
                Text = restored.Text(entry.Text, where),
                When = restored.TextOrNull(entry.When, where),
                Segments = restored.Existing(entry.Segments),
            }));
        return (content, restored._unknownTokens);
    }

    /// <summary>One statement, for who reads along.</summary>
    public static NoteStatement Of(NoteStatement statement, int segments, Redaction? redaction) =>
        new RestoredAnswer(redaction, segments).Statement(statement, "");

    private List<NoteStatement> Statements(IReadOnlyList<NoteStatement> statements, string key) =>
        All($"sections/{key}", statements, Statement);

    private static List<T> All<T>(string place, IReadOnlyList<T> entries, Func<T, string, T> restore) =>
        [.. entries.Select((entry, i) => restore(entry, $"{place}/{i}"))];

    private NoteStatement Statement(NoteStatement statement, string where) => statement with
    {
        Text = Text(statement.Text, where),
        Segments = Existing(statement.Segments),
        Confidence = Math.Clamp(statement.Confidence, 0, 1),
    };

    private int[] Existing(IReadOnlyList<int> segments) => [.. segments.Where(index => index >= 0 && index < _segments).Distinct().Order()];

    private string? TextOrNull(string? text, string where) => string.IsNullOrWhiteSpace(text) ? null : Text(text, where);

    private string Text(string text, string where)
    {
        if (_redaction is null)
            return text;
        var words = _redaction.Restore(text, out var isUnknown);
        if (isUnknown)
            _unknownTokens.Add(where);
        return words;
    }
}
