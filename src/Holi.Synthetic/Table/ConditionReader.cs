using System.Globalization;

namespace Holi.Synthetic.Table;

/// <summary>Reads the files of conditions.</summary>
internal static class ConditionReader
{
    public static IEnumerable<Condition> Read(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            yield return ReadOne(id, node);
            node.Done();
        }
    }

    private static Condition ReadOne(string id, TableNode node) => new()
    {
        Id = id,
        Icd10 = node.Text("icd10"),
        Names = node.Words(),
        Age = Needed(node, "age"),
        Sex = node.TextOrNone("sex") switch
        {
            null => null,
            "female" => Sex.Female,
            "male" => Sex.Male,
            var other => throw node.Wrong($"'{other}' is no sex of a record."),
        },
        IsPregnant = node.TextOrNone("pregnant") is { } pregnant ? pregnant == "yes" : null,
        IsSmokers = node.Yes("smoker"),
        Share = node.Number("share", 1),
        ChronicShare = node.Whole("chronic", 0),
        Lay = node.TextOrNone("lay") is null ? null : node.Names("lay"),
        ProblemNames = node.TextOrNone("problem") is null ? node.Words() : node.Names("problem"),
        ProblemIcd10 = node.TextOrNone("problem icd10") ?? node.Text("icd10"),
        Home = node.TextOrNone("home") is { } home ? TreatmentText.Parse(home, node) : [],
        Onset = Needed(node, "onset"),
        IsCheckup = node.TextOrNone("opening") is "checkup",
        Symptoms = [.. node.List("symptoms").Select(text => ReadLikely(text, node))],
        Denied = node.List("denied"),
        Vitals = Vitals(node),
        Bmi = node.SpanOrNone("bmi"),
        Kidneys = node.SpanOrNone("kidneys"),
        Examine = node.List("examine"),
        Findings = [.. node.List("findings").Select(text => ReadLikely(text, node))],
        Tests = [.. node.List("tests").Select(text => ReadTest(text, node))],
        Because = [.. node.List("because").Select(text => ReadEvidence(text, node))],
        Treat = [.. node.Lines("treat").Select(line => TreatmentText.Parse(line, node))],
        Advice = node.List("advice"),
        RedFlags = node.List("red flags"),
        Differential = node.List("differential"),
        Refer = node.TextOrNone("refer"),
        FollowUp = Needed(node, "follow up"),
        Explain = node.Child("explain").Words(),
        Story = node.Child("story").Wordings(least: 2),
    };

    private static Span Needed(TableNode node, string key) => node.SpanOrNone(key) ?? throw node.Wrong($"'{key}' is missing.");

    /// <summary>Such as <c>cough</c> (always) or <c>cough 0.8</c>.</summary>
    private static Likely ReadLikely(string text, TableNode node) => text.Split(' ') switch
    {
        [var id] => new Likely(id, 1),
        [var id, var chance] => new Likely(id, Span.Parse(chance, node).Low),
        _ => throw node.Wrong($"'{text}' is no symptom or finding."),
    };

    private static OrderedDictionary<string, Span> Vitals(TableNode node)
    {
        var vitals = new OrderedDictionary<string, Span>(StringComparer.Ordinal);
        foreach (var text in node.List("vitals"))
        {
            var (id, range) = Pair(text, node);
            vitals.Add(id, Span.Parse(range, node));
        }
        return vitals;
    }

    /// <summary>Such as <c>crp 60-180</c>, <c>creatinine normal</c>, <c>nitrite positive</c>.</summary>
    private static TestResult ReadTest(string text, TableNode node)
    {
        var (id, outcome) = Pair(text, node);
        return outcome is "normal" or "positive" or "negative" ? new TestResult(id, outcome, default) : new TestResult(id, "range", Span.Parse(outcome, node));
    }

    /// <summary>Such as <c>cough</c>, <c>crp high</c>, <c>systolic above 140</c>.</summary>
    private static Evidence ReadEvidence(string text, TableNode node) => text.Split(' ') switch
    {
        [var id] => new Evidence(id, "present", 0),
        [var id, "high" or "low" or "normal" or "positive" or "negative"] => new Evidence(id, text.Split(' ')[1], 0),
        [var id, "above" or "below", var value] => new Evidence(id, text.Split(' ')[1], decimal.Parse(value, CultureInfo.InvariantCulture)),
        _ => throw node.Wrong($"'{text}' is no evidence."),
    };

    private static (string Id, string Value) Pair(string text, TableNode node) =>
        text.Split(' ') is [var id, var rest] ? (id, rest) : throw node.Wrong($"'{text}' is not a name and a value.");
}
