namespace Holi.Client.Store;

/// <summary>
/// Copies queued commands to the new file and finds out which are missing. What was queued after the newest state that could be read follows the others,
/// under the identity that it was queued with.
/// </summary>
internal sealed class SalvagedCommands(StoreConnection connection, SealedRows rows, StoreState state, bool onlyThroughState) : IDisposable
{
    private readonly NewestRows _newest = new(connection, rows, RowPurpose.Command,
        "INSERT INTO outbox(row, sealed, bytes) VALUES(?1, ?2, ?3) ON CONFLICT(row) DO NOTHING",
        "SELECT sealed FROM outbox WHERE row = ?1",
        "UPDATE outbox SET sealed = ?2, bytes = ?3 WHERE row = ?1");
    private readonly SortedDictionary<long, (uint Generation, ulong Seq)> _behindState = [];
    private readonly long _nextRow = state.NextRow;

    public bool Found(long row, ReadOnlySpan<byte> sealedRow)
    {
        var isBehind = row >= _nextRow;
        if (!isBehind && !state.Runs.TryFindRun(row, out _))
            return false;
        if (!rows.TryOpen(RowPurpose.Command, row, sealedRow, out var content) || !OutboxRow.TryRead(content, out var command)
            || (onlyThroughState && command.Commit > state.Commits))
        {
            return false;
        }
        if (isBehind)
            _behindState[row] = (command.QueuedGeneration, command.QueuedSeq);
        _newest.Put(row, sealedRow, command.Commit, command.Payload.Length);
        return true;
    }

    /// <summary>Completes the state; returns the rows of queued commands that were not found.</summary>
    public List<long> Finish()
    {
        foreach (var (row, (generation, seq)) in _behindState)
        {
            state.Runs.Add(new SeqRun(row, ++state.LastAssigned, 1, generation, generation == 0 ? 0 : seq));
            state.NextRow = row + 1;
        }
        state.QueuedBytes = connection.Number("SELECT sum(bytes) FROM outbox");
        return Missing();
    }

    public void Dispose() => _newest.Dispose();

    private List<long> Missing()
    {
        var missing = new List<long>();
        using var read = connection.Prepare("SELECT row FROM outbox WHERE row >= ?1 AND row <= ?2 ORDER BY row");
        foreach (var run in state.Runs.All)
        {
            var expected = run.Row;
            read.Bind(1, run.Row).Bind(2, run.LastRow);
            while (read.Step())
            {
                for (; expected < read.Number(0); expected++)
                    missing.Add(expected);
                expected++;
            }
            for (; expected <= run.LastRow; expected++)
                missing.Add(expected);
        }
        return missing;
    }
}
