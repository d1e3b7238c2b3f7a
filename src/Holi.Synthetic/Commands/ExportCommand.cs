using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holi.Synthetic.Export;
using Holi.Synthetic.Export.Fhir;
using Holi.Synthetic.Records;
using Holi.Synthetic.Storage;

namespace Holi.Synthetic.Commands;

/// <summary><c>export</c>: stored records as training data, a table, or FHIR.</summary>
internal static class ExportCommand
{
    public static Command Build()
    {
        var format = new Option<string>("--format")
        {
            Description = "jsonl: chat format, split by patient into train, validation and test; csv: one table; fhir: one R4 bundle for each patient.",
            Required = true,
        };
        format.AcceptOnlyFromAmong("jsonl", "csv", "fhir");
        var folder = new Option<string>("--out") { Description = "Folder; it is made if it is not there. Files of an earlier export are replaced.", Required = true };
        var store = new StoreOptions();
        var command = new Command("export", "Writes stored records to files.") { format, folder };
        store.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var rows = store.Open(parsed);
            await rows.PrepareAsync(cancel);
            Directory.CreateDirectory(parsed.GetRequiredValue(folder));
            var written = await ExportAsync(rows, parsed.GetRequiredValue(format), parsed.GetRequiredValue(folder), cancel);
            if (written == 0)
                Console.Error.WriteLine($"There are no records in {rows.Place}: make some with `generate`.");
            else
                Console.WriteLine($"{written} records in {parsed.GetRequiredValue(folder)}");
            return written == 0 ? 1 : 0;
        });
        return command;
    }

    public static Task<int> ExportAsync(IRecordStore rows, string format, string folder, CancellationToken cancel) => format switch
    {
        "jsonl" => JsonlAsync(rows, folder, cancel),
        "csv" => CsvAsync(rows, folder, cancel),
        _ => FhirAsync(rows, folder, cancel),
    };

    private static async Task<int> JsonlAsync(IRecordStore rows, string folder, CancellationToken cancel)
    {
        var files = Split.All.ToDictionary(part => part, part => Open(Path.Combine(folder, $"{part}.jsonl")), StringComparer.Ordinal);
        try
        {
            var written = 0;
            await foreach (var row in rows.ReadAsync(cancel))
            {
                var record = RecordRows.Record(row);
                await files[Split.Of(record.Patient.Id)].WriteAsync(Json(ChatLines.Line(record), isIndented: false) + "\n");
                written++;
            }
            return written;
        }
        finally
        {
            foreach (var file in files.Values)
                await file.DisposeAsync();
        }
    }

    private static async Task<int> CsvAsync(IRecordStore rows, string folder, CancellationToken cancel)
    {
        await using var file = Open(Path.Combine(folder, "records.csv"));
        await file.WriteAsync(Csv.Line(Csv.Columns));
        var written = 0;
        await foreach (var row in rows.ReadAsync(cancel))
        {
            await file.WriteAsync(Csv.Line(Csv.Fields(RecordRows.Record(row), RecordRows.Written(row)?.Provenance.Source.ToString())));
            written++;
        }
        return written;
    }

    private static async Task<int> FhirAsync(IRecordStore rows, string folder, CancellationToken cancel)
    {
        var written = 0;
        await foreach (var row in rows.ReadAsync(cancel))
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{row.Id}.json"), Json(FhirBundle.Of(RecordRows.Record(row)), isIndented: true) + "\n", cancel);
            written++;
        }
        return written;
    }

    private static StreamWriter Open(string path) => new(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    private static string Json(JsonObject json, bool isIndented)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = isIndented, NewLine = "\n" }))
            json.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
