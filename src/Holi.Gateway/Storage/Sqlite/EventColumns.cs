namespace Holi.Gateway.Storage.Sqlite;

/// <summary>The columns of an event as they are read, in one order everywhere.</summary>
internal static class EventColumns
{
    public const string List = "\"offset\", time_ms, member, type, payload, device_id, generation, seq, check8";

    public static StoredEvent Read(Statement row, long topicId) => new(
        topicId,
        row.Number(0),
        row.Long(1),
        (uint)row.Long(2),
        (ushort)row.Long(3),
        row.Blob(4).ToArray(),
        // Absent columns read as zero, which is "no command".
        new CommandIdentity(row.Long(5), (uint)row.Long(6), row.Number(7)),
        row.Long(8));
}
