using Holi.CoPilot.Checks;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Prompts;

namespace Holi.CoPilot.Templates;

/// <summary>
/// The note when no model could write one: the empty form, with what the record holds in the section where a clinician looks for it, and a flag that says so. It says
/// nothing of the consultation, for nobody has read that. Pure.
/// </summary>
internal static class TemplateNote
{
    /// <summary>In provenance.</summary>
    public const string Version = "template-1";

    private static readonly Dictionary<string, (string English, string Spanish, string Portuguese)> Labels = new()
    {
        ["problems"] = ("On record: {0}.", "Consta en la historia: {0}.", "Consta no prontuário: {0}."),
        ["medications"] = ("Medication on record: {0}.", "Medicación registrada: {0}.", "Medicação registrada: {0}."),
        ["allergies"] = ("Allergies on record: {0}.", "Alergias registradas: {0}.", "Alergias registradas: {0}."),
        ["vitals"] = ("Vital signs on record: {0}.", "Signos vitales registrados: {0}.", "Sinais vitais registrados: {0}."),
        ["labs"] = ("Laboratory results on record: {0}.", "Resultados de laboratorio registrados: {0}.", "Resultados de laboratório registrados: {0}."),
    };

    // What of the record goes where. A patient's summary gets none of it: it is read by somebody who cannot judge it.
    private static readonly Dictionary<(NoteKind Kind, string Section), string[]> Places = new()
    {
        [(NoteKind.Soap, "subjective")] = ["problems", "medications", "allergies"],
        [(NoteKind.Soap, "objective")] = ["vitals", "labs"],
        [(NoteKind.Progress, "interval")] = ["problems", "medications", "allergies"],
        [(NoteKind.Progress, "findings")] = ["vitals", "labs"],
        [(NoteKind.Referral, "history")] = ["problems", "allergies"],
        [(NoteKind.Referral, "findings")] = ["vitals", "labs"],
        [(NoteKind.Referral, "treatment")] = ["medications"],
    };

    /// <param name="request">What was asked.</param>
    /// <param name="now">When.</param>
    /// <param name="latency">Since it was asked.</param>
    /// <param name="attempts">Why it is no note.</param>
    public static Note Of(NoteRequest request, DateTimeOffset now, TimeSpan latency, IReadOnlyList<NoteAttempt> attempts)
    {
        var language = request.Transcript.Language;
        return new Note
        {
            Kind = request.Kind,
            Language = language,
            Sections = [.. NoteForms.Of(request.Kind).Select(section => new NoteSection(
                section.Key, section.Title(language), Record(request.Patient, language, Places.GetValueOrDefault((request.Kind, section.Key), [])), 0))],
            Flags = [FlagTexts.Flag(NoteFlagKind.Template, language, "", [])],
            Provenance = new NoteProvenance
            {
                Source = NoteSource.Template,
                PromptVersion = Version,
                WrittenAt = now,
                Latency = latency,
                Parts = 0,
                Attempts = attempts,
            },
        };
    }

    private static List<NoteStatement> Record(PatientContext patient, string language, string[] parts)
    {
        var statements = new List<NoteStatement>();
        foreach (var part in parts)
        {
            var entries = part switch
            {
                "problems" => patient.Problems,
                "medications" => patient.Medications.Select(RecordTexts.Of),
                "allergies" => patient.Allergies,
                "vitals" => patient.Vitals.Select(RecordTexts.Of),
                _ => patient.Labs.Select(RecordTexts.Of),
            };
            var all = string.Join("; ", entries);
            if (all.Length == 0)
                continue;
            var label = language switch
            {
                "es" => Labels[part].Spanish,
                "pt" => Labels[part].Portuguese,
                _ => Labels[part].English,
            };
            statements.Add(new NoteStatement(label.Replace("{0}", all, StringComparison.Ordinal), [], 0));
        }
        return statements;
    }
}
