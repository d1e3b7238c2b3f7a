using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holi.Client.Store;

/// <summary>What SQLite's and the system's errors mean to a caller.</summary>
internal static class StoreFailures
{
    // Below this much free space an I/O error of the disk is taken for a full disk: SQLite reports quotas and a log index that cannot grow as IOERR.
    private const long NearlyFullBytes = 1024 * 1024;

    /// <summary>True where the file's own bytes are at fault, so that opening it again must save what can be read.</summary>
    public static bool IsDamage(SqliteException failed) =>
        failed.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT or raw.SQLITE_SCHEMA
        || failed.SqliteExtendedErrorCode == raw.SQLITE_IOERR_SHORT_READ;

    public static DeviceStoreException Of(Exception failed, string folder) => failed switch
    {
        DeviceStoreException already => already,
        SqliteException sqlite when IsDamage(sqlite) => new DeviceStoreException(DeviceStoreFailure.Damaged,
            "The device store was found damaged. Close it and open it again: what can be read is saved.", failed),
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } => DiskFull(failed),
        SqliteException { SqliteErrorCode: raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN } when IsNearlyFull(folder) => DiskFull(failed),
        IOException when IsNearlyFull(folder) => DiskFull(failed),
        SqliteException sqlite => new DeviceStoreException(DeviceStoreFailure.Failed,
            $"The device store could not be used (SQLite error {sqlite.SqliteExtendedErrorCode}).", failed),
        _ => new DeviceStoreException(DeviceStoreFailure.Failed, $"The device store could not be used ({failed.GetType().Name}).", failed),
    };

    private static DeviceStoreException DiskFull(Exception failed) =>
        new(DeviceStoreFailure.DiskFull, "No space left on the device: nothing was stored. Free some space and try again.", failed);

    private static bool IsNearlyFull(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace < NearlyFullBytes;
        }
        catch (Exception unknown) when (unknown is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
