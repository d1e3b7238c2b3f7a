using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>The columns of an event as they are read, in one order everywhere.</summary>
internal static class EventColumns
{
    /// <summary>Of a table or row named e.</summary>
    public const string List = """
        e.topic_id, e."offset", e.time_ms, e.member, e.type, e.payload, e.device_id, e.generation, e.seq, e.check8
        """;

    /// <param name="row">Stands on an event.</param>
    /// <param name="first">Where its columns begin.</param>
    public static StoredEvent Read(NpgsqlDataReader row, int first = 0) => new(
        row.GetInt64(first),
        (ulong)row.GetInt64(first + 1),
        row.GetInt64(first + 2),
        (uint)row.GetInt64(first + 3),
        (ushort)row.GetInt32(first + 4),
        row.GetFieldValue<byte[]>(first + 5),
        row.IsDBNull(first + 6)
            ? default
            : new CommandIdentity(row.GetInt64(first + 6), (uint)row.GetInt64(first + 7), (ulong)row.GetInt64(first + 8)),
        row.IsDBNull(first + 6) ? 0 : row.GetInt64(first + 9));
}
