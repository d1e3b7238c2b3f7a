using System.Text.RegularExpressions;
using Holi.Synthetic.Checks;
using Holi.Synthetic.Records;
using Holi.Synthetic.Report;

namespace Holi.Synthetic.Tests.Report;

public sealed partial class ReportTests
{
    private static readonly string Page = Make();

    [Fact]
    public void The_page_needs_nothing_but_itself()
    {
        Page.ShouldNotContain("<script");
        Page.ShouldNotContain("http://");
        Page.ShouldNotContain("https://");
        Page.ShouldNotContain("url(");
        Elsewhere().IsMatch(Page).ShouldBeFalse();
    }

    [Fact]
    public void The_page_shows_every_rule_with_its_count()
    {
        foreach (var (rule, _) in RecordCheck.Rules)
            Page.ShouldContain($"<b>{rule}</b>");
    }

    [Fact]
    public void The_page_has_samples_of_each_language_with_their_notes()
    {
        foreach (var language in Languages.All)
            Regex.Count(Page, $"<article lang=\"{language.Code()}\">").ShouldBe(3);
        Regex.Count(Page, "Reference note, made from the clinical state").ShouldBe(9);
    }

    [Fact]
    public void What_is_not_markup_is_escaped() =>
        Svg.Bars([("<b>&\"", 3)]).ShouldContain("&lt;b&gt;&amp;&quot;");

    [Fact]
    public void A_chart_of_nothing_is_no_error() => Svg.Bars([]).ShouldStartWith("<svg");

    [Fact]
    public void Every_chart_and_table_is_closed()
    {
        foreach (var tag in (string[])["svg", "table", "section", "article", "figure", "div", "ul"])
            Regex.Count(Page, $"<{tag}[ >]").ShouldBe(Regex.Count(Page, $"</{tag}>"), tag);
    }

    private static string Make()
    {
        var tally = new ReportTally();
        var recipe = Recipe.Of(42, "mix");
        for (var number = 0; number < 120; number++)
            tally.Add(RecordRows.Of(recipe, number, RecordMaker.Make(recipe, number), null));
        return HtmlReport.Of(tally, "rows.db");
    }

    [GeneratedRegex("(src|href)=")]
    private static partial Regex Elsewhere();
}
