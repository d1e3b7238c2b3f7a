using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Client.Store;

/// <summary>
/// The file's layout, in numbered steps: step n takes a file of layout n − 1 to n. A step that shipped is never edited. The number is in the sealed
/// state, where damage cannot change it. Every table is a row number and a sealed row, so that a damaged file can be read without its
/// indexes: see <see cref="PageScan"/>.
/// </summary>
internal static class Migrations
{
    // store     row 1: StoreHeader in clear. row 2: StoreState.
    // outbox    row: never used twice. bytes: of the payload, for the count of what leaves (a hint; it is not sealed). It stands
    //           before the sealed row, so that a sum need not follow a large one through its pages.
    // topics    row: the topic's number in events.
    // events    row: topic number and offset, as EventRow puts them together; so one topic's events lie side by side, in order.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE store(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        CREATE TABLE outbox(row INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, sealed BLOB NOT NULL);
        CREATE TABLE topics(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        CREATE TABLE events(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        """,
    ];

    /// <summary>A file of a newer app is neither read nor salvaged by an older one.</summary>
    public static void ThrowIfNewer(StoreState state)
    {
        if (state.Layout > Steps.Length)
        {
            throw new DeviceStoreException(DeviceStoreFailure.Failed,
                $"The device store is of layout {state.Layout}; this version of Holi knows up to {Steps.Length}. Update the app.");
        }
    }

    /// <summary>Takes a file from its state's layout to the newest one, in the caller's transaction. Returns whether the state must be stored.</summary>
    public static bool Run(StoreConnection connection, StoreState state)
    {
        var before = state.Layout;
        for (; state.Layout < Steps.Length; state.Layout++)
            connection.Execute(Steps[state.Layout]);
        state.LayoutHash = HashOf(connection);
        return state.Layout > before;
    }

    /// <summary>A hash of what SQLite takes the tables to be.</summary>
    public static ulong HashOf(StoreConnection connection)
    {
        var tables = new ContentWriter();
        using var read = connection.Prepare("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid");
        while (read.Step())
            tables.Bytes(read.Bytes(0)).Bytes(read.Bytes(1)).Bytes(read.Bytes(2)).Number((ulong)read.Number(3)).Bytes(read.Bytes(4));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(tables.Written));
    }
}
