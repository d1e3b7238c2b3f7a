// Whether the table agrees with itself: that what it names is there, that codes are well formed, that every treatment is within its drug's range. Whether
// it is good medicine, a clinician says.

using System.Text.RegularExpressions;

namespace Holi.Synthetic.Table;

/// <summary>Looks for mistakes in the table.</summary>
internal static partial class TableCheck
{
    private static readonly string[] Specialties =
        ["emergency", "cardiology", "endocrinology", "surgery", "nephrology", "psychology", "physiotherapy", "rheumatology", "gynecology"];

    /// <summary>One sentence for each mistake.</summary>
    public static IEnumerable<string> Problems(ClinicalTable table) =>
        table.Conditions.Values.SelectMany(condition => OfCondition(table, condition))
            .Concat(table.Drugs.Values.SelectMany(drug => OfDrug(table, drug)))
            .Concat(table.Vitals.Values.Concat(table.Labs.Values).SelectMany(OfMeasure))
            .Concat(table.Regions.Values.Where(region => region.Loinc is { } loinc && !IsLoinc(loinc)).Select(region => $"{region.Id}: {region.Loinc} is no LOINC code."));

    /// <summary>Whether <paramref name="code"/> ends with the right check digit (LOINC's is Luhn's, mod 10).</summary>
    public static bool IsLoinc(string code)
    {
        if (!LoincForm().IsMatch(code))
            return false;
        var digits = code[..^2];
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 0)
                digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }
        return (10 - sum % 10) % 10 == code[^1] - '0';
    }

    private static List<string> OfCondition(ClinicalTable table, Condition condition)
    {
        var problems = new List<string>();
        void Say(string problem) => problems.Add($"{condition.Id}: {problem}");
        void Known<T>(IEnumerable<string> ids, IReadOnlyDictionary<string, T> of, string what)
        {
            foreach (var id in ids.Where(id => !of.ContainsKey(id)))
                Say($"no {what} '{id}'.");
        }

        if (!Icd10Form().IsMatch(condition.Icd10))
            Say($"'{condition.Icd10}' is no code of ICD-10.");
        Known(condition.Symptoms.Select(symptom => symptom.Id).Concat(condition.Denied).Concat(condition.RedFlags), table.Symptoms, "symptom");
        Known(condition.Examine, table.Regions, "region");
        Known(condition.Findings.Select(finding => finding.Id), table.Findings, "finding");
        Known(condition.Vitals.Keys, table.Vitals, "vital sign");
        Known(condition.Tests.Select(test => test.Measure), table.Labs, "laboratory test");
        Known(condition.Advice, table.Advice, "advice");
        Known(condition.Differential, table.Conditions, "condition");
        if (problems.Count > 0)
            return problems;

        if (condition.Denied.Intersect(condition.Symptoms.Select(symptom => symptom.Id)).FirstOrDefault() is { } both)
            Say($"'{both}' is felt and denied.");
        if (condition.Findings.FirstOrDefault(finding => !condition.Examine.Contains(table.Findings[finding.Id].Region)) is { } unseen)
            Say($"'{unseen.Id}' is found where nobody looks.");
        if (condition.Refer is { } refer && !Specialties.Contains(refer))
            Say($"no specialty '{refer}'.");
        if (condition.RedFlags.Count < 2 || condition.Differential.Count < 2 || condition.Denied.Count < 2 || condition.Because.Count == 0)
            Say("needs two red flags, two differentials, two denials and a reason at least.");
        foreach (var evidence in condition.Because.Where(evidence => !IsAlways(condition, evidence)))
            Say($"'{evidence.Id}' is a reason and need not be there.");
        foreach (var line in condition.Treat.SelectMany(lines => lines).Concat(condition.Home))
            problems.AddRange(OfLine(table, condition, line));
        return problems;
    }

    /// <summary>Whether everybody with the condition has it.</summary>
    private static bool IsAlways(Condition condition, Evidence evidence) => evidence.Kind switch
    {
        "present" => condition.Symptoms.Concat(condition.Findings).Any(likely => likely.Id == evidence.Id && likely.Chance == 1),
        "above" or "below" => condition.Vitals.ContainsKey(evidence.Id),
        _ => evidence.Id == "egfr" ? condition.Kidneys is not null : condition.Tests.Any(test => test.Measure == evidence.Id),
    };

    private static IEnumerable<string> OfLine(ClinicalTable table, Condition condition, TreatmentLine line)
    {
        if (!table.Drugs.TryGetValue(line.Drug, out var drug))
        {
            yield return $"{condition.Id}: no drug '{line.Drug}'.";
            yield break;
        }
        var range = line.IsPerKilogram ? drug.Child : drug.Adult;
        if (range is null)
            yield return $"{condition.Id}: {drug.Id} has no dose for children.";
        else if (range.Unit != line.Unit)
            yield return $"{condition.Id}: {drug.Id} is measured in {range.Unit}, not in {line.Unit}.";
        else if (line.Dose.Low < range.Dose.Low || line.Dose.High > range.Dose.High || line.Dose.High * line.Frequency.DosesPerDay > range.DayMax)
            yield return $"{condition.Id}: the dose of {drug.Id} is out of its range.";
    }

    private static IEnumerable<string> OfDrug(ClinicalTable table, Drug drug)
    {
        if (!AtcForm().IsMatch(drug.Atc))
            yield return $"{drug.Id}: '{drug.Atc}' is no ATC code.";
        foreach (var avoid in drug.Avoid.Where(avoid => avoid.Kind == "problem" && !table.Conditions.ContainsKey(avoid.Text)))
            yield return $"{drug.Id}: no condition '{avoid.Text}'.";
        foreach (var avoid in drug.Avoid.Where(avoid => avoid.Kind == "with" && !table.Drugs.Values.Any(other => other.Atc.StartsWith(avoid.Text, StringComparison.Ordinal))))
            yield return $"{drug.Id}: no drug of the class '{avoid.Text}'.";
    }

    private static IEnumerable<string> OfMeasure(Measure measure)
    {
        if (!IsLoinc(measure.Loinc))
            yield return $"{measure.Id}: {measure.Loinc} is no LOINC code.";
        if (!measure.IsPresence && (measure.Male.Low < measure.Limits.Low || measure.Male.High > measure.Limits.High))
            yield return $"{measure.Id}: its range is beyond its limits.";
    }

    [GeneratedRegex("^[0-9]{3,5}-[0-9]$")]
    private static partial Regex LoincForm();

    [GeneratedRegex(@"^[A-Z][0-9]{2}(\.[0-9])?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Icd10Form();

    [GeneratedRegex("^[A-Z][0-9]{2}[A-Z]{1,2}([0-9]{2})?$", RegexOptions.ExplicitCapture)]
    private static partial Regex AtcForm();
}
