// Whether a record is consistent. Pure, and apart from the generator: it reads the finished record and the table, and re-reads the words. It shares no
// decision with the code that drew the record, so that a mistake there is found here.

using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Checks;

/// <summary>Looks for what cannot be in a record.</summary>
internal static class RecordCheck
{
    /// <summary>Every rule, with what it holds: for the report and the data card.</summary>
    public static IReadOnlyList<(string Rule, string Meaning)> Rules { get; } =
    [
        ("person", "Age fits the birth date, the condition and its sex; only women are pregnant; body mass index follows from weight and height."),
        ("vitals", "Vital signs are within what a living person can have; systolic is well above diastolic; a fever is measured where it is reported, and not where it is denied."),
        ("labs", "Results are within limits; flags follow from the reference range; filtration rate follows from creatinine, age and sex; total cholesterol is the sum of its parts; glucose fits HbA1c."),
        ("findings", "What is found was looked for; a region is not normal and abnormal at once; tachycardia and the like are in the measured values."),
        ("diagnosis", "The assessment follows: everything that the table demands for it is in the state; none of the conditions that were ruled out is proven by the same state."),
        ("symptoms", "Nothing is both felt and denied; what is demanded is felt."),
        ("allergy", "No drug is prescribed or taken that the patient's allergies forbid."),
        ("dose", "Every dose and its daily total are within the drug's range, by weight under 12 years."),
        ("contraindication", "Pregnancy, age, kidney function and known problems allow every drug."),
        ("interaction", "No drug is there twice, and none beside one it must not go with."),
        ("times", "Turns follow each other without overlap, at the pace of speech; the whole has the length of a consultation."),
        ("said", "Every drug with its dose and frequency, every allergy, every measured value, the diagnosis, the warnings and the next visit are said in so many words."),
        ("denied", "Whatever is denied was asked by name and answered with no."),
        ("wording", "No place is left unfilled; sentences begin and end as they should; one language; gender and form of address agree throughout."),
        ("note", "The reference note says what is felt as felt and what is denied as denied, every drug with its dose, nothing that is not in the state, and names segments that say it."),
    ];

    public static IEnumerable<Violation> Of(ClinicalTable table, SyntheticRecord record)
    {
        var scene = new Subject(table, record);
        return PersonCheck.Of(scene)
            .Concat(MeasureCheck.Of(scene))
            .Concat(DiagnosisCheck.Of(scene))
            .Concat(PrescriptionCheck.Of(scene))
            .Concat(TimesCheck.Of(scene))
            .Concat(SaidCheck.Of(scene))
            .Concat(WordingCheck.Of(scene))
            .Concat(NoteCheck.Of(scene));
    }
}

/// <summary>A record and what the table says about it.</summary>
internal sealed record Subject(ClinicalTable Table, SyntheticRecord Record)
{
    public Patient Patient => Record.Patient;

    public Encounter Encounter => Record.Encounter;

    public Condition Condition { get; } = Table.Conditions[Record.Encounter.Condition];

    public Language Language { get; } = Languages.Of(Record.Patient.Language);

    public decimal? Vital(string measure) => Patient.Vitals.FirstOrDefault(vital => vital.Measure == measure)?.Value;

    public Measurement? Lab(string measure) => Patient.Labs.FirstOrDefault(lab => lab.Measure == measure);
}
