using Npgsql;
using NpgsqlTypes;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Values for $1, $2 …, typed here so that nothing is looked up for them. A column of many rows goes as one array.</summary>
internal static class Bind
{
    public static NpgsqlParameter Id(Guid value) => new NpgsqlParameter<Guid> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Uuid };

    public static NpgsqlParameter Number(long value) => new NpgsqlParameter<long> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    public static NpgsqlParameter Flag(bool value) => new NpgsqlParameter<bool> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Boolean };

    public static NpgsqlParameter Text(string value) => new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Bytes(byte[] value) => new NpgsqlParameter<byte[]> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    public static NpgsqlParameter Numbers(long[] values) => Column(values, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Texts(string?[] values) => Column(values, NpgsqlDbType.Text);

    public static NpgsqlParameter Blobs(byte[][] values) => Column(values, NpgsqlDbType.Bytea);

    /// <summary>A column that may be null.</summary>
    public static NpgsqlParameter OptionalBlobs<TRow>(IReadOnlyList<TRow> rows, Func<TRow, byte[]?> of) =>
        Column(Of(rows, of), NpgsqlDbType.Bytea);

    public static NpgsqlParameter Flags(bool[] values) => Column(values, NpgsqlDbType.Boolean);

    /// <summary>One column of rows.</summary>
    public static NpgsqlParameter Numbers<TRow>(IReadOnlyList<TRow> rows, Func<TRow, long> of) => Numbers(Of(rows, of));

    /// <inheritdoc cref="Numbers{TRow}"/>
    public static NpgsqlParameter Texts<TRow>(IReadOnlyList<TRow> rows, Func<TRow, string?> of) => Texts(Of(rows, of));

    /// <inheritdoc cref="Numbers{TRow}"/>
    public static NpgsqlParameter Blobs<TRow>(IReadOnlyList<TRow> rows, Func<TRow, byte[]> of) => Blobs(Of(rows, of));

    /// <inheritdoc cref="Numbers{TRow}"/>
    public static NpgsqlParameter Flags<TRow>(IReadOnlyList<TRow> rows, Func<TRow, bool> of) => Flags(Of(rows, of));

    private static TValue[] Of<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> of)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = of(rows[i]);
        return values;
    }

    private static NpgsqlParameter<T[]> Column<T>(T[] values, NpgsqlDbType type) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
}
