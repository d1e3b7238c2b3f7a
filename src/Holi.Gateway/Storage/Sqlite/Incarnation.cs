using Dapper;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// A store's beginning at each start: counts the opening, and decides whether what lies there is what was there before. If it is not, its
/// history was reset, and every topic gets a new epoch, so that devices drop what they hold and fetch it again (§8.1). Better once too
/// often: what a device holds of a lost history cannot be told from what is there now.
/// </summary>
internal static class Incarnation
{
    public static (StoreMark Mark, ulong Epoch, bool Restored) Begin(
        SqliteConnection connection, StoreMark? marked, string? identity, bool restored, long nowSeconds)
    {
        using var transaction = connection.BeginTransaction();
        var meta = connection.QueryFirstOrDefault<MetaRow>(
            """
            select store_id as StoreId, epoch as Epoch, incarnation as Incarnation, last_batch as LastBatch, file_identity as FileIdentity
            from meta
            """,
            transaction: transaction);
        var begun = meta is null ? Create(connection, transaction, identity, nowSeconds)
            : restored || IsAnother(meta, marked, identity) ? Restore(connection, transaction, meta, marked, identity, nowSeconds)
            : Continue(connection, transaction, meta);
        transaction.Commit();
        return begun;
    }

    private static bool IsAnother(MetaRow meta, StoreMark? marked, string? identity) =>
        marked is not { } mark
        || mark.IsAheadOf(meta.Mark)
        || (identity is not null && meta.FileIdentity is not null && identity != meta.FileIdentity);

    private static (StoreMark Mark, ulong Epoch, bool Restored) Create(
        SqliteConnection connection, SqliteTransaction transaction, string? identity, long nowSeconds)
    {
        var id = Guid.NewGuid();
        var epoch = Math.Max(nowSeconds, 1);
        connection.Execute(
            "insert into meta (id, store_id, epoch, incarnation, last_batch, file_identity) values (1, @id, @epoch, 1, 0, @identity)",
            new { id = id.ToString("N"), epoch, identity },
            transaction);
        return (new StoreMark(id, 1, 0), (ulong)epoch, false);
    }

    private static (StoreMark Mark, ulong Epoch, bool Restored) Continue(SqliteConnection connection, SqliteTransaction transaction, MetaRow meta)
    {
        connection.Execute("update meta set incarnation = incarnation + 1", transaction: transaction);
        return (meta.Mark with { Incarnation = meta.Mark.Incarnation + 1 }, (ulong)meta.Epoch, false);
    }

    // Counts on from whichever is further, so that this life's marks are ahead of both.
    private static (StoreMark Mark, ulong Epoch, bool Restored) Restore(
        SqliteConnection connection, SqliteTransaction transaction, MetaRow meta, StoreMark? marked, string? identity, long nowSeconds)
    {
        var epoch = Math.Max(meta.Epoch + 1, nowSeconds);
        var incarnation = Math.Max(meta.Incarnation, (long)(marked?.Incarnation ?? 0)) + 1;
        connection.Execute(
            "update meta set epoch = @epoch, incarnation = @incarnation, file_identity = @identity",
            new { epoch, incarnation, identity },
            transaction);
        connection.Execute("update topics set epoch = @epoch", new { epoch }, transaction);
        return (meta.Mark with { Incarnation = (ulong)incarnation }, (ulong)epoch, true);
    }
}

/// <summary>The one row of meta.</summary>
internal sealed class MetaRow
{
    public string StoreId { get; set; } = "";
    public long Epoch { get; set; }
    public long Incarnation { get; set; }
    public long LastBatch { get; set; }
    public string? FileIdentity { get; set; }

    public StoreMark Mark => new(Guid.ParseExact(StoreId, "N"), (ulong)Incarnation, (ulong)LastBatch);
}
