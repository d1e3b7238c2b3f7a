namespace Holi.Client.Store;

/// <summary>One table of the new file, where of several versions of a row the newest stays. Every sealed row begins with the number of its commit.</summary>
internal sealed class NewestRows(StoreConnection connection, SealedRows rows, RowPurpose purpose, string insert, string read, string replace) : IDisposable
{
    private readonly Statement _insert = connection.Prepare(insert);
    private readonly Statement _read = connection.Prepare(read);
    private readonly Statement _replace = connection.Prepare(replace);

    /// <summary><paramref name="bytes"/> is the payload's length where the table has it, else −1.</summary>
    public void Put(long row, ReadOnlySpan<byte> sealedRow, ulong commit, int bytes)
    {
        if (Run(_insert, row, sealedRow, bytes) == 1)
            return;
        _read.Bind(1, row).Step();
        var isOlder = !rows.TryOpen(purpose, row, _read.Bytes(0), out var content) || new ContentReader(content).Number() < commit;
        _read.Reset();
        if (isOlder)
            Run(_replace, row, sealedRow, bytes);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _read.Dispose();
        _replace.Dispose();
    }

    private static int Run(Statement statement, long row, ReadOnlySpan<byte> sealedRow, int bytes)
    {
        statement.Bind(1, row).Bind(2, sealedRow);
        if (bytes >= 0)
            statement.Bind(3, bytes);
        return statement.Run();
    }
}
