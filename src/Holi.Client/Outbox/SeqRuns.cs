namespace Holi.Client.Store;

/// <summary>
/// Commands that lie one behind the other: row Row + i has seq Seq + i and, where FirstGeneration is not 0, the first identity
/// (FirstGeneration, FirstSeq + i).
/// </summary>
internal readonly record struct SeqRun(long Row, ulong Seq, ulong Count, uint FirstGeneration, ulong FirstSeq)
{
    public ulong LastSeq => Seq + Count - 1;

    public long LastRow => Row + (long)Count - 1;

    public bool IsContinuedBy(in SeqRun next) =>
        next.Row == LastRow + 1 && next.Seq == LastSeq + 1 && next.FirstGeneration == FirstGeneration
        && next.FirstSeq == (FirstGeneration == 0 ? 0 : FirstSeq + Count);

    /// <summary>What is left without the first <paramref name="count"/>.</summary>
    public SeqRun Without(ulong count) =>
        new(Row + (long)count, Seq + count, Count - count, FirstGeneration, FirstGeneration == 0 ? 0 : FirstSeq + count);

    public SeqRun Take(ulong count) => this with { Count = count };
}

/// <summary>
/// Which row holds which seq. A command's row never changes, so its sealed bytes never do; a new generation only writes new runs.
/// Renumbering a million commands is therefore one small write. In order of row and of seq; one run in all but rare cases.
/// </summary>
internal sealed class SeqRuns
{
    private readonly List<SeqRun> _runs;

    public SeqRuns() => _runs = [];

    private SeqRuns(List<SeqRun> runs) => _runs = runs;

    public IReadOnlyList<SeqRun> All => _runs;

    public SeqRuns Clone() => new([.. _runs]);

    public void Add(in SeqRun run)
    {
        if (_runs.Count > 0 && _runs[^1].IsContinuedBy(run))
            _runs[^1] = _runs[^1].Take(_runs[^1].Count + run.Count);
        else
            _runs.Add(run);
    }

    /// <summary>Forgets the commands through <paramref name="seq"/>.</summary>
    public void DropThrough(ulong seq)
    {
        var gone = 0;
        while (gone < _runs.Count && _runs[gone].LastSeq <= seq)
            gone++;
        _runs.RemoveRange(0, gone);
        if (_runs.Count > 0 && _runs[0].Seq <= seq)
            _runs[0] = _runs[0].Without(seq - _runs[0].Seq + 1);
    }

    /// <summary>The row of a queued command; false where that seq is not queued.</summary>
    public bool TryFindRow(ulong seq, out long row)
    {
        foreach (var run in _runs)
        {
            if (seq < run.Seq || seq > run.LastSeq)
                continue;
            row = run.Row + (long)(seq - run.Seq);
            return true;
        }
        row = 0;
        return false;
    }

    /// <summary>The run that a row is in; false where the row holds no queued command.</summary>
    public bool TryFindRun(long row, out SeqRun run)
    {
        foreach (var each in _runs)
        {
            if (row < each.Row || row > each.LastRow)
                continue;
            run = each.Without((ulong)(row - each.Row));
            return true;
        }
        run = default;
        return false;
    }

    /// <summary>
    /// The same commands without <paramref name="lost"/> rows, numbered from 1. Those that had no first identity get the one they had in
    /// <paramref name="generation"/>.
    /// </summary>
    public SeqRuns Renumbered(uint generation, IReadOnlyCollection<long> lost)
    {
        var renumbered = new SeqRuns();
        var seq = 1UL;
        foreach (var run in _runs)
        {
            var rest = run;
            foreach (var row in lost.Where(row => row >= run.Row && row <= run.LastRow).Order())
            {
                AddFrom(rest.Take((ulong)(row - rest.Row)));
                rest = rest.Without((ulong)(row - rest.Row) + 1);
            }
            AddFrom(rest);
        }
        return renumbered;

        void AddFrom(SeqRun run)
        {
            if (run.Count == 0)
                return;
            var first = run.FirstGeneration != 0 ? run : run with { FirstGeneration = generation, FirstSeq = run.Seq };
            renumbered.Add(first with { Seq = seq });
            seq += run.Count;
        }
    }
}
