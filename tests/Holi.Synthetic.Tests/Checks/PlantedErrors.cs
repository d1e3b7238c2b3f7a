using Holi.CoPilot.Notes;
using Holi.Synthetic.Notes;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Tests.Checks;

/// <summary>An error that is put into a clean record; null where the record has no place for it.</summary>
internal sealed record PlantedError(string Rule, string Name, Func<SyntheticRecord, SyntheticRecord?> Plant);

/// <summary>One of each kind that the checks are for.</summary>
internal static class PlantedErrors
{
    private static readonly ClinicalTable Table = ClinicalTable.Current;

    public static IReadOnlyList<PlantedError> All { get; } =
    [
        new("person", "an age that is not the birth date's", record => Patient(record, patient => patient with { BirthDate = patient.BirthDate.AddYears(-3) })),
        new("person", "a disease of the other sex", record => Table.Conditions[record.Encounter.Condition].Sex is null ? null
            : Patient(record, patient => patient with { Sex = patient.Sex == "female" ? "male" : "female" })),
        new("person", "a pregnant man", record => record.Patient.Sex == "female" ? null : Patient(record, patient => patient with { IsPregnant = true })),
        new("person", "a weight of another body", record => Patient(record, patient => patient with { WeightKg = patient.WeightKg + 20 })),
        new("person", "a telephone number that somebody may have", record => Patient(record, patient => patient with { Phone = "+1 212-736-5000" })),
        new("person", "a chronic disease of old age in a young patient", record => record.Patient.Age > 40 ? null
            : Patient(record, patient => patient with { Problems = [new Problem("benign-prostatic-hyperplasia", "N40", "x", 2024)] })),
        new("vitals", "a pulse that nobody survives", record => Vital(record, "heart-rate", 260)),
        new("vitals", "systolic below diastolic", record => Vital(record, "diastolic", 149)),
        new("vitals", "a fever that is denied", record => record.Encounter.Symptoms.Contains("fever") ? null : Vital(record, "temperature", 39.2m)),
        new("vitals", "a fever that is not measured", record => record.Encounter.Symptoms.Contains("fever") ? Vital(record, "temperature", 36.6m) : null),
        new("labs", "a wrong flag", record => Lab(record, lab => lab.Flag == "H", lab => lab with { Flag = "N" })),
        new("labs", "a value that nobody has", record => Lab(record, lab => lab.Measure == "potassium", lab => lab with { Value = 14m, Flag = "H" })),
        new("labs", "a filtration rate of other kidneys", record => Lab(record, lab => lab.Measure == "egfr", lab => lab with { Value = lab.Value - 20 })),
        new("labs", "a glucose that does not go with HbA1c", record => record.Patient.Labs.Any(lab => lab.Measure == "hba1c")
            ? Lab(record, lab => lab.Measure == "glucose", lab => lab with { Value = 420, Flag = "H" }) : null),
        new("labs", "a code of another test", record => Lab(record, _ => true, lab => lab with { Loinc = "9999-9" })),
        new("findings", "a finding where nobody looked", record => record.Encounter.Regions.Contains("ears") ? null
            : Encounter(record, encounter => encounter with { Findings = [.. encounter.Findings, "bulging-drum"] })),
        new("findings", "a racing heart with a calm pulse", record => record.Patient.Vitals.First(vital => vital.Measure == "heart-rate").Value >= 100 || !record.Encounter.Regions.Contains("heart") ? null
            : Encounter(record, encounter => encounter with { Findings = [.. encounter.Findings, "tachycardia"] })),
        new("findings", "normal and abnormal at once", record => record.Encounter.Regions.Contains("lungs") && record.Facts.ContainsKey("region:lungs")
            ? Encounter(record, encounter => encounter with { Findings = [.. encounter.Findings, "wheezes"] }) : null),
        new("diagnosis", "a diagnosis without its evidence", record => record.Encounter.Findings.Count == 0 ? null
            : Encounter(record, encounter => encounter with { Findings = [], Symptoms = [] })),
        new("diagnosis", "a code of another disease", record => Encounter(record, encounter => encounter with { Icd10 = "Z99.9" })),
        new("diagnosis", "an assessment that the state does not support", record => Encounter(record, encounter =>
        {
            var other = encounter.Condition == "gout" ? Table.Conditions["migraine"] : Table.Conditions["gout"];
            return encounter with { Condition = other.Id, Icd10 = other.Icd10, Diagnosis = other.Names[record.Language] };
        })),
        new("symptoms", "felt and denied", record => record.Encounter.Symptoms.Count == 0 ? null
            : Encounter(record, encounter => encounter with { Denied = [.. encounter.Denied, encounter.Symptoms[0]] })),
        new("allergy", "the allergy's own drug", record => record.Encounter.Plan.Any(one => one.Atc.StartsWith("J01C", StringComparison.Ordinal))
            ? Patient(record, patient => patient with { Allergies = [new Allergy("penicillin", "x", "rash", "x", IsSevere: false)] }) : null),
        new("allergy", "a relative of the allergy's drug after anaphylaxis", record => record.Encounter.Plan.Any(one => one.Atc.StartsWith("J01D", StringComparison.Ordinal))
            ? Patient(record, patient => patient with { Allergies = [new Allergy("penicillin", "x", "anaphylaxis", "x", IsSevere: true)] }) : null),
        new("dose", "ten times the dose", record => Plan(record, one => one with { Dose = one.Dose * 10 })),
        new("dose", "too often", record => record.Patient.Age < 12 ? null : Plan(record, one => one.Drug == "amoxicillin", one => one with { FrequencyKind = "every", FrequencyCount = 4, Dose = 1000 })),
        new("dose", "another unit", record => Plan(record, one => one.Unit == "mg", one => one with { Unit = "g" })),
        new("dose", "an adult's dose for a child", record => record.Patient.Age > 5 ? null : Plan(record, one => one.Drug == "amoxicillin", one => one with { Dose = 1000 })),
        new("contraindication", "a drug that harms the unborn", record => record.Patient.Sex == "male" || record.Encounter.Plan.All(one => one.Drug != "doxycycline") ? null
            : Patient(record, patient => patient with { IsPregnant = true })),
        new("contraindication", "an anti-inflammatory for failing kidneys", record => record.Encounter.Plan.All(one => one.Drug is not ("ibuprofen" or "naproxen")) ? null
            : Patient(record, patient => patient with { Egfr = 25, Labs = [] })),
        new("contraindication", "a drug that worsens a known disease", record => record.Encounter.Plan.All(one => one.Drug is not ("ibuprofen" or "naproxen")) ? null
            : Patient(record, patient => patient with { Problems = [new Problem("heart-failure", "I50.9", "x", 2020)] })),
        new("interaction", "two that must not go together", record => record.Encounter.Plan.All(one => one.Drug is not ("ibuprofen" or "naproxen")) ? null
            : Patient(record, patient => patient with { Medications = [.. patient.Medications, Drug(record, "apixaban", 5, "daily", 2)] })),
        new("interaction", "the same drug twice", record => record.Encounter.Plan.Count == 0 ? null
            : Encounter(record, encounter => encounter with { Plan = [.. encounter.Plan, encounter.Plan[0]] })),
        new("times", "a turn before the one before it", record => Segment(record, 5, segment => segment with { Start = TimeSpan.Zero })),
        new("times", "a turn at the pace of an auctioneer", record => Segment(record, Longest(record), segment => segment with { End = segment.Start + TimeSpan.FromMilliseconds(300) })),
        new("times", "a talk of three turns", record => record with { Transcript = record.Transcript with { Segments = [.. record.Transcript.Segments.Take(3)] } }),
        new("said", "a dose that nobody said", record => Plan(record, one => one.Unit == "mg", one => one with { Dose = one.Dose + 1 })),
        new("said", "a drug that nobody prescribed", record => Encounter(record, encounter => encounter with { Plan = [.. encounter.Plan, Drug(record, "psyllium", 7, "daily", 1)] })),
        new("said", "a drug that is of no record", record => Segment(record, 6, segment => segment with { Text = segment.Text + " " + Table.Drugs["methimazole"].Names[record.Language] + "." })),
        new("said", "an allergy that was kept to oneself", record => Patient(record, patient => patient with { Allergies = [.. patient.Allergies, new Allergy("latex", "latex gloves", "rash", "spots", IsSevere: false)] })),
        new("said", "another blood pressure than was said", record => Vital(record, "systolic", 133 + record.Patient.Vitals.First(vital => vital.Measure == "systolic").Value!.Value % 2)),
        new("said", "a result that was not read out", record => Lab(record, lab => lab.Value is not null && lab.Flag == "N", lab => lab with { Value = lab.Value + 0.01m })),
        new("said", "another next visit", record => Encounter(record, encounter => encounter with { FollowUpDays = encounter.FollowUpDays + 91 })),
        new("denied", "a denial that was a yes", record => Denial(record, record.Language switch { Language.English => "Yes, a lot.", Language.Spanish => "Sí, mucho.", _ => "Sim, muito." })),
        new("denied", "a denial that nobody asked for", record => Encounter(record, encounter => encounter.Denied.Contains("jaundice") || encounter.Symptoms.Contains("jaundice") ? null
            : encounter with { Denied = [.. encounter.Denied, "jaundice"] })),
        new("wording", "a place left unfilled", record => Segment(record, 4, segment => segment with { Text = "I have {name}." })),
        new("wording", "two spaces", record => Segment(record, 4, segment => segment with { Text = segment.Text.Replace(" ", "  ", StringComparison.Ordinal) + "  ." })),
        new("wording", "another language", record => Segment(record, 4, segment => segment with { Text = record.Language == Language.English ? "Me duele mucho, pero no está aquí." : "It hurts a lot, and you know the rest." })),
        new("wording", "a woman who speaks of herself as a man", record => record.Language == Language.English || record.Patient.Sex != "female" ? null
            : Say(record, Speakers.Patient, record.Language == Language.Spanish ? "Estoy cansado todo el tiempo." : "Estou cansado o tempo todo.")),
        new("wording", "a man who speaks of himself as a woman", record => record.Language == Language.English || record.Patient.Sex == "female" ? null
            : Say(record, Speakers.Patient, record.Language == Language.Spanish ? "Estoy cansada todo el tiempo." : "Muito obrigada.")),
        new("wording", "tú to somebody who is addressed as usted", record => record.Language != Language.Spanish || !record.Encounter.IsFormal || record.Patient.Age < 12 ? null
            : Say(record, Speakers.Doctor, "¿Y tú qué tienes?")),
        new("wording", "você to a lady", record => record.Language != Language.Portuguese || !record.Encounter.IsFormal || record.Patient.Age < 12 ? null
            : Say(record, Speakers.Doctor, "E você, como está?")),
        new("wording", "a question without its beginning", record => record.Language != Language.Spanish ? null : Say(record, Speakers.Doctor, "Cómo está?")),
        new("note", "a denied symptom noted as felt", record => record.Encounter.Denied.Count == 0 || record.Encounter.Symptoms.Count == 0 ? null
            : Note(record, "subjective", text => text.StartsWith(Beginning(record), StringComparison.Ordinal)
                ? text.TrimEnd('.') + ", " + Table.Symptoms[record.Encounter.Denied[0]].Term(record.Language) + "." : text)),
        new("note", "a symptom left out", record => record.Encounter.Symptoms.Count < 2 ? null
            : Note(record, "subjective", text => text.StartsWith(Beginning(record), StringComparison.Ordinal)
                ? text.Replace(", " + Table.Symptoms[record.Encounter.Symptoms[^1]].Term(record.Language), "", StringComparison.Ordinal) : text)),
        new("note", "another dose in the note", record => record.Encounter.Plan.Count == 0 ? null : Note(record, "plan", text => text.Replace("0", "9", StringComparison.Ordinal).Replace("5", "9", StringComparison.Ordinal).Replace("1", "9", StringComparison.Ordinal))),
        new("note", "a medication that nobody takes", record => record with
        {
            Reference = record.Reference with { Medications = [.. record.Reference.Medications, new NoteMedication("x", "1", "mg", "daily", "started", [0])] },
        }),
        new("note", "a statement that nothing supports", record => Statement(record, statement => statement with { Segments = [] })),
        new("note", "a statement that points beyond the end", record => Statement(record, statement => statement with { Segments = [9999] })),
        new("note", "a note that passes for a model's", record => record with { Reference = record.Reference with { Provenance = new ReferenceProvenance { Source = "cloud" } } }),
        new("note", "another diagnosis in the note", record => record with
        {
            Reference = record.Reference with { Diagnoses = [record.Reference.Diagnoses[0] with { Candidates = [new Icd10Candidate("A00.0", "Cholera", 1)] }] },
        }),
    ];

