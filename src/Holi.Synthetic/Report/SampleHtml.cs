using System.Globalization;
using System.Text;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Report;

/// <summary>One record for a clinician to read: who, what was said, what was noted, what it was made from.</summary>
internal static class SampleHtml
{
    public static void Append(StringBuilder page, SyntheticRecord record)
    {
        var patient = record.Patient;
        var encounter = record.Encounter;
        page.Append(string.Create(
            CultureInfo.InvariantCulture,
            $"<article lang=\"{patient.Language}\"><h3>{Svg.Text(encounter.Diagnosis)} "));
        page.Append(string.Create(
            CultureInfo.InvariantCulture,
            $"<small>{Svg.Text(encounter.Icd10)} · {patient.Language} · {patient.Sex}, {patient.Age} · {record.Transcript.Segments[^1].End:m\\:ss} min · {Svg.Text(record.Id)}</small></h3>"));
        page.Append("<p class=\"facts\">").Append(Svg.Text(Facts(record))).Append("</p><div class=\"two\"><div class=\"talk\">");
        var skipped = Segments(record, "distractor");
        var misheard = Segments(record, "misheard");
        foreach (var segment in record.Transcript.Segments)
        {
            var mark = misheard.Contains(segment.Index) ? " misheard" : skipped.Contains(segment.Index) ? " skip" : "";
            page.Append(string.Create(CultureInfo.InvariantCulture,
                $"<p class=\"{segment.Speaker}{mark}\"><time>{segment.Start:m\\:ss}</time><b>{segment.Speaker}</b> {Svg.Text(segment.Text)}</p>"));
        }
        page.Append("</div><div class=\"note\"><p class=\"label\">Reference note, made from the clinical state</p>");
        foreach (var section in record.Reference.Sections)
        {
            page.Append("<h4>").Append(Svg.Text(section.Title)).Append("</h4><ul>");
            foreach (var statement in section.Statements)
                page.Append("<li>").Append(Svg.Text(statement.Text)).Append("</li>");
            page.Append("</ul>");
        }
        page.Append("</div></div></article>\n");
    }

    private static string Facts(SyntheticRecord record)
    {
        var table = ClinicalTable.Current;
        var patient = record.Patient;
        var parts = new List<string>
        {
            $"problems: {List(patient.Problems.Select(problem => table.Conditions[problem.Condition].ProblemNames.English))}",
            $"takes: {List(patient.Medications.Select(one => table.Drugs[one.Drug].Names.English))}",
            $"allergies: {List(patient.Allergies.Select(allergy => table.Allergens[allergy.Allergen].Names.English))}",
            string.Create(CultureInfo.InvariantCulture, $"kidneys: {patient.Egfr?.ToString(CultureInfo.InvariantCulture) ?? "–"} mL/min"),
        };
        if (patient.IsPregnant)
            parts.Add("pregnant");
        if (record.Encounter.AvoidedAllergen is { } avoided)
            parts.Add($"first choice avoided because of {table.Allergens[avoided].Names.English}");
        return string.Join(" · ", parts);
    }

    private static string List(IEnumerable<string> items) => string.Join(", ", items.DefaultIfEmpty("none"));

    private static IReadOnlyList<int> Segments(SyntheticRecord record, string fact) => record.Facts.TryGetValue(fact, out var segments) ? segments : [];
}
