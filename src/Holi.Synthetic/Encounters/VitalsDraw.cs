using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>Draws vital signs that fit age, condition and symptoms.</summary>
internal static class VitalsDraw
{
    /// <summary>From here on a temperature is a fever, in °C.</summary>
    public const decimal Fever = 37.8m;

    public static IReadOnlyList<Measurement> Of(
        ClinicalTable table, Draw draw, Condition condition, Patient patient, IReadOnlyList<string> symptoms, Language language)
    {
        var usual = Usual(patient);
        var values = new OrderedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (id, span) in usual)
        {
            var measure = table.Vitals[id];
            var drawn = condition.Vitals.TryGetValue(id, out var own) ? own : span;
            values[id] = id == "temperature"
                ? Temperature(draw, drawn, symptoms.Contains("fever"))
                : draw.Around(drawn.Low, drawn.High, measure.Decimals);
        }
        if (values["systolic"] - values["diastolic"] < 28)
            values["diastolic"] = values["systolic"] - draw.Between(30, 48);
        values["pain"] = condition.Vitals.TryGetValue("pain", out var pain) ? draw.Between((int)pain.Low, (int)pain.High)
            : symptoms.Any(IsPain) ? draw.Between(2, 7)
            : 0;
        values["weight"] = patient.WeightKg;
        values["height"] = patient.HeightCm;
        values["bmi"] = patient.Bmi;
        return [.. values.Select(value => new Measurement(
            value.Key, table.Vitals[value.Key].Loinc, table.Vitals[value.Key].Names[language], value.Value, table.Vitals[value.Key].Unit, null, null, ""))];
    }

    /// <summary>Whether a symptom hurts.</summary>
    public static bool IsPain(string symptom) =>
        symptom.EndsWith("-pain", StringComparison.Ordinal) || symptom.EndsWith("headache", StringComparison.Ordinal) || symptom is "sore-throat" or "muscle-aches";

    private static decimal Temperature(Draw draw, Span span, bool hasFever)
    {
        // Who has a fever shows it here; who says no has at most a slightly raised temperature.
        var (low, high) = hasFever
            ? (Math.Max(Fever, span.Low), span.High >= Fever ? span.High : Fever + 0.8m)
            : (Math.Min(span.Low, 37.2m), Math.Min(span.High, 37.6m));
        return draw.Around(low, Math.Max(low, high), 1);
    }

    private static OrderedDictionary<string, Span> Usual(Patient patient)
    {
        var isHypertensive = patient.Problems.Any(problem => problem.Condition == "hypertension");
        var hasLungDisease = patient.Problems.Any(problem => problem.Condition == "copd");
        return new OrderedDictionary<string, Span>(StringComparer.Ordinal)
        {
            ["systolic"] = patient.Age switch
            {
                < 6 => new Span(88, 104),
                < 12 => new Span(95, 112),
                < 18 => new Span(104, 122),
                _ => isHypertensive ? new Span(124, 146) : new Span(106, 132),
            },
            ["diastolic"] = patient.Age switch
            {
                < 6 => new Span(50, 65),
                < 12 => new Span(55, 70),
                < 18 => new Span(60, 76),
                _ => isHypertensive ? new Span(74, 89) : new Span(64, 83),
            },
            ["heart-rate"] = patient.Age switch { < 6 => new Span(88, 122), < 12 => new Span(74, 108), _ => new Span(62, 88) },
            ["respiratory-rate"] = patient.Age switch { < 6 => new Span(20, 28), < 12 => new Span(17, 23), _ => new Span(13, 18) },
            ["temperature"] = new Span(36.2m, 37.1m),
            ["oxygen-saturation"] = hasLungDisease ? new Span(93, 96) : new Span(96, 99),
        };
    }
}
