// Chat-format JSONL for training: system, user, assistant. The answer is the reference note, which is right by construction; a note that a model wrote
// is never taken as the truth.

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Notes;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Export;

/// <summary>Makes one line of training data from a record.</summary>
internal static class ChatLines
{
    public static JsonObject Line(SyntheticRecord record) => new()
    {
        ["id"] = record.Id,
        ["messages"] = new JsonArray(
            Message("system", Instruction(record.Language)),
            Message("user", Context(record) + "\n\n" + Dialogue(record.Transcript)),
            Message("assistant", Text(record.Reference))),
        ["metadata"] = new JsonObject
        {
            ["language"] = record.Patient.Language,
            ["condition"] = record.Encounter.Condition,
            ["icd10"] = record.Encounter.Icd10,
            ["note"] = record.Reference.Provenance.Source,
            ["generator"] = record.Reference.Provenance.Generator,
        },
    };

    /// <summary>A note as plain text, section by section.</summary>
    public static string Text(ReferenceNote note)
    {
        var text = new StringBuilder();
        foreach (var section in note.Sections)
        {
            text.Append(text.Length == 0 ? "" : "\n\n").Append(section.Title).Append(':');
            foreach (var statement in section.Statements)
                text.Append("\n- ").Append(statement.Text);
        }
        return text.ToString();
    }

    /// <summary>A dialogue as plain text, a line for each turn.</summary>
    public static string Dialogue(Transcript transcript) =>
        string.Join('\n', transcript.Segments.Select(segment => string.Create(CultureInfo.InvariantCulture, $"[{segment.Start:mm\\:ss}] {segment.Speaker}: {segment.Text}")));

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string Instruction(Language language) => language switch
    {
        Language.Spanish => "Escribe una nota clínica SOAP a partir de la conversación. Incluye solo lo que se dijo o se encontró. Anota lo negado como negado. Cada medicamento con dosis, unidad y frecuencia.",
        Language.Portuguese => "Escreva uma nota clínica SOAP a partir da conversa. Inclua só o que foi dito ou encontrado. Anote o que foi negado como negado. Cada medicamento com dose, unidade e frequência.",
        _ => "Write a SOAP note from the conversation. Include only what was said or found. Note what was denied as denied. Each medication with dose, unit and frequency.",
    };

    /// <summary>What a record would show beside the conversation.</summary>
    private static string Context(SyntheticRecord record)
    {
        var patient = record.Patient;
        var (age, problems, medications, allergies, none) = record.Language switch
        {
            Language.Spanish => ("Edad y sexo", "Antecedentes", "Medicación", "Alergias", "ninguna"),
            Language.Portuguese => ("Idade e sexo", "Antecedentes", "Medicação", "Alergias", "nenhuma"),
            _ => ("Age and sex", "Problems", "Medication", "Allergies", "none"),
        };
        var words = NoteWords.Of(record.Language);
        var sex = patient.Sex == "female" ? words.Female : words.Male;
        string List(IEnumerable<string> items) => string.Join("; ", items.DefaultIfEmpty(none));
        return string.Join(
            '\n',
            string.Create(CultureInfo.InvariantCulture, $"{age}: {patient.Age}, {sex}"),
            $"{problems}: {List(patient.Problems.Select(problem => problem.Name))}",
            $"{medications}: {List(patient.Medications.Select(one => $"{one.Name} {Wording.Number(one.Dose, record.Language)} {one.Unit}, {one.Frequency}"))}",
            $"{allergies}: {List(patient.Allergies.Select(allergy => allergy.Name))}");
    }
}