    private static SyntheticRecord Patient(SyntheticRecord record, Func<Patient, Patient> change) => record with { Patient = change(record.Patient) };

    private static SyntheticRecord? Encounter(SyntheticRecord record, Func<Encounter, Encounter?> change) =>
        change(record.Encounter) is { } encounter ? record with { Encounter = encounter } : null;

    private static SyntheticRecord Vital(SyntheticRecord record, string measure, decimal value) =>
        Patient(record, patient => patient with { Vitals = [.. patient.Vitals.Select(vital => vital.Measure == measure ? vital with { Value = value } : vital)] });

    private static SyntheticRecord? Lab(SyntheticRecord record, Func<Measurement, bool> which, Func<Measurement, Measurement> change)
    {
        var index = record.Patient.Labs.ToList().FindIndex(lab => which(lab));
        return index < 0 ? null : Patient(record, patient => patient with { Labs = [.. patient.Labs.Select((lab, i) => i == index ? change(lab) : lab)] });
    }

    private static SyntheticRecord? Plan(SyntheticRecord record, Func<Prescription, Prescription> change) => Plan(record, _ => true, change);

    private static SyntheticRecord? Plan(SyntheticRecord record, Func<Prescription, bool> which, Func<Prescription, Prescription> change) =>
        !record.Encounter.Plan.Any(which) ? null
            : record with { Encounter = record.Encounter with { Plan = [.. record.Encounter.Plan.Select(one => which(one) ? change(one) : one)] } };

