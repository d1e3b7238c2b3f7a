using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Checks;

/// <summary>Codes that do not have the form of ICD-10. Whether a code is the right one, a person decides. Pure.</summary>
internal static partial class CodeCheck
{
    public static IEnumerable<NoteFlag> Check(CheckedNote note)
    {
        for (var i = 0; i < note.Content.Diagnoses.Count; i++)
        {
            var diagnosis = note.Content.Diagnoses[i];
            if (diagnosis.Candidates.FirstOrDefault(candidate => !Form().IsMatch(candidate.Code)) is { } wrong)
                yield return FlagTexts.Flag(NoteFlagKind.MalformedCode, note.Language, $"diagnoses/{i}", diagnosis.Segments, wrong.Code);
        }
    }

    // A letter, a digit, a digit or letter; then up to four after a point (ICD-10-CM).
    [GeneratedRegex(@"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
