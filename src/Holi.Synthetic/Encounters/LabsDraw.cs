using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>Draws what the tests of a condition come to, so that results that hang together do.</summary>
internal static class LabsDraw
{
    public static IReadOnlyList<Measurement> Of(ClinicalTable table, Draw draw, Condition condition, Patient patient, Language language)
    {
        var sex = patient.Sex == "female" ? Sex.Female : Sex.Male;
        var results = new List<Measurement>();
        foreach (var test in condition.Tests)
        {
            var measure = table.Labs[test.Measure];
            if (measure.IsPresence)
                results.Add(Presence(measure, test.Outcome, language));
            else if (test.Measure == "creatinine" && patient.Labs.Count > 0)
                results.AddRange(patient.Labs);
            else
                results.Add(Numeric(measure, Value(draw, measure, test, sex), sex, language));
        }
        if (condition.Kidneys is not null && results.All(result => result.Measure != "egfr"))
            results.AddRange(patient.Labs);
        Tie(table, draw, results, sex, language);
        return results;
    }

    public static Measurement Numeric(Measure measure, decimal value, Sex sex, Language language)
    {
        var range = measure.Range(sex);
        return new Measurement(
            measure.Id, measure.Loinc, measure.Names[language], value, measure.Unit, range.Low, range.High, value < range.Low ? "L" : value > range.High ? "H" : "N");
    }

    private static Measurement Presence(Measure measure, string outcome, Language language) =>
        new(measure.Id, measure.Loinc, measure.Names[language], null, "", null, null, outcome == "positive" ? "A" : "N", outcome);

    private static decimal Value(Draw draw, Measure measure, TestResult test, Sex sex)
    {
        if (test.Outcome != "normal")
            return draw.Between(test.Range.Low, test.Range.High, measure.Decimals);
        var range = measure.Range(sex);
        var margin = (range.High - range.Low) * 0.1m;
        return draw.Between(range.Low == 0 ? 0 : range.Low + margin, range.High - margin, measure.Decimals);
    }

    /// <summary>Fasting glucose goes with HbA1c, and total cholesterol is the sum of its parts.</summary>
    private static void Tie(ClinicalTable table, Draw draw, List<Measurement> results, Sex sex, Language language)
    {
        decimal? Of(string measure) => results.Find(result => result.Measure == measure)?.Value;
        void Set(string measure, decimal value) =>
            results[results.FindIndex(result => result.Measure == measure)] = Numeric(table.Labs[measure], value, sex, language);

        if (Of("hba1c") is { } hba1c && Of("glucose") is not null)
            Set("glucose", Math.Round((28.7m * hba1c - 46.7m) * draw.Between(0.92m, 1.06m, 2)));
        if (Of("cholesterol") is not null && Of("ldl") is { } ldl && Of("hdl") is { } hdl && Of("triglycerides") is { } triglycerides)
            Set("cholesterol", Math.Round(ldl + hdl + triglycerides / 5));
    }
}
