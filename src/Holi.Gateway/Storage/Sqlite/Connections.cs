using Dapper;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>How the log's database is opened: by its one writer, and by those who read beside it.</summary>
internal static class Connections
{
    // pragma synchronous: 0 off, 1 normal, 2 full.
    private const int Full = 2;

    /// <summary>The writer's connection: what COMMIT returned from is on disk (WAL with synchronous=FULL), and what is erased is overwritten.</summary>
    public static SqliteConnection OpenWriter(SqliteOptions options)
    {
        var connection = Open(options, SqliteOpenMode.ReadWrite, WriterPragmas(options));
        // SQLite does not complain where a file system cannot do it: it stays with what it had.
        if (connection.ExecuteScalar<string>("pragma journal_mode") == "wal" && connection.ExecuteScalar<int>("pragma synchronous") == Full)
            return connection;
        connection.Dispose();
        throw new StoreUnavailableException("The log's folder does not support a write-ahead log: put it on a local disk");
    }

    /// <summary>A reader's connection: sees committed data only and cannot write.</summary>
    public static SqliteConnection OpenReader(SqliteOptions options) => Open(
        options,
        SqliteOpenMode.ReadWrite,
        $"""
        pragma busy_timeout = {(int)options.BusyTimeout.TotalMilliseconds};
        pragma query_only = on;
        pragma trusted_schema = off;
        pragma cache_size = -2048;
        """);

    /// <summary>For looking at a database that a gateway may be using.</summary>
    public static SqliteConnection OpenToLook(SqliteOptions options) =>
        Open(options, SqliteOpenMode.ReadOnly, "pragma query_only = on; pragma trusted_schema = off;");

    private static string WriterPragmas(SqliteOptions options) =>
        $"""
        pragma busy_timeout = {(int)options.BusyTimeout.TotalMilliseconds};
        pragma journal_mode = wal;
        pragma synchronous = full;
        pragma fullfsync = on;
        pragma checkpoint_fullfsync = on;
        pragma wal_autocheckpoint = {options.CheckpointPages};
        pragma secure_delete = on;
        pragma trusted_schema = off;
        pragma temp_store = memory;
        pragma cache_size = -16384;
        {(options.PagesMax > 0 ? $"pragma max_page_count = {options.PagesMax};" : "")}
        """;

    private static SqliteConnection Open(SqliteOptions options, SqliteOpenMode mode, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = mode,
            // One owner each, kept open: a pool behind our back would reset what the pragmas set.
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw SqliteFailure.Of(failure, "opening the log");
        }
    }
}
