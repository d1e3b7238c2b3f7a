namespace Holi.Client.Store;

/// <summary>Reads queued commands in order of seq, and says which rows should be there and are not, or do not open.</summary>
internal sealed class OutboxReader(StoreConnection connection, SealedRows rows) : IDisposable
{
    private readonly Statement _read = connection.Prepare("SELECT row, sealed FROM outbox WHERE row >= ?1 AND row <= ?2 ORDER BY row");

    public List<OutboxCommand> Read(SeqRuns runs, ulong after, int countMax, int bytesMax, List<long> lost)
    {
        var commands = new List<OutboxCommand>();
        long bytes = 0;
        foreach (var run in runs.All)
        {
            if (run.LastSeq <= after)
                continue;
            if (!ReadRun(run.Seq > after ? run : run.Without(after - run.Seq + 1), commands, ref bytes))
                break;
        }
        return commands;

        // False where the limits were reached.
        bool ReadRun(SeqRun run, List<OutboxCommand> commands, ref long bytes)
        {
            if (commands.Count >= countMax)
                return false;
            var expected = run.Row;
            _read.Bind(1, run.Row).Bind(2, run.LastRow);
            try
            {
                while (_read.Step())
                {
                    var row = _read.Number(0);
                    for (; expected < row; expected++)
                        lost.Add(expected);
                    if (!rows.TryOpen(RowPurpose.Command, row, _read.Bytes(1), out var content) || !OutboxRow.TryRead(content, out var command))
                    {
                        lost.Add(expected++);
                        continue;
                    }
                    if (commands.Count > 0 && bytes + command.Payload.Length > bytesMax)
                        return false;
                    expected++;
                    bytes += command.Payload.Length;
                    commands.Add(command.ToCommand(run.Without((ulong)(row - run.Row))));
                    if (commands.Count >= countMax)
                        return false;
                }
            }
            finally
            {
                _read.Reset();
            }
            for (; expected <= run.LastRow; expected++)
                lost.Add(expected);
            return true;
        }
    }

    public void Dispose() => _read.Dispose();
}
