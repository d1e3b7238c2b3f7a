namespace Holi.Client.Store;

/// <summary>What was found damaged since the store was opened. Readers on any thread add to it; the writer takes away what it mended.</summary>
internal sealed class DamageLog
{
    private readonly Lock _lock = new();
    private readonly SortedSet<long> _lostRows = [];
    private readonly SortedSet<string> _topics = new(StringComparer.Ordinal);
    private bool _fileReplaced;
    private (SeqRuns? Runs, StoreDamage Damage) _reported = (null, StoreDamage.None);

    /// <summary>Rows of queued commands that do not open or are not there.</summary>
    public IReadOnlyCollection<long> LostRows
    {
        get
        {
            lock (_lock)
                return [.. _lostRows];
        }
    }

    public void ReplaceFile()
    {
        lock (_lock)
        {
            _fileReplaced = true;
            _reported.Runs = null;
        }
    }

    public void LoseRows(IEnumerable<long> rows)
    {
        lock (_lock)
        {
            _lostRows.UnionWith(rows);
            _reported.Runs = null;
        }
    }

    public void LoseTopic(string name)
    {
        lock (_lock)
        {
            _topics.Add(name);
            _reported.Runs = null;
        }
    }

    /// <summary>A new generation closed the holes.</summary>
    public void CloseHoles()
    {
        lock (_lock)
        {
            _lostRows.Clear();
            _reported.Runs = null;
        }
    }

    /// <summary>The topic's damaged events are gone; it is being fetched again.</summary>
    public void MendTopic(string name)
    {
        lock (_lock)
        {
            _topics.Remove(name);
            _reported.Runs = null;
        }
    }

    /// <summary>The damage in the seqs that are queued now.</summary>
    public StoreDamage Report(SeqRuns runs)
    {
        lock (_lock)
        {
            if (_lostRows.Count == 0 && _topics.Count == 0 && !_fileReplaced)
                return StoreDamage.None;
            if (_reported.Runs == runs)
                return _reported.Damage;
            var lost = new List<ulong>(_lostRows.Count);
            foreach (var row in _lostRows)
            {
                if (runs.TryFindRun(row, out var run))
                    lost.Add(run.Seq);
            }
            _reported = (runs, new StoreDamage(lost, [.. _topics], _fileReplaced));
            return _reported.Damage;
        }
    }
}
