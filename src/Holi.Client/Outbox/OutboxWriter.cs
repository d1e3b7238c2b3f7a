namespace Holi.Client.Store;

/// <summary>What a transaction does to the outbox. Changes the draft of the state that it is given; the caller commits or throws both away.</summary>
internal sealed class OutboxWriter(StoreConnection connection, SealedRows rows) : IDisposable
{
    // A row at a time would free and take a page with nearly every message. What waits is committed, sealed like all else, and at most so many rows.
    private const int TrimRowsMin = 64;

    // What leaves the outbox is deleted a few rows per transaction: dropping a million at once must not stop a phone for a second.
    private const int TrimRowsMax = 10_000;

    // Bytes are a hint that is not sealed: a damaged one must not upset the sum.
    private const int PayloadBytesMax = 1 << 20;

    private readonly Statement _insert = connection.Prepare("INSERT INTO outbox(row, sealed, bytes) VALUES(?1, ?2, ?3)");
    private readonly Statement _read = connection.Prepare("SELECT sealed FROM outbox WHERE row = ?1");
    private readonly Statement _update = connection.Prepare("UPDATE outbox SET sealed = ?2, bytes = ?3 WHERE row = ?1");
    private readonly Statement _sum = connection.Prepare(
        $"SELECT sum(min(max(bytes, 0), {PayloadBytesMax})) FROM outbox WHERE row >= ?1 AND row < ?2");
    private readonly Statement _trim = connection.Prepare("DELETE FROM outbox WHERE row < ?1");
    private readonly Statement _delete = connection.Prepare("DELETE FROM outbox WHERE row = ?1");
    private readonly Statement _first = connection.Prepare("SELECT row FROM outbox ORDER BY row LIMIT 1");

    public void Queue(StoreState draft, OutboxCommand command)
    {
        if (command.Seq != draft.LastAssigned + 1)
            throw new ArgumentException($"Command {command.Seq} does not follow {draft.LastAssigned}.");
        OutboxRow.Write(rows.Content, draft.Commits, draft.Generation, command);
        _insert.Bind(1, draft.NextRow).Bind(2, rows.Seal(RowPurpose.Command, draft.NextRow)).Bind(3, command.Payload.Length).Run();
        draft.Runs.Add(new SeqRun(draft.NextRow, command.Seq, 1, command.FirstGeneration, command.FirstSeq));
        draft.NextRow++;
        draft.LastAssigned = command.Seq;
        draft.QueuedBytes += command.Payload.Length;
    }

    /// <summary>False where the queued command cannot be read: its row is damaged.</summary>
    public bool TryRewrite(StoreState draft, ulong seq, byte[] payload, out long row)
    {
        if (seq <= draft.SendFloor)
            throw new ArgumentException($"Command {seq} may have been sent: it cannot be rewritten.");
        if (!draft.Runs.TryFindRow(seq, out row))
            throw new ArgumentException($"Command {seq} is not queued.");
        var found = _read.Bind(1, row).Step();
        try
        {
            if (!found || !rows.TryOpen(RowPurpose.Command, row, _read.Bytes(0), out var content) || !OutboxRow.TryRead(content, out var command))
                return false;
            OutboxRow.Rewrite(rows.Content, draft.Commits, command, payload);
            draft.QueuedBytes += payload.Length - command.Payload.Length;
        }
        finally
        {
            _read.Reset();
        }
        _update.Bind(1, row).Bind(2, rows.Seal(RowPurpose.Command, row)).Bind(3, payload.Length).Run();
        return true;
    }

    /// <summary>Takes what is committed out of the count. The rows go later: <see cref="Trim"/>.</summary>
    public void Drop(StoreState draft, DropCommitted drop)
    {
        if (drop.Known < draft.Known || drop.Known > draft.LastAssigned)
            throw new ArgumentException($"Known cannot go from {draft.Known} to {drop.Known}: {draft.LastAssigned} commands were assigned.");
        var first = draft.FirstRow;
        draft.Known = drop.Known;
        draft.Digest = drop.Digest;
        draft.SendFloor = Math.Max(draft.SendFloor, drop.Known);
        draft.Runs.DropThrough(drop.Known);
        draft.QueuedBytes = draft.Runs.All.Count == 0 ? 0 : Math.Max(0, draft.QueuedBytes - BytesOf(first, draft.FirstRow));
    }

    /// <summary>Numbers what is queued anew. Damaged rows leave for good.</summary>
    public void Renumber(StoreState draft, uint generation, IReadOnlyCollection<long> lost)
    {
        ArgumentOutOfRangeException.ThrowIfZero(generation);
        foreach (var row in lost)
        {
            draft.QueuedBytes = Math.Max(0, draft.QueuedBytes - BytesOf(row, row + 1));
            _delete.Bind(1, row).Run();
        }
        draft.Renumber(generation, lost);
    }

    /// <summary>
    /// Deletes some rows before <paramref name="firstRow"/>: the first that was queued when the last transaction ended, so that a read that began
    /// before this one still finds all that it may look for. Few are left for later, unless <paramref name="all"/> must go: what a message that is now
    /// erased said may be in one of them. Returns before which row nothing is left.
    /// </summary>
    public long Trim(long trimmed, long firstRow, bool all)
    {
        if (firstRow - trimmed < (all ? 1 : TrimRowsMin))
            return trimmed;
        var through = Math.Min(firstRow, trimmed + TrimRowsMax);
        _trim.Bind(1, through).Run();
        return through;
    }

    /// <summary>The first row in the file; <paramref name="none"/> where it has none.</summary>
    public long FirstStoredRow(long none)
    {
        var row = _first.Step() ? _first.Number(0) : none;
        _first.Reset();
        return row;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _insert, _read, _update, _sum, _trim, _delete, _first })
            statement.Dispose();
    }

    private long BytesOf(long from, long to)
    {
        var bytes = _sum.Bind(1, from).Bind(2, to).Step() ? _sum.Number(0) : 0;
        _sum.Reset();
        return bytes;
    }
}
