using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Holi.Load.Reports;

/// <summary>
/// What a scenario found. Printed three times: as a line for people, as crank's job statistics (so that a crank controller can collect it) and as
/// one line of JSON, always the very last line of standard output. Progress goes to standard error.
/// </summary>
internal sealed class Report(string scenario)
{
    private readonly List<(string Name, double Value, string Description)> _figures = [];
    private readonly HashSet<string> _guarantees = [];

    /// <summary>Guarantees that were broken; any makes the exit code 1.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Adds a figure; its name carries its unit.</summary>
    public Report Add(string name, double value, string description)
    {
        _figures.Add((name, Math.Round(value, 3), description));
        return this;
    }

    /// <summary>Adds a guarantee that must be zero.</summary>
    public Report AddGuarantee(string name, long value, string description)
    {
        _guarantees.Add(name);
        if (value != 0)
            Broken.Add($"{name} is {value}, must be 0");
        return Add(name, value, description);
    }

    /// <summary>Prints all of it; returns the process's exit code.</summary>
    public int Print(TimeProvider time)
    {
        foreach (var broken in Broken)
            Console.Error.WriteLine($"BROKEN: {broken}");
        using var output = Console.OpenStandardOutput();
        Print(time.GetUtcNow(), output);
        return Broken.Count == 0 ? 0 : 1;
    }

    /// <summary>
    /// One write for the block: crank's agent reads the marker lines, and all between them, out of a log that it keeps of this and of standard error. Console.Out
    /// would cut it into pieces of 256 characters.
    /// </summary>
    public void Print(DateTimeOffset now, Stream output)
    {
        foreach (var text in (string[])[Words() + "\n", Statistics(now), Line() + "\n"])
            output.Write(Encoding.UTF8.GetBytes(text));
        output.Flush();
    }

    // Guarantees first: whoever reads only the beginning has read what matters.
    private string Words()
    {
        var figures = _figures.OrderBy(figure => !_guarantees.Contains(figure.Name))
            .Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:#,0.###}"));
        return $"{scenario} {(Broken.Count == 0 ? "ok" : "BROKEN")}: {string.Join(", ", figures)}";
    }

    private string Line()
    {
        var line = new JsonObject { ["scenario"] = scenario };
        foreach (var (name, value, _) in _figures)
            line[name] = value == Math.Floor(value) && Math.Abs(value) < 1e15 ? JsonValue.Create((long)value) : JsonValue.Create(value);
        return line.ToJsonString();
    }

    private string Statistics(DateTimeOffset now)
    {
        var metadata = new JsonArray();
        var measurements = new JsonArray();
        foreach (var (name, value, description) in _figures)
        {
            var id = $"holi/{scenario}/{name}".ToLowerInvariant();
            metadata.Add(new JsonObject
            {
                ["source"] = "Holi.Load",
                ["name"] = id,
                ["aggregate"] = "Max",
                ["reduce"] = "Max",
                ["format"] = "n2",
                ["shortDescription"] = name,
                ["longDescription"] = description,
            });
            measurements.Add(new JsonObject
            {
                ["timestamp"] = now.ToString("O", CultureInfo.InvariantCulture),
                ["name"] = id,
                ["value"] = value,
            });
        }
        var body = new JsonObject { ["metadata"] = metadata, ["measurements"] = measurements };
        return $"#StartJobStatistics\n{body.ToJsonString()}\n#EndJobStatistics\n";
    }
}
