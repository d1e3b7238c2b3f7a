namespace Holi.Client.Store;

/// <summary>
/// The file's layout, in numbered steps: step n takes a file of user_version n − 1 to n. A step that shipped is never edited. Every table is
/// a row number and a sealed row, so that a damaged file can be read without its indexes: see <see cref="PageScan"/>.
/// </summary>
internal static class Migrations
{
    // store     row 1: StoreHeader in clear. row 2: StoreState.
    // outbox    row: never used twice. bytes: of the payload, for the count of what leaves (a hint; it is not sealed).
    // topics    row: the topic's number in events.
    // events    row: topic number and offset, as EventRow puts them together; so one topic's events lie side by side, in order.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE store(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        CREATE TABLE outbox(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL, bytes INTEGER NOT NULL);
        CREATE TABLE topics(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        CREATE TABLE events(row INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        """,
    ];

    /// <summary>Takes a file to the newest layout, within the caller's transaction.</summary>
    public static void Run(StoreConnection connection)
    {
        var version = connection.Number("PRAGMA user_version");
        if (version > Steps.Length)
        {
            throw new DeviceStoreException(DeviceStoreFailure.Failed,
                $"The device store is of layout {version}; this version of Holi knows up to {Steps.Length}. Update the app.");
        }
        for (var step = version; step < Steps.Length; step++)
            connection.Execute($"{Steps[step]} PRAGMA user_version = {step + 1};");
    }
}
