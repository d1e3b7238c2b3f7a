using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Holi.Client.Store;

/// <summary>
/// One prepared statement, kept for the life of its connection. Straight on SQLite's own calls, so that a row costs no allocation.
/// Throws <see cref="SqliteException"/>; it is reset then, so a transaction can be rolled back.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 connection, string sql)
    {
        _connection = connection;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), connection);
    }

    /// <summary>Parameters count from 1.</summary>
    public Statement Bind(int parameter, long value)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_bind_int64(_statement, parameter, value), _connection);
        return this;
    }

    /// <summary>Copies the bytes.</summary>
    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        var code = value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, value);
        SqliteException.ThrowExceptionForRC(code, _connection);
        return this;
    }

    /// <summary>To the next row; false at the end, and the statement is ready for its next use.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
        {
            Reset();
            return false;
        }
        try
        {
            SqliteException.ThrowExceptionForRC(code, _connection);
        }
        finally
        {
            Reset();
        }
        return false;
    }

    /// <summary>To the end. Returns how many rows an INSERT, UPDATE or DELETE changed.</summary>
    public int Run()
    {
        while (Step())
            ;
        return raw.sqlite3_changes(_connection);
    }

    /// <summary>Columns count from 0.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>Leaves a read before its end, and with it the snapshot that it held.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();
}
