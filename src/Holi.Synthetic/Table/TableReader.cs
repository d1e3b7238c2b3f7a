using System.Collections.ObjectModel;
using System.Reflection;

namespace Holi.Synthetic.Table;

/// <summary>Reads the table's files. Whether they agree with each other is <see cref="TableCheck"/>'s question.</summary>
internal static class TableReader
{
    /// <summary>From this program's resources.</summary>
    public static ClinicalTable ReadEmbedded()
    {
        var assembly = typeof(TableReader).Assembly;
        return Read(assembly.GetManifestResourceNames().Where(name => name.StartsWith("Table/", StringComparison.Ordinal))
            .ToDictionary(name => name.Replace('\\', '/'), name => Text(assembly, name), StringComparer.Ordinal));
    }

    /// <summary>From texts, by the names of their files.</summary>
    public static ClinicalTable Read(IReadOnlyDictionary<string, string> files)
    {
        var regions = Regions(Root(files, "Table/findings.yaml"));
        var labs = Root(files, "Table/labs.yaml");
        var allergies = Root(files, "Table/allergies.yaml");
        return new ClinicalTable
        {
            Symptoms = ById(Symptoms(Root(files, "Table/symptoms.yaml")), symptom => symptom.Id),
            Regions = ById(regions, region => region.Id),
            Findings = ById(regions.SelectMany(region => region.Abnormal.Prepend(region.Normal)), finding => finding.Id),
            Vitals = ById(Measures(labs.Child("vitals")), measure => measure.Id),
            Labs = ById(Measures(labs.Child("labs")), measure => measure.Id),
            Drugs = ById(DrugReader.Read(Root(files, "Table/drugs.yaml")), drug => drug.Id),
            Allergens = ById(Allergens(allergies.Child("allergens")), allergen => allergen.Id),
            Reactions = ById(Reactions(allergies.Child("reactions")), reaction => reaction.Id),
            Advice = ById(Advices(Root(files, "Table/advice.yaml")), advice => advice.Id),
            Conditions = ById(Conditions(files), condition => condition.Id),
        };
    }

    private static IEnumerable<Condition> Conditions(IReadOnlyDictionary<string, string> files) =>
        files.Keys.Where(name => name.StartsWith("Table/Conditions/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .SelectMany(name => ConditionReader.Read(TableNode.Parse(name, files[name])));

    private static TableNode Root(IReadOnlyDictionary<string, string> files, string name) => TableNode.Parse(name, files[name]);

    private static string Text(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static ReadOnlyDictionary<string, T> ById<T>(IEnumerable<T> entries, Func<T, string> id)
    {
        // Of the ordered kind, because the generator draws from it: what it draws must not hang on hash codes.
        var all = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!all.TryAdd(id(entry), entry))
                throw new TableException($"'{id(entry)}' is there twice.");
        }
        return new ReadOnlyDictionary<string, T>(all);
    }

    private static IEnumerable<Symptom> Symptoms(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            yield return new Symptom(id, node.Wordings(least: 4));
            node.Done();
        }
    }

    private static List<Region> Regions(TableNode root)
    {
        var regions = new List<Region>();
        foreach (var (id, node) in root.Children())
        {
            var normal = new Finding($"normal-{id}", id, IsNormal: true, node.Child("normal").Wordings(least: 2), Needs: null);
            var loinc = node.TextOrNone("loinc");
            var names = node.Words();
            regions.Add(new Region(id, loinc, names, normal, [.. node.Children().Select(child => Abnormal(child.Key, id, child.Node))]));
        }
        return regions;
    }

    private static Finding Abnormal(string id, string region, TableNode node)
    {
        var finding = new Finding(id, region, IsNormal: false, node.Wordings(least: 2), BoundOf(node));
        node.Done();
        return finding;
    }

    /// <summary>Such as <c>heart-rate at least 100</c>.</summary>
    private static Bound? BoundOf(TableNode node) => node.TextOrNone("needs")?.Split(' ') switch
    {
        null => null,
        [var measure, "at", "least", var value] => new Bound(measure, IsLeast: true, Span.Parse(value, node).Low),
        [var measure, "at", "most", var value] => new Bound(measure, IsLeast: false, Span.Parse(value, node).Low),
        _ => throw node.Wrong("'needs' is no bound."),
    };

    private static IEnumerable<Measure> Measures(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            var isPresence = node.TextOrNone("result") is "presence";
            var range = isPresence ? default(Span) : node.SpanOrNone("range");
            yield return new Measure(
                id, node.Text("loinc"), isPresence ? "" : node.Text("unit"), node.Whole("decimals", 0),
                node.SpanOrNone("male") ?? range ?? throw node.Wrong("There is no range."),
                node.SpanOrNone("female") ?? range ?? throw node.Wrong("There is no range."),
                isPresence ? default : node.SpanOrNone("limits") ?? throw node.Wrong("There are no limits."), isPresence, node.Names());
            node.Done();
        }
    }

    private static IEnumerable<Allergen> Allergens(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            yield return new Allergen(id, node.Names(), node.List("forbids"), node.List("severe"), node.Whole("share", 0));
            node.Done();
        }
    }

    private static IEnumerable<Reaction> Reactions(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            yield return new Reaction(id, node.Names(), node.Yes("severe"), node.Whole("share", 0));
            node.Done();
        }
    }

    private static IEnumerable<Advice> Advices(TableNode root)
    {
        foreach (var (id, node) in root.Children())
        {
            yield return new Advice(id, node.Wordings(least: 2), node.List("needs"));
            node.Done();
        }
    }
}
