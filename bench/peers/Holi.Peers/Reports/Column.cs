using Holi.Peers.Measures;

namespace Holi.Peers.Reports;

/// <summary>Everything that was found of one peer: for each figure a value of each round, and remarks.</summary>
internal sealed class Column(Peer peer)
{
    private readonly SortedDictionary<string, List<double>> _values = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];

    public Peer Peer => peer;

    /// <summary>Why there is nothing; null where it was measured.</summary>
    public string? Missing { get; set; }

    /// <summary>A measure of it went wrong; a remark says how.</summary>
    public bool Failed { get; set; }

    /// <summary>The versions of its programs.</summary>
    public string Version { get; set; } = "";

    public IReadOnlyDictionary<string, List<double>> Values => _values;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Adds a round's figures of a measure.</summary>
    public void Add(Measure measure, Figures figures)
    {
        foreach (var (name, value) in figures.Values)
            Add($"{measure.Name}.{name}", value);
        foreach (var note in figures.Notes)
            Note(note);
    }

    /// <summary>Adds one more value of a figure.</summary>
    public void Add(string key, double value)
    {
        if (!_values.TryGetValue(key, out var values))
            _values[key] = values = [];
        values.Add(value);
    }

    /// <summary>Takes in what an earlier run found of the same peer.</summary>
    public void Precede(Column? earlier)
    {
        if (earlier is null)
            return;
        foreach (var (key, values) in earlier.Values)
        {
            foreach (var value in values)
                Add(key, value);
        }
        foreach (var note in earlier.Notes)
            Note(note);
        Missing = earlier.Missing is null ? null : Missing;
    }

    /// <summary>A remark; said once, however many rounds say it.</summary>
    public void Note(string note)
    {
        if (!_notes.Contains(note))
            _notes.Add(note);
    }

    /// <summary>Rounds of the figure that has most.</summary>
    public int Rounds => _values.Count == 0 ? 0 : _values.Values.Max(values => values.Count);

    /// <summary>Median, least and greatest of a figure's rounds; null where there are none.</summary>
    public (double Median, double Min, double Max)? Spread(string key) =>
        _values.TryGetValue(key, out var values) ? (Bench.Median(values), values.Min(), values.Max()) : null;
}
