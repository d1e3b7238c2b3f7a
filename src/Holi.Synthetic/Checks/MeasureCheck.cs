using Holi.Synthetic.Encounters;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Checks;

/// <summary>Whether measured values are possible, agree with each other and with what is felt and found.</summary>
internal static class MeasureCheck
{
    private const decimal Fever = 37.8m;

    public static IEnumerable<Violation> Of(Subject subject) => Vitals(subject).Concat(Labs(subject)).Concat(Findings(subject));

    private static IEnumerable<Violation> Vitals(Subject subject)
    {
        foreach (var vital in subject.Patient.Vitals)
        {
            if (vital.Value is not { } value || !subject.Table.Vitals.TryGetValue(vital.Measure, out var measure) || !measure.Limits.Holds(value))
                yield return new Violation("vitals", $"{vital.Measure} of {vital.Value}");
            else if (vital.Loinc != measure.Loinc || vital.Unit != measure.Unit)
                yield return new Violation("vitals", $"{vital.Measure} as {vital.Loinc} in {vital.Unit}");
        }
        if (subject.Vital("systolic") - subject.Vital("diastolic") is not (>= 20 and <= 110))
            yield return new Violation("vitals", $"{subject.Vital("systolic")} over {subject.Vital("diastolic")}");
        var isReported = subject.Encounter.Symptoms.Contains("fever");
        if (isReported != subject.Vital("temperature") >= Fever)
            yield return new Violation("vitals", $"fever reported: {isReported}, measured: {subject.Vital("temperature")}");
    }

    private static IEnumerable<Violation> Labs(Subject subject)
    {
        var sex = subject.Patient.Sex == "female" ? Table.Sex.Female : Table.Sex.Male;
        foreach (var lab in subject.Patient.Labs)
        {
            if (!subject.Table.Labs.TryGetValue(lab.Measure, out var measure) || lab.Loinc != measure.Loinc || lab.Unit != measure.Unit)
                yield return new Violation("labs", $"{lab.Measure} as {lab.Loinc} in {lab.Unit}");
            else if (measure.IsPresence ? lab.Result is not ("positive" or "negative") : lab.Value is not { } value || !measure.Limits.Holds(value))
                yield return new Violation("labs", $"{lab.Measure} of {lab.Value}{lab.Result}");
            else if (lab.Flag != Flag(lab, measure.Range(sex)))
                yield return new Violation("labs", $"{lab.Measure} of {lab.Value}{lab.Result} is flagged {lab.Flag}");
        }
        foreach (var violation in Together(subject))
            yield return violation;
    }

    private static string Flag(Measurement lab, Table.Span range) =>
        lab.Result is { } result ? result == "positive" ? "A" : "N" : lab.Value < range.Low ? "L" : lab.Value > range.High ? "H" : "N";

    private static IEnumerable<Violation> Together(Subject subject)
    {
        decimal? Of(string measure) => subject.Lab(measure)?.Value;
        var patient = subject.Patient;
        var expected = Of("creatinine") is { } creatinine ? Kidneys.FiltrationRate(creatinine, patient.Age, patient.Sex == "female") : (int?)null;
        if (Of("egfr") is { } rate && (expected is null || Math.Abs(expected.Value - rate) > 1))
            yield return new Violation("labs", $"a filtration rate of {rate} with a creatinine of {Of("creatinine")}");
        if (Of("egfr") is { } measured && measured != patient.Egfr)
            yield return new Violation("labs", $"a filtration rate of {measured} in the results and of {patient.Egfr} in the record");
        if (patient.Problems.Any(problem => problem.Condition == "chronic-kidney-disease") && patient.Egfr is not (>= 30 and < 60))
            yield return new Violation("labs", $"kidney disease of stage 3 with a filtration rate of {patient.Egfr}");
        if (Of("cholesterol") is { } total && Of("ldl") + Of("hdl") + Of("triglycerides") / 5 is { } sum && Math.Abs(total - sum) > 2)
            yield return new Violation("labs", $"a total cholesterol of {total} with parts of {sum}");
        if (Of("hba1c") is { } hba1c && Of("glucose") is { } glucose && Math.Abs(glucose - (28.7m * hba1c - 46.7m)) > 0.25m * glucose)
            yield return new Violation("labs", $"a fasting glucose of {glucose} with an HbA1c of {hba1c}");
    }

    private static IEnumerable<Violation> Findings(Subject subject)
    {
        foreach (var id in subject.Encounter.Findings)
        {
            var finding = subject.Table.Findings[id];
            if (finding.IsNormal || !subject.Encounter.Regions.Contains(finding.Region))
                yield return new Violation("findings", $"{id} where nobody looked");
            if (finding.Needs is { } bound && (subject.Vital(bound.Measure) is not { } value || !bound.Holds(value)))
                yield return new Violation("findings", $"{id} with a {bound.Measure} of {subject.Vital(bound.Measure)}");
            // A region that is said to be normal has no abnormal finding beside it.
            if (subject.Record.Facts.ContainsKey($"region:{finding.Region}"))
                yield return new Violation("findings", $"{id} in a region that is normal");
        }
    }
}
