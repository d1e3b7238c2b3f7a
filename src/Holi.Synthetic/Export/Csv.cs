using System.Globalization;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Export;

/// <summary>Comma-separated values as RFC 4180 has them: quoted where needed, lines ending in CR LF.</summary>
internal static class Csv
{
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "split", "created_at", "language", "age", "sex", "pregnant", "condition", "icd10", "diagnosis", "onset_days", "symptoms", "denied", "findings",
        "systolic", "diastolic", "heart_rate", "respiratory_rate", "temperature", "oxygen_saturation", "pain", "weight_kg", "height_cm", "bmi", "labs", "problems",
        "medications", "allergies", "plan", "advice", "red_flags", "differential", "referral", "follow_up_days", "turns", "minutes", "transcript", "reference_note",
        "written_note_source",
    ];

    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(Quote)) + "\r\n";

    public static IEnumerable<string> Fields(SyntheticRecord record, string? writtenBy)
    {
        var (patient, encounter) = (record.Patient, record.Encounter);
        string Vital(string measure) => Number(patient.Vitals.First(vital => vital.Measure == measure).Value!.Value);
        return
        [
            record.Id, Split.Of(patient.Id), encounter.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), patient.Language, Number(patient.Age), patient.Sex,
            patient.IsPregnant ? "true" : "false", encounter.Condition, encounter.Icd10, encounter.Diagnosis, Number(encounter.OnsetDays), List(encounter.Symptoms),
            List(encounter.Denied), List(encounter.Findings), Vital("systolic"), Vital("diastolic"), Vital("heart-rate"), Vital("respiratory-rate"), Vital("temperature"),
            Vital("oxygen-saturation"), Vital("pain"), Number(patient.WeightKg), Number(patient.HeightCm), Number(patient.Bmi),
            List(patient.Labs.Select(lab => $"{lab.Loinc}={(lab.Value is { } value ? Number(value) : lab.Result)}")), List(patient.Problems.Select(problem => problem.Icd10)),
            List(patient.Medications.Select(Drug)), List(patient.Allergies.Select(allergy => allergy.Allergen)), List(encounter.Plan.Select(Drug)), List(encounter.Advice),
            List(encounter.RedFlags), List(encounter.Differential), encounter.Refer ?? "", Number(encounter.FollowUpDays), Number(record.Transcript.Segments.Count),
            Number(Math.Round((decimal)record.Transcript.Segments[^1].End.TotalMinutes, 1)), ChatLines.Dialogue(record.Transcript), ChatLines.Text(record.Reference), writtenBy ?? "",
        ];
    }

    private static string Drug(Prescription one) =>
        $"{one.Atc} {Number(one.Dose)} {one.Unit} {Wording.Often(one.FrequencyKind, one.FrequencyCount, one.IsAsNeeded, Phrases.Of(Language.English))}";

    private static string Number(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static string List(IEnumerable<string> items) => string.Join("; ", items);

    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(",\"\r\n");

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny(Special) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