    private static Prescription Drug(SyntheticRecord record, string id, decimal dose, string kind, int count) => new(
        id, Table.Drugs[id].Atc, Table.Drugs[id].Names[record.Language], dose, Table.Drugs[id].Adult.Unit, "oral", kind, count, IsAsNeeded: false, Days: null, IsLongTerm: true, "x");

    private static SyntheticRecord Segment(SyntheticRecord record, int index, Func<TranscriptSegment, TranscriptSegment> change) => record with
    {
        Transcript = record.Transcript with { Segments = [.. record.Transcript.Segments.Select(segment => segment.Index == index ? change(segment) : segment)] },
    };

    private static int Longest(SyntheticRecord record) => record.Transcript.Segments.MaxBy(segment => segment.Text.Length)!.Index;

    /// <summary>The first turn of a speaker says something else.</summary>
    private static SyntheticRecord? Say(SyntheticRecord record, string speaker, string text) =>
        record.Transcript.Segments.FirstOrDefault(segment => segment.Speaker == speaker) is { } first ? Segment(record, first.Index, segment => segment with { Text = text }) : null;

    /// <summary>What was answered to the question for a symptom that is denied.</summary>
    private static SyntheticRecord? Denial(SyntheticRecord record, string answer)
    {
        var denied = record.Facts.Keys.FirstOrDefault(fact => fact.StartsWith("denied:", StringComparison.Ordinal));
        return denied is null ? null : Segment(record, record.Facts[denied][1], segment => segment with { Text = answer });
    }

    private static string Beginning(SyntheticRecord record)
    {
        var reports = NoteWords.Of(record.Language).Reports;
        return reports[..reports.IndexOf('{', StringComparison.Ordinal)];
    }

    private static SyntheticRecord Note(SyntheticRecord record, string section, Func<string, string> change) => record with
    {
        Reference = record.Reference with
        {
            Sections = [.. record.Reference.Sections.Select(one => one.Key == section
                ? one with { Statements = [.. one.Statements.Select(statement => statement with { Text = change(statement.Text) })] } : one)],
        },
    };

    private static SyntheticRecord Statement(SyntheticRecord record, Func<NoteStatement, NoteStatement> change) => record with
    {
        Reference = record.Reference with { ChiefComplaint = change(record.Reference.ChiefComplaint) },
    };
}
