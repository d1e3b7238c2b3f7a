using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Notes;

namespace Holi.Synthetic.Checks;

/// <summary>Whether the reference note says what is so, and nothing else.</summary>
internal static class NoteCheck
{
    public static IEnumerable<Violation> Of(Subject subject) => Felt(subject).Concat(Drugs(subject)).Concat(Form(subject));

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Violation> Felt(Subject subject)
    {
        var words = NoteWords.Of(subject.Language);
        var denies = words.Denies[..words.Denies.IndexOf('{', StringComparison.Ordinal)];
        var reports = words.Reports[..words.Reports.IndexOf('{', StringComparison.Ordinal)];
        var subjective = subject.Record.Reference.Section("subjective").Select(statement => statement.Text).ToList();
        var denied = Items(subjective, denies);
        var reported = Items(subjective, reports);
        var terms = subject.Table.Symptoms.Values.ToDictionary(symptom => symptom.Id, symptom => symptom.Term(subject.Language), StringComparer.Ordinal);
        foreach (var id in subject.Encounter.Symptoms.Where(id => !reported.Contains(terms[id]) || denied.Contains(terms[id])))
            yield return new Violation("note", $"{id} is felt and not noted so");
        foreach (var id in subject.Encounter.Denied.Where(id => !denied.Contains(terms[id]) || reported.Contains(terms[id])))
            yield return new Violation("note", $"{id} is denied and not noted so");
        if (reported.Count != subject.Encounter.Symptoms.Count || denied.Count != subject.Encounter.Denied.Count)
            yield return new Violation("note", "more is noted than is felt or denied");
        // What is denied may be in no other statement but the warnings, which are about later.
        var elsewhere = subject.Record.Reference.Section("assessment").Select(statement => statement.Text).Append(subject.Record.Reference.ChiefComplaint.Text).ToList();
        foreach (var id in subject.Encounter.Denied.Where(id => elsewhere.Exists(text => Items([text], "").Contains(terms[id]))))
            yield return new Violation("note", $"{id} is denied and noted as a reason");
    }

    private static HashSet<string> Items(List<string> statements, string beginning) =>
        [.. statements.Where(text => text.StartsWith(beginning, StringComparison.Ordinal)).SelectMany(text => text[beginning.Length..].TrimEnd('.').Split(", "))];

    private static IEnumerable<Violation> Drugs(Subject subject)
    {
        var note = subject.Record.Reference;
        var plan = note.Section("plan").Select(statement => statement.Text).ToList();
        foreach (var one in subject.Encounter.Plan)
        {
            var dose = $"{Wording.Number(one.Dose, subject.Language)} {Wording.Unit(one.Unit, one.Dose, Phrases.Of(subject.Language))}";
            if (!plan.Exists(text => Has(text, one.Name) && Has(text, dose) && Has(text, one.Frequency)))
                yield return new Violation("note", $"{one.Drug} is prescribed and not noted with its dose");
        }
        var started = note.Medications.Where(one => one.Status == "started").Select(one => one.Name).ToList();
        var taking = note.Medications.Where(one => one.Status == "taking").Select(one => one.Name).ToList();
        if (!started.SequenceEqual(subject.Encounter.Plan.Select(one => one.Name)) || !taking.SequenceEqual(subject.Patient.Medications.Select(one => one.Name)))
            yield return new Violation("note", "the medications are not those of the state");
        if (note.Medications.FirstOrDefault(one => one.Dose is null || one.Unit is null || one.Segments.Count == 0) is { } without)
            yield return new Violation("note", $"{without.Name} without dose, unit or source");
        foreach (var allergy in subject.Patient.Allergies.Where(allergy => !note.Section("subjective").Any(statement => Has(statement.Text, allergy.Name))))
            yield return new Violation("note", $"the allergy to {allergy.Allergen} is not noted");
    }

    private static IEnumerable<Violation> Form(Subject subject)
    {
        var note = subject.Record.Reference;
        var segments = subject.Record.Transcript.Segments;
        if (note.Diagnoses[0].Candidates[0].Code != subject.Encounter.Icd10 || note.Language != subject.Patient.Language || note.Provenance.Source != "reference")
            yield return new Violation("note", "its diagnosis, language or label is another");
        foreach (var statement in note.Sections.SelectMany(section => section.Statements).Append(note.ChiefComplaint))
        {
            if (statement.Segments.Count == 0 || statement.Segments.Any(index => index < 0 || index >= segments.Count))
                yield return new Violation("note", $"nothing in the transcript supports: {statement.Text}");
            if (statement.Text.AsSpan().ContainsAny('{', '}', '|'))
                yield return new Violation("note", $"a place is unfilled: {statement.Text}");
        }
        foreach (var one in note.Medications)
        {
            if (!one.Segments.Any(index => index < segments.Count && Has(segments[index].Text, one.Name)))
                yield return new Violation("note", $"{one.Name} is not in the segments that it names");
        }
    }
}
