using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Checks;

/// <summary>
/// Doses without a unit; and drugs that an allergy forbids, whether the record knows it or it was said in this consultation. Pure.
/// </summary>
internal static class MedicationCheck
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private const string Stopped = "stopped";

    // What stands behind is what somebody is allergic to, up to the end of the sentence.
    private static readonly Regex Allergic = new(@"\b(?:allergic to|allergy to|reaction to|alergic[oa] a(?:l| la| los)?|alergia a(?:l| la| los)?|alergic[oa] [ao]s?|alergia [ao]s?)\s+(?<what>[^.,;?!]{3,60})", Options);

    private static readonly HashSet<string> Denials = ["no", "not", "nao", "never", "nunca", "sin", "sem", "without", "isn't", "don't"];

    public static IEnumerable<NoteFlag> Check(CheckedNote note)
    {
        var allergies = note.Request.Patient.Allergies.Concat(SaidAllergies(note.Request.Transcript)).Distinct().ToList();
        for (var i = 0; i < note.Content.Medications.Count; i++)
        {
            var medication = note.Content.Medications[i];
            var where = $"medications/{i}";
            if (medication.Dose is { Length: > 0 } && string.IsNullOrWhiteSpace(medication.Unit) && !medication.Dose.Any(char.IsLetter))
                yield return FlagTexts.Flag(NoteFlagKind.DoseWithoutUnit, note.Language, where, medication.Segments, medication.Name);
            if (medication.Status != Stopped && allergies.Find(allergy => DrugClasses.Forbids(allergy, medication.Name)) is { } known)
                yield return FlagTexts.Flag(NoteFlagKind.AllergyConflict, note.Language, where, medication.Segments, $"{medication.Name} / {known}");
        }
    }

    // Only drugs: an allergy to cats forbids nothing here.
    private static IEnumerable<string> SaidAllergies(Transcript transcript)
    {
        foreach (var segment in transcript.Segments)
        {
            // "Are you allergic to penicillin?" says nothing yet; who answers "yes" mostly says to what.
            if (segment.Speaker == Speakers.Doctor)
                continue;
            var folded = FoldedText.Of(segment.Text);
            foreach (Match match in Allergic.Matches(folded))
            {
                var isDenied = Words.Of(folded[..match.Index]).TakeLast(3).Any(Denials.Contains);
                var drugs = isDenied ? [] : Words.Of(match.Groups["what"].Value).Where(DrugClasses.Knows);
                foreach (var drug in drugs)
                    yield return drug;
            }
        }
    }
}
