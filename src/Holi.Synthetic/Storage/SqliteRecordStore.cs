using System.Globalization;
using System.Runtime.CompilerServices;
using Holi.Synthetic.Records;
using Microsoft.Data.Sqlite;

namespace Holi.Synthetic.Storage;

/// <summary>Rows in one SQLite file.</summary>
internal sealed class SqliteRecordStore(string file) : IRecordStore
{
    private readonly SqliteConnection _connection = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());

    public string Place => file;

    public async Task PrepareAsync(CancellationToken cancel)
    {
        await _connection.OpenAsync(cancel);
        // A write-ahead log: a batch is one append, and a kill in the middle of it leaves the file as it was.
        await RunAsync(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS synthetic_data (
                id TEXT PRIMARY KEY,
                patient_data TEXT NOT NULL,
                transcript TEXT NOT NULL,
                clinical_note TEXT NOT NULL,
                metadata TEXT NOT NULL,
                created_at TEXT NOT NULL
            ) WITHOUT ROWID;
            """,
            cancel);
    }

    public async Task<IReadOnlySet<string>> IdsAsync(string beginning, CancellationToken cancel)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = "SELECT id FROM synthetic_data WHERE substr(id, 1, length($beginning)) = $beginning";
        command.Parameters.AddWithValue("$beginning", beginning);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            ids.Add(reader.GetString(0));
        return ids;
    }

    public async Task WriteAsync(IReadOnlyList<RecordRow> rows, CancellationToken cancel)
    {
        await using var transaction = (SqliteTransaction)await _connection.BeginTransactionAsync(cancel);
        await using var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO synthetic_data VALUES ($id, $patient, $transcript, $note, $metadata, $created) ON CONFLICT DO NOTHING";
        foreach (var row in rows)
        {
            command.Parameters.Clear();
            command.Parameters.AddWithValue("$id", row.Id);
            command.Parameters.AddWithValue("$patient", row.PatientData);
            command.Parameters.AddWithValue("$transcript", row.Transcript);
            command.Parameters.AddWithValue("$note", row.ClinicalNote);
            command.Parameters.AddWithValue("$metadata", row.Metadata);
            command.Parameters.AddWithValue("$created", row.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            await command.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    public async IAsyncEnumerable<RecordRow> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = "SELECT id, patient_data, transcript, clinical_note, metadata, created_at FROM synthetic_data ORDER BY id";
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return new RecordRow(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                DateTimeOffset.Parse(reader.GetString(5), CultureInfo.InvariantCulture));
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task RunAsync(string sql, CancellationToken cancel)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancel);
    }
}
