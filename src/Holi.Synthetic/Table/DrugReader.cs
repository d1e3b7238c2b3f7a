using System.Globalization;
using System.Text.RegularExpressions;

namespace Holi.Synthetic.Table;

/// <summary>Reads drugs.yaml.</summary>
internal static partial class DrugReader
{
    public static IEnumerable<Drug> Read(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            yield return new Drug(
                id, node.Names(), node.Text("atc"), Doses(node, "adult") ?? throw node.Wrong("'adult' is missing."), Doses(node, "child"),
                [.. node.List("avoid").Select(text => ReadAvoidance(text, node))], node.Yes("topical"), node.Yes("inhaled"));
            node.Done();
        }
    }

    /// <summary>Such as <c>250-1000 mg, at most 3000 mg</c>.</summary>
    private static DoseRange? Doses(TableNode node, string key)
    {
        if (node.TextOrNone(key) is not { } text)
            return null;
        var match = DoseText().Match(text);
        return match.Success
            ? new DoseRange(Span.Parse(match.Groups["dose"].Value, node), Span.Parse(match.Groups["most"].Value, node).Low, match.Groups["unit"].Value)
            : throw node.Wrong($"'{text}' is no range of doses.");
    }

    private static Avoidance ReadAvoidance(string text, TableNode node) => text.Split(' ') switch
    {
        ["pregnancy"] => new Avoidance("pregnancy", 0, ""),
        ["egfr", "below", var number] => new Avoidance("egfr below", decimal.Parse(number, CultureInfo.InvariantCulture), ""),
        ["age", "below", var number] => new Avoidance("age below", decimal.Parse(number, CultureInfo.InvariantCulture), ""),
        ["age", "above", var number] => new Avoidance("age above", decimal.Parse(number, CultureInfo.InvariantCulture), ""),
        ["problem", var condition] => new Avoidance("problem", 0, condition),
        ["with", var atc] => new Avoidance("with", 0, atc),
        _ => throw node.Wrong($"'{text}' says of nobody that they must not get it."),
    };

    [GeneratedRegex(@"^(?<dose>[0-9.]+-[0-9.]+) (?<unit>[a-z]+)(/kg)?, at most (?<most>[0-9.]+) [a-z]+(/kg)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex DoseText();
}
