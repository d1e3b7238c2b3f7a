using System.Text;
using SQLitePCL;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// One prepared statement of one connection, used again and again: bind, step, read, reset. It goes straight to SQLite's own calls, because
/// a provider's command costs more than the row (parameters by name, a reader object, a string per text). Not thread-safe, like its connection.
/// Invariant: reset after every use, so that no read transaction stays open behind it.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly string _doing;
    private int _bound;

    /// <param name="connection">Outlives the statement.</param>
    /// <param name="doing">For failures: "reading events".</param>
    /// <param name="sql">One statement; parameters are bound in the order of ?1, ?2 …</param>
    public Statement(sqlite3 connection, string doing, string sql)
    {
        (_connection, _doing) = (connection, doing);
        var code = raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement);
        if (code != raw.SQLITE_OK)
            throw Failure(code);
    }

    /// <summary>Binds the next parameter.</summary>
    public Statement Bind(long value) => Checked(raw.sqlite3_bind_int64(_statement, ++_bound, value));

    /// <inheritdoc cref="Bind(long)"/>
    public Statement Bind(ulong value) => Bind((long)value);

    /// <inheritdoc cref="Bind(long)"/>
    public Statement Bind(string? value)
    {
        if (value is null)
            return BindNull();
        const int onStackMax = 512;
        var bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = bytesMax <= onStackMax ? stackalloc byte[onStackMax] : new byte[bytesMax];
        return Checked(raw.sqlite3_bind_text(_statement, ++_bound, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
    }

    /// <inheritdoc cref="Bind(long)"/>
    public Statement Bind(ReadOnlySpan<byte> value) =>
        // An empty span would bind null.
        Checked(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(_statement, ++_bound, 0)
            : raw.sqlite3_bind_blob(_statement, ++_bound, value));

    /// <inheritdoc cref="Bind(long)"/>
    public Statement Bind(long? value) => value is { } known ? Bind(known) : BindNull();

    /// <inheritdoc cref="Bind(long)"/>
    public Statement BindNull() => Checked(raw.sqlite3_bind_null(_statement, ++_bound));

    /// <summary>True where there is a row to read; false at the end, after which the statement is reset.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
            return true;
        Reset();
        if (code != raw.SQLITE_DONE)
            throw Failure(code);
        return false;
    }

    /// <summary>Runs a statement whose rows, if any, do not matter.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Ends it before its last row, and forgets what was bound: what is not bound next time is null.</summary>
    public void Reset()
    {
        // Its result repeats the failure of the last step, which has been told.
        _ = raw.sqlite3_reset(_statement);
        _ = raw.sqlite3_clear_bindings(_statement);
        _bound = 0;
    }

    public long Long(int column) => raw.sqlite3_column_int64(_statement, column);
    public long? OptionalLong(int column) => IsNull(column) ? null : Long(column);
    public ulong Number(int column) => (ulong)raw.sqlite3_column_int64(_statement, column);
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;
    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();
    public string? OptionalText(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private Statement Checked(int code) => code == raw.SQLITE_OK ? this : throw Failure(code);

    private Exception Failure(int code)
    {
        var extended = raw.sqlite3_extended_errcode(_connection);
        return SqliteFailure.Of((extended & 0xFF) == (code & 0xFF) ? extended : code, _doing);
    }
}
