namespace Holi.Simulation.Log.Shared;

/// <summary>Locks of rows, and of names that have no row yet. Who waits gets it in turn.</summary>
internal sealed class RowLocks
{
    private sealed class Row
    {
        public required LogTransaction Holder { get; set; }
        public Queue<(LogTransaction Who, Action Granted)> Waiting { get; } = new();
    }

    private readonly Dictionary<string, Row> _rows = [];

    /// <summary>True where it is held now; else <paramref name="granted"/> is called when it is, unless who waits is over by then.</summary>
    public bool TryTake(string name, LogTransaction who, Action granted)
    {
        if (!_rows.TryGetValue(name, out var row))
        {
            _rows.Add(name, new Row { Holder = who });
            return true;
        }
        if (row.Holder == who)
            return true;
        row.Waiting.Enqueue((who, granted));
        return false;
    }

    /// <summary>The transaction is over: whoever waits for what it held goes on.</summary>
    public void Release(LogTransaction holder)
    {
        var next = new List<Action>();
        foreach (var (name, row) in _rows.Where(r => r.Value.Holder == holder).ToArray())
        {
            _rows.Remove(name);
            while (row.Waiting.TryDequeue(out var waiting))
            {
                if (waiting.Who.IsOver)
                    continue;
                row.Holder = waiting.Who;
                _rows.Add(name, row);
                next.Add(waiting.Granted);
                break;
            }
        }
        foreach (var granted in next)
            granted();
    }
}
