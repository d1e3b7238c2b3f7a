using Holi.CoPilot.Checks;

namespace Holi.CoPilot.Notes;

/// <summary>Makes a note of its content: checks it, flags what a person must look at, and trusts that less. Pure.</summary>
internal static class NoteAssembly
{
    // A statement that is flagged counts half: it may be right, but nobody should rely on it.
    private const double FlaggedWeight = 0.5;

    public static Note Of(NoteRequest request, NoteContent content, IEnumerable<NoteFlag> known, NoteProvenance provenance)
    {
        var language = request.Transcript.Language;
        NoteFlag[] flags = [.. known, .. NoteChecks.Check(new CheckedNote(request, content))];
        var flagged = flags.Select(flag => flag.Where).ToHashSet();
        var titles = NoteForms.Of(request.Kind).ToDictionary(section => section.Key, section => section.Title(language));
        return new Note
        {
            Kind = request.Kind,
            Language = language,
            ChiefComplaint = content.ChiefComplaint,
            Sections = [.. content.Sections.Select(section => new NoteSection(
                section.Key, titles[section.Key], section.Statements, Confidence(section.Key, section.Statements, flagged)))],
            Diagnoses = content.Diagnoses,
            Medications = content.Medications,
            FollowUps = content.FollowUps,
            Flags = flags,
            Provenance = provenance,
        };
    }

    private static double Confidence(string key, IReadOnlyList<NoteStatement> statements, HashSet<string> flagged)
    {
        if (statements.Count == 0)
            return 0;
        var sum = statements.Select((statement, i) => flagged.Contains($"sections/{key}/{i}") ? statement.Confidence * FlaggedWeight : statement.Confidence).Sum();
        return Math.Round(sum / statements.Count, 3);
    }
}
