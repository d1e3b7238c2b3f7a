namespace Holi.Client.Store;

/// <summary>The table "store": one row of header, one of state.</summary>
internal static class StoreTable
{
    public const long HeaderRow = 1;
    public const long StateRow = 2;

    public const string Put = "INSERT INTO store(row, sealed) VALUES(?1, ?2) ON CONFLICT(row) DO UPDATE SET sealed = ?2";

    /// <summary>Lays out a new file, whole or not at all.</summary>
    public static void Create(StoreConnection connection, StoreHeader header, StoreState state, SealedRows rows)
    {
        connection.Execute("BEGIN IMMEDIATE");
        state.Layout = 0;
        Migrations.Run(connection, state);
        using var put = connection.Prepare(Put);
        put.Bind(1, HeaderRow).Bind(2, header.ToBytes()).Run();
        PutState(put, state, rows);
        connection.Execute("COMMIT");
    }

    /// <summary>Takes the file to the newest layout.</summary>
    public static void Migrate(StoreConnection connection, StoreState state, SealedRows rows)
    {
        connection.Execute("BEGIN IMMEDIATE");
        if (Migrations.Run(connection, state))
        {
            using var put = connection.Prepare(Put);
            PutState(put, state, rows);
        }
        connection.Execute("COMMIT");
    }

    /// <summary>Seals and stores the state; returns the sealed bytes.</summary>
    public static byte[] PutState(Statement put, StoreState state, SealedRows rows)
    {
        state.Write(rows.Content.Start());
        var sealedState = rows.Seal(RowPurpose.State, StateRow).ToArray();
        put.Bind(1, StateRow).Bind(2, sealedState).Run();
        return sealedState;
    }

    /// <summary>A row's bytes; empty where it is not there.</summary>
    public static byte[] Read(StoreConnection connection, long row)
    {
        using var read = connection.Prepare("SELECT sealed FROM store WHERE row = ?1");
        return read.Bind(1, row).Step() ? read.Bytes(0).ToArray() : [];
    }

    /// <summary>A sealed state as it was before; null where it does not open.</summary>
    public static StoreState? OpenState(ReadOnlySpan<byte> sealedState, SealedRows rows) =>
        rows.TryOpen(RowPurpose.State, StateRow, sealedState, out var content) && StoreState.TryRead(content, out var state) ? state : null;
}
