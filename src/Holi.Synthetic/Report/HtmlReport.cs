using System.Globalization;
using System.Text;
using Holi.Synthetic.Checks;

namespace Holi.Synthetic.Report;

/// <summary>The report: one HTML file that needs nothing else, no script, no network.</summary>
internal static class HtmlReport
{
    public static string Of(ReportTally tally, string place)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append("<title>Synthetic consultations</title><style>").Append(ReportStyle.Css).Append("</style></head>\n<body>\n");
        Head(page, tally, place);
        Checks(page, tally);
        People(page, tally);
        Measures(page, tally);
        Talk(page, tally);
        page.Append("<section id=\"samples\"><h2>Samples</h2><p>The first records of different conditions in each language. What is shaded belongs into no note; an instruction that the patient repeats wrongly is marked.</p>\n");
        foreach (var sample in tally.Samples)
            SampleHtml.Append(page, sample);
        return page.Append("</section>\n</body></html>\n").ToString();
    }

    private static void Head(StringBuilder page, ReportTally tally, string place)
    {
        page.Append("<header><h1>Synthetic consultations</h1><p class=\"warn\">Nobody in here exists. The medicine is a table's, not a guideline's; no one may be treated by it.</p>\n<dl class=\"figures\">");
        Figure(page, tally.Checks.Records, "records");
        Figure(page, tally.Conditions.Kinds, "conditions");
        Figure(page, tally.Languages.Kinds, "languages");
        Figure(page, (int)Math.Round(tally.Turns.Mean), "turns, mean");
        Figure(page, (int)Math.Round(tally.Words.Mean), "words, mean");
        Figure(page, tally.Checks.Violations, tally.Checks.Violations == 0 ? "violations" : "violations!");
        page.Append(Invariant($"</dl><p class=\"small\">{Svg.Text(tally.Generator ?? "")}, seed {Svg.Text(tally.Seeds ?? "")}, from {Svg.Text(place)}</p></header>\n"));
    }

    private static void Figure(StringBuilder page, int value, string name) => page.Append(Invariant($"<div><dt>{value:N0}</dt><dd>{name}</dd></div>"));

    private static void Checks(StringBuilder page, ReportTally tally)
    {
        page.Append("<section><h2>Consistency checks</h2><p>Each stored record was read again and checked against the table and its own words.</p><table><thead><tr><th>rule</th><th>what holds</th><th class=\"r\">violations</th></tr></thead><tbody>");
        foreach (var (rule, meaning) in RecordCheck.Rules)
        {
            var count = tally.Checks.Of(rule);
            page.Append(Invariant($"<tr><td><b>{rule}</b></td><td>{Svg.Text(meaning)}</td><td class=\"r {(count == 0 ? "ok" : "bad")}\">{count}</td></tr>"));
        }
        page.Append("</tbody></table></section>\n");
    }

    private static void People(StringBuilder page, ReportTally tally)
    {
        page.Append("<section><h2>Patients and conditions</h2><div class=\"grid\">");
        Chart(page, "Age and sex", Svg.Pyramid(tally.Ages));
        Chart(page, "Languages", Svg.Bars(tally.Languages.Ranked));
        Chart(page, "Known conditions", Svg.Bars(tally.Problems.Ranked));
        Chart(page, "Allergies", Svg.Bars(tally.Allergies.Ranked));
        page.Append("</div><h3>What they came for</h3><div class=\"grid\">");
        var conditions = tally.Conditions.Ranked;
        var half = (conditions.Count + 1) / 2;
        Chart(page, null, Svg.Bars([.. conditions.Take(half)], full: conditions[0].Count));
        Chart(page, null, Svg.Bars([.. conditions.Skip(half)], full: conditions[0].Count));
        page.Append("</div><h3>What was prescribed</h3><div class=\"grid\">");
        var drugs = tally.Drugs.Ranked.Take(44).ToList();
        Chart(page, null, Svg.Bars([.. drugs.Take(22)], full: drugs.FirstOrDefault().Count));
        Chart(page, null, Svg.Bars([.. drugs.Skip(22)], full: drugs.FirstOrDefault().Count));
        page.Append("</div></section>\n");
    }

    private static void Measures(StringBuilder page, ReportTally tally)
    {
        page.Append("<section><h2>Measured values</h2><div class=\"grid small-charts\">");
        Chart(page, "Systolic blood pressure", Svg.Histogram(tally.Systolic, "mmHg"));
        Chart(page, "Heart rate", Svg.Histogram(tally.HeartRate, "/min"));
        Chart(page, "Temperature", Svg.Histogram(tally.Temperature, "°C"));
        Chart(page, "Body mass index", Svg.Histogram(tally.Bmi, "kg/m²"));
        Chart(page, "Filtration rate", Svg.Histogram(tally.Filtration, "mL/min"));
        Chart(page, "Laboratory results", Svg.Bars(tally.Labs.Ranked, 300, 130));
        page.Append("</div></section>\n");
    }

    private static void Talk(StringBuilder page, ReportTally tally)
    {
        page.Append("<section><h2>Dialogues</h2><div class=\"grid small-charts\">");
        Chart(page, "Turns", Svg.Histogram(tally.Turns, "turns"));
        Chart(page, "Length", Svg.Histogram(tally.Minutes, "min"));
        Chart(page, "Words", Svg.Histogram(tally.Words, "words"));
        if (tally.WrittenBy.Kinds > 0)
            Chart(page, "Notes written by", Svg.Bars(tally.WrittenBy.Ranked, 300, 110));
        page.Append("</div></section>\n");
    }

    private static void Chart(StringBuilder page, string? title, string svg) =>
        page.Append("<figure>").Append(title is null ? "" : $"<figcaption>{Svg.Text(title)}</figcaption>").Append(svg).Append("</figure>");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
