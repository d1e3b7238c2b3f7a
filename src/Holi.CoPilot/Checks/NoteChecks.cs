using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Checks;

/// <summary>All checks of a note, in the order in which a person should look. Pure.</summary>
internal static class NoteChecks
{
    public static IReadOnlyList<NoteFlag> Check(CheckedNote note) =>
    [
        .. MedicationCheck.Check(note),
        .. NegationCheck.Check(note),
        .. SupportCheck.Check(note),
        .. CodeCheck.Check(note),
    ];
}
