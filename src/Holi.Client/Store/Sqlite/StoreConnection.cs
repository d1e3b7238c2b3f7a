using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holi.Client.Store;

/// <summary>One SQLite connection to a store's file, set up for durability. One thread at a time.</summary>
internal sealed class StoreConnection : IDisposable
{
    /// <summary>SQLite's default, fixed here because <see cref="PageScan"/> reads pages by itself.</summary>
    public const int PageBytes = 4096;

    private const int BusyTimeoutMs = 5_000;
    // A log of two megabytes. It is overwritten from its start after each checkpoint, and what does not grow is cheaper to fsync.
    private const int WalPagesBeforeCheckpoint = 512;
    private const int WalBytesKept = 8 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly string _log;

    // https://sqlite.org/fileformat2.html §1.3: magic, page size 4096, WAL (2, 2), no reserved bytes, payload fractions.
    private static ReadOnlySpan<byte> FixedHeader => "SQLite format 3\0\x10\0\x02\x02\0\x40\x20\x20"u8;

    private StoreConnection(SqliteConnection connection, string path) => (_connection, _log) = (connection, path + "-wal");

    /// <summary>True where nothing was ever laid out in the file.</summary>
    public bool IsUnused => Number("SELECT count(*) FROM sqlite_schema") == 0;

    private sqlite3 Handle => _connection.Handle!;

    /// <summary>Makes an empty file that only its owner may read; the log beside it inherits that.</summary>
    public static void CreateFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }

    /// <summary>
    /// False where the first bytes of the file are not those of a database of ours: SQLite would take some of them for another page size, or for a file
    /// that it may only read.
    /// </summary>
    public static bool IsHeaderWhole(string path)
    {
        Span<byte> header = stackalloc byte[FixedHeader.Length];
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.Read(file, header, 0) == 0 || header.SequenceEqual(FixedHeader);
    }

    /// <summary>
    /// The connection that writes. WAL with synchronous=FULL: a commit returns after the log's fsync (fullfsync: past the drive's own
    /// cache where the system tells them apart), unless <see cref="Synchronize"/> says otherwise. Freed pages go back by incremental vacuum.
    /// </summary>
    public static StoreConnection OpenWriter(string path) => Open(path, $"""
        PRAGMA page_size = {PageBytes};
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        PRAGMA secure_delete = FAST;
        PRAGMA wal_autocheckpoint = {WalPagesBeforeCheckpoint};
        PRAGMA journal_size_limit = {WalBytesKept};
        """);

    /// <summary>A connection that only reads, beside the writer.</summary>
    public static StoreConnection OpenReader(string path) => Open(path, "PRAGMA query_only = ON;");

    /// <summary>The commits that follow are fsynced, each with all before it.</summary>
    public bool Synchronizes { get; private set; } = true;

    /// <summary>
    /// Whether the commits that follow are fsynced. In a WAL, NORMAL leaves out the fsync of a commit and keeps those that order the log before the
    /// database: a power cut may take the newest commits, and never damages (https://sqlite.org/pragma.html#pragma_synchronous). Not inside a transaction.
    /// </summary>
    public void Synchronize(bool syncs)
    {
        if (syncs == Synchronizes)
            return;
        Execute(syncs ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        Synchronizes = syncs;
    }

    /// <summary>Fsyncs what was committed without. Throws <see cref="IOException"/>.</summary>
    public void SyncLog()
    {
        try
        {
            SyncLog(_log);
        }
        catch (IOException)
        {
            IsLogDoubtful = true;
            throw;
        }
    }

    /// <summary>
    /// True after an fsync of the log failed. The system may have dropped what it could not write and say so only once: what lies in the log by then
    /// must never be taken for safe because a later fsync succeeds, nor anything behind it, which a recovery would not reach.
    /// </summary>
    public bool IsLogDoubtful { get; private set; }

    /// <summary>Notes that a commit failed, which may have been its fsync.</summary>
    public void Failed(SqliteException failed) => IsLogDoubtful |= failed.SqliteErrorCode == raw.SQLITE_IOERR;

    /// <summary>
    /// Where the log is doubtful: writes all of it into the database anew, fsyncs that, and begins the log again from its start. Throws
    /// <see cref="SqliteException"/> where that cannot be done now. Not inside a transaction.
    /// </summary>
    public void SettleLog()
    {
        if (!IsLogDoubtful)
            return;
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_wal_checkpoint_v2(Handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _), Handle);
        IsLogDoubtful = false;
    }

    /// <summary>The same of a log whose database nobody has open; nothing where there is none. SQLite takes no locks on this file: opening it beside is safe.</summary>
    public static void SyncLog(string path)
    {
        if (!File.Exists(path))
            return;
        using var log = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(log);
    }

    public Statement Prepare(string sql) => new(Handle, sql);

    public void Execute(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(Handle, sql), Handle);

    /// <summary>The single number that a query gives.</summary>
    public long Number(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Number(0) : 0;
    }

    /// <summary>Takes back what was not committed; nothing where SQLite already did.</summary>
    public void RollBack()
    {
        if (raw.sqlite3_get_autocommit(Handle) == 0)
            _ = raw.sqlite3_exec(Handle, "ROLLBACK");
    }

    /// <summary>Moves the log into the database and empties it, as far as readers let it. Failing is no harm: the log holds everything.</summary>
    public void Checkpoint() => _ = raw.sqlite3_wal_checkpoint_v2(Handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);

    public void Dispose() => _connection.Dispose();

    private static StoreConnection Open(string path, string settings)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            var opened = new StoreConnection(connection, path);
            // The log stays until a checkpoint of ours: if it turns out damaged, what it holds can still be saved.
            SqliteException.ThrowExceptionForRC(
                raw.sqlite3_db_config(opened.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _), opened.Handle);
            // No memory map: a file cut short under a map would end the process. cell_size_check finds a damaged page where it is read.
            opened.Execute($"PRAGMA busy_timeout = {BusyTimeoutMs}; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; {settings}");
            return opened;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
