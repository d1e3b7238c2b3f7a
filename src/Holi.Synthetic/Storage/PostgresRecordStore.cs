using System.Runtime.CompilerServices;
using Holi.Synthetic.Records;
using Npgsql;
using NpgsqlTypes;

namespace Holi.Synthetic.Storage;

/// <summary>Rows in a Postgres database. The columns are of the type json and not jsonb: that one would put the members in another order.</summary>
internal sealed class PostgresRecordStore(string dsn) : IRecordStore
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(dsn);

    public string Place
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(dsn);
            return $"{parts.Host}/{parts.Database}";
        }
    }

    public async Task PrepareAsync(CancellationToken cancel)
    {
        // Two that start at once would both find no table: the lock is this table's name as a number.
        await using var command = _source.CreateCommand(
            """
            BEGIN;
            SELECT pg_advisory_xact_lock(hashtext('synthetic_data'));
            CREATE TABLE IF NOT EXISTS synthetic_data (
                id text COLLATE "C" PRIMARY KEY,
                patient_data json NOT NULL,
                transcript json NOT NULL,
                clinical_note json NOT NULL,
                metadata json NOT NULL,
                created_at timestamptz NOT NULL
            );
            COMMIT;
            """);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<IReadOnlySet<string>> IdsAsync(string beginning, CancellationToken cancel)
    {
        await using var command = _source.CreateCommand("SELECT id FROM synthetic_data WHERE starts_with(id, $1)");
        command.Parameters.Add(new NpgsqlParameter { Value = beginning });
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            ids.Add(reader.GetString(0));
        return ids;
    }

    public async Task WriteAsync(IReadOnlyList<RecordRow> rows, CancellationToken cancel)
    {
        // One statement is one transaction.
        await using var command = _source.CreateCommand(
            """
            INSERT INTO synthetic_data
            SELECT id, patient::json, transcript::json, note::json, metadata::json, created
            FROM unnest($1, $2, $3, $4, $5, $6) AS r(id, patient, transcript, note, metadata, created)
            ON CONFLICT DO NOTHING
            """);
        Add(command, rows.Select(row => row.Id));
        Add(command, rows.Select(row => row.PatientData));
        Add(command, rows.Select(row => row.Transcript));
        Add(command, rows.Select(row => row.ClinicalNote));
        Add(command, rows.Select(row => row.Metadata));
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(row => row.CreatedAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async IAsyncEnumerable<RecordRow> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = _source.CreateCommand(
            "SELECT id, patient_data::text, transcript::text, clinical_note::text, metadata::text, created_at FROM synthetic_data ORDER BY id");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return new RecordRow(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                new DateTimeOffset(reader.GetDateTime(5), TimeSpan.Zero));
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static void Add(NpgsqlCommand command, IEnumerable<string> values) =>
        command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
}
