namespace Holi.Peers.Measures;

/// <summary>What one measure of one peer found: figures by name, with their unit in the name, and remarks for the reader.</summary>
internal sealed class Figures
{
    private readonly Dictionary<string, double> _values = [];
    private readonly List<string> _notes = [];

    public IReadOnlyDictionary<string, double> Values => _values;

    public IReadOnlyList<string> Notes => _notes;

    public void Add(string name, double value) => _values[name] = value;

    public void Note(string note) => _notes.Add(note);

    /// <summary>The processor time of everything that serves, and where that is several programs, of each.</summary>
    /// <param name="name">The figure's name.</param>
    /// <param name="spent">What each part spent.</param>
    /// <param name="scale">From seconds to the figure's unit, for each thing that was done.</param>
    public void AddCpu(string name, IReadOnlyList<(string Part, TimeSpan Time)> spent, double scale)
    {
        Add(name, spent.Sum(part => part.Time.TotalSeconds) * scale);
        if (spent.Count < 2)
            return;
        foreach (var (part, time) in spent)
            Add($"{name}.{part}", time.TotalSeconds * scale);
    }
}
