using System.Text.Json.Nodes;

namespace Holi.Bench.Tests.Crank;

/// <summary>What an agent takes out of a job's output, and what the controller makes of it.</summary>
internal static class JobStatistics
{
    private const string Start = "#StartJobStatistics", End = "#EndJobStatistics";

    /// <summary>The blocks between the marker lines, each one JSON document.</summary>
    public static IReadOnlyList<JsonNode> Blocks(IReadOnlyList<string> lines)
    {
        var blocks = new List<JsonNode>();
        for (var start = 0; (start = IndexOf(lines, Start, start)) >= 0;)
        {
            var end = IndexOf(lines, End, start);
            end.ShouldBeGreaterThan(start, "a block has an end");
            blocks.Add(JsonNode.Parse(string.Join('\n', lines.Skip(start + 1).Take(end - start - 1)))!);
            start = end;
        }
        return blocks;
    }

    /// <summary>Each measurement's one value: all of a job's by its <c>aggregate</c>.</summary>
    public static IReadOnlyDictionary<string, double> Aggregated(IReadOnlyList<JsonNode> blocks)
    {
        var measured = blocks.SelectMany(b => (JsonArray)b["measurements"]!).ToLookup(m => (string)m!["name"]!, m => (double)m!["value"]!);
        var found = new Dictionary<string, double>();
        foreach (var metadata in blocks.SelectMany(b => (JsonArray)b["metadata"]!))
        {
            var name = (string)metadata!["name"]!;
            measured.Contains(name).ShouldBeTrue($"{name} was measured");
            ((string?)metadata["shortDescription"]).ShouldNotBeNullOrEmpty();
            _ = Operation((string)metadata["reduce"]!, measured[name]);
            found[name] = Operation((string)metadata["aggregate"]!, measured[name]);
            // As the controller prints it: a format that .NET knows.
            found[name].ToString((string)metadata["format"]!, null).ShouldNotBeEmpty();
        }
        measured.Select(m => m.Key).ShouldBe(found.Keys, ignoreOrder: true, "every measurement is described");
        return found;
    }

    private static double Operation(string name, IEnumerable<double> values) => name switch
    {
        "First" => values.First(),
        "Last" => values.Last(),
        "Avg" => values.Average(),
        "Sum" => values.Sum(),
        "Max" => values.Max(),
        "Min" => values.Min(),
        "Count" => values.Count(),
        "Median" => values.Order().ElementAt(values.Count() / 2),
        _ => throw new InvalidOperationException($"crank knows no operation {name}."),
    };

    private static int IndexOf(IReadOnlyList<string> lines, string marker, int from)
    {
        for (var i = from; i < lines.Count; i++)
        {
            if (lines[i] == marker)
                return i;
        }
        return -1;
    }
}
