using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// What a result code of SQLite means for us: the store cannot do it now (the caller tries again), or we asked for something wrong (a bug).
/// Messages are built from codes alone: SQLite's own may quote SQL.
/// </summary>
internal static class SqliteFailure
{
    // ENOSPC, and what Windows says.
    private const int NoSpaceLeft = 28;
    private const int DiskFull = unchecked((int)0x80070070);

    public static Exception Of(int code, string doing, Exception? inner = null)
    {
        var primary = code & 0xFF;
        var message = $"SQLite {Name(primary)} ({code}) while {doing}";
        return primary is raw.SQLITE_CONSTRAINT or raw.SQLITE_MISUSE or raw.SQLITE_ERROR or raw.SQLITE_RANGE
                or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG or raw.SQLITE_SCHEMA
            ? new InvalidOperationException(message, inner)
            : new StoreUnavailableException(message, inner);
    }

    public static Exception Of(SqliteException failure, string doing) =>
        Of(failure.SqliteExtendedErrorCode != 0 ? failure.SqliteExtendedErrorCode : failure.SqliteErrorCode, doing, failure);

    public static StoreUnavailableException Of(IOException failure, string doing) =>
        new($"{(failure.HResult is NoSpaceLeft or DiskFull ? "Disk full" : "Input/output failed")} while {doing}", failure);

    private static string Name(int primary) => primary switch
    {
        raw.SQLITE_FULL => "disk full",
        raw.SQLITE_IOERR => "input/output error",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "locked by another",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "damaged",
        raw.SQLITE_READONLY or raw.SQLITE_PERM => "not writable",
        raw.SQLITE_CANTOPEN => "cannot open",
        raw.SQLITE_NOMEM => "out of memory",
        raw.SQLITE_CONSTRAINT => "constraint",
        _ => "failure",
    };
}
