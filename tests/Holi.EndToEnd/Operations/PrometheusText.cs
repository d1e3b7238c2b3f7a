using System.Globalization;

namespace Holi.EndToEnd.Operations;

/// <summary>
/// Reads Prometheus' text format 0.0.4, and only what keeps all of its rules: each family typed once and before its samples, which stand together; no series
/// twice; counters called so and not negative; histograms cumulative, up to +Inf, and as many as their count.
/// </summary>
internal static class PrometheusText
{
    internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    internal sealed record Family(string Name, string Type, List<Sample> Samples)
    {
        public string? Help { get; set; }
    }

    public static IReadOnlyDictionary<string, Family> Parse(string text)
    {
        text.ShouldEndWith("\n");
        var families = new Dictionary<string, Family>();
        var series = new HashSet<string>();
        Family? current = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            line.ShouldNotContain("\r");
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                current = ReadType(line);
                families.TryAdd(current.Name, current).ShouldBeTrue($"typed twice: {line}");
            }
            else if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var words = line.Split(' ', 4);
                current.ShouldNotBeNull().Name.ShouldBe(words[2]);
                current.Help.ShouldBeNull(line);
                current.Help = words[3];
            }
            else
            {
                line.ShouldNotBeEmpty();
                line.ShouldNotStartWith("#");
                var (sample, key) = ReadSample(line);
                series.Add(key).ShouldBeTrue($"twice: {line}");
                BelongsTo(current.ShouldNotBeNull(line), sample.Name).ShouldBeTrue($"{line} is not of {current!.Name}");
                current.Samples.Add(sample);
            }
        }
        foreach (var family in families.Values)
            Check(family);
        return families;
    }

    private static Family ReadType(string line)
    {
        var words = line.Split(' ');
        words.Length.ShouldBe(4, line);
        IsName(words[2], colons: true).ShouldBeTrue(line);
        words[3].ShouldBeOneOf("counter", "gauge", "histogram");
        return new Family(words[2], words[3], []);
    }

    private static (Sample Sample, string Key) ReadSample(string line)
    {
        var at = line.IndexOfAny(['{', ' ']);
        var name = line[..at];
        IsName(name, colons: true).ShouldBeTrue(line);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (line[at] == '{')
            at = ReadLabels(line, at + 1, labels);
        line[at].ShouldBe(' ', line);
        var words = line[(at + 1)..].Split(' ');
        words.Length.ShouldBeLessThanOrEqualTo(2, line);
        if (words.Length == 2)
            long.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _).ShouldBeTrue(line);
        return (new Sample(name, labels, Number(words[0], line)), name + "|" + string.Join('|', labels));
    }

    private static int ReadLabels(string line, int at, SortedDictionary<string, string> labels)
    {
        while (line[at] != '}')
        {
            var equals = line.IndexOf('=', at);
            var label = line[at..equals];
            IsName(label, colons: false).ShouldBeTrue(line);
            line[equals + 1].ShouldBe('"', line);
            var value = new List<char>();
            for (at = equals + 2; line[at] != '"'; at++)
            {
                if (line[at] == '\\')
                    line[++at].ShouldBeOneOf('\\', '"', 'n');
                value.Add(line[at]);
            }
            labels.TryAdd(label, new string([.. value])).ShouldBeTrue($"label twice: {line}");
            at++;
            line[at].ShouldBeOneOf(',', '}');
            if (line[at] == ',')
                at++;
        }
        return at + 1;
    }

    private static double Number(string word, string line)
    {
        var value = word switch { "+Inf" => double.PositiveInfinity, "-Inf" => double.NegativeInfinity, "NaN" => double.NaN, _ => (double?)null };
        if (value is not null)
            return value.Value;
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number).ShouldBeTrue(line);
        return number;
    }

    private static bool IsName(string text, bool colons) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (colons && c == ':'));

    private static bool BelongsTo(Family family, string name) => family.Type == "histogram"
        ? name == family.Name + "_bucket" || name == family.Name + "_sum" || name == family.Name + "_count"
        : name == family.Name;

    private static void Check(Family family)
    {
        family.Help.ShouldNotBeNullOrWhiteSpace(family.Name);
        if (family.Type == "counter")
        {
            family.Name.ShouldEndWith("_total");
            family.Samples.ShouldAllBe(sample => sample.Value >= 0);
        }
        if (family.Type != "histogram")
            return;
        foreach (var group in family.Samples.GroupBy(sample => string.Join('|', sample.Labels.Where(label => label.Key != "le"))))
        {
            var buckets = group.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToList();
            var bounds = buckets.Select(bucket => Number(bucket.Labels["le"], family.Name)).ToList();
            bounds.SequenceEqual(bounds.Order()).ShouldBeTrue(family.Name);
            bounds[^1].ShouldBe(double.PositiveInfinity, family.Name);
            buckets.SequenceEqual(buckets.OrderBy(bucket => bucket.Value)).ShouldBeTrue(family.Name);
            group.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value.ShouldBe(buckets[^1].Value, family.Name);
            group.Count(sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal)).ShouldBe(1, family.Name);
        }
    }
}
