using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Notes;

namespace Holi.Synthetic.Records;

/// <summary>A record as <c>synthetic_data</c> holds it: JSON in every column but the id and the time.</summary>
/// <param name="ClinicalNote"><c>{"reference": …, "written": …}</c>: the note made from the state, and the one that Holi.CoPilot wrote, or null.</param>
internal sealed record RecordRow(string Id, string PatientData, string Transcript, string ClinicalNote, string Metadata, DateTimeOffset CreatedAt);

/// <summary>What is in the column <c>metadata</c>.</summary>
/// <param name="Facts">In which segments each fact of the encounter was said.</param>
/// <param name="Distractors">Segments whose content belongs into no note: relatives, neighbors, the internet.</param>
/// <param name="Misheard">Segments in which the patient repeats an instruction wrongly and is corrected.</param>
internal sealed record RecordMetadata(
    string Generator, long Seed, string Languages, int Number, string Language, string Condition, Encounter Encounter,
    SortedDictionary<string, IReadOnlyList<int>> Facts, IReadOnlyList<int> Distractors, IReadOnlyList<int> Misheard);

/// <summary>The columns as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Patient))]
[JsonSerializable(typeof(RecordMetadata))]
[JsonSerializable(typeof(ReferenceNote))]
internal sealed partial class RecordJson : JsonSerializerContext;

/// <summary>Turns records into rows and back.</summary>
internal static class RecordRows
{
    // Names stay readable in the file: it is data, and never put into a page without escaping there.
    private static readonly RecordJson Json = new(new JsonSerializerOptions(RecordJson.Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static readonly NoteJson CoPilot = new(new JsonSerializerOptions(NoteJson.Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static RecordRow Of(Recipe recipe, int number, SyntheticRecord record, Note? written)
    {
        var metadata = new RecordMetadata(
            RecordMaker.Version, recipe.Seed, recipe.LanguageName, number, record.Patient.Language, record.Encounter.Condition, record.Encounter,
            new SortedDictionary<string, IReadOnlyList<int>>(record.Facts.ToDictionary(), StringComparer.Ordinal),
            Segments(record, "distractor"), Segments(record, "misheard"));
        return new RecordRow(
            record.Id,
            JsonSerializer.Serialize(record.Patient, Json.Patient),
            JsonSerializer.Serialize(record.Transcript, CoPilot.Transcript),
            NoteOf(record.Reference, written),
            JsonSerializer.Serialize(metadata, Json.RecordMetadata),
            record.Encounter.At);
    }

    /// <summary>The record that a row was made from.</summary>
    /// <exception cref="JsonException">The row is not one of this generator.</exception>
    public static SyntheticRecord Record(RecordRow row)
    {
        var metadata = Metadata(row);
        using var note = JsonDocument.Parse(row.ClinicalNote);
        return new SyntheticRecord(
            row.Id,
            JsonSerializer.Deserialize(row.PatientData, Json.Patient) ?? throw new JsonException("A row has no patient."),
            metadata.Encounter,
            JsonSerializer.Deserialize(row.Transcript, CoPilot.Transcript) ?? throw new JsonException("A row has no transcript."),
            metadata.Facts,
            note.RootElement.GetProperty("reference").Deserialize(Json.ReferenceNote) ?? throw new JsonException("A row has no reference note."));
    }

    public static RecordMetadata Metadata(RecordRow row) =>
        JsonSerializer.Deserialize(row.Metadata, Json.RecordMetadata) ?? throw new JsonException("A row has no metadata.");

    /// <summary>The note that Holi.CoPilot wrote; null where none was asked for.</summary>
    public static Note? Written(RecordRow row)
    {
        using var note = JsonDocument.Parse(row.ClinicalNote);
        return note.RootElement.GetProperty("written").Deserialize(CoPilot.Note);
    }

    private static string NoteOf(ReferenceNote reference, Note? written) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"reference\":{JsonSerializer.Serialize(reference, Json.ReferenceNote)},\"written\":{(written is null ? "null" : JsonSerializer.Serialize(written, CoPilot.Note))}}}");

    private static IReadOnlyList<int> Segments(SyntheticRecord record, string fact) => record.Facts.TryGetValue(fact, out var segments) ? segments : [];
}
