using System.Globalization;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Prompts;

/// <summary>Entries of a record in words: for a prompt and for a template. Pure.</summary>
internal static class RecordTexts
{
    public static string Of(PatientMedication entry)
    {
        var dose = entry.Dose is { } value ? Number(value) : null;
        return string.Join(' ', new[] { entry.Name, dose, entry.Unit, entry.Frequency }.Where(word => !string.IsNullOrWhiteSpace(word)));
    }

    public static string Of(VitalSign entry) => $"{entry.Name} {Number(entry.Value)} {entry.Unit}";

    public static string Of(LabResult entry)
    {
        var range = (entry.Low, entry.High) switch
        {
            ({ } low, { } high) => $" ({Number(low)}–{Number(high)})",
            ({ } low, null) => $" (≥ {Number(low)})",
            (null, { } high) => $" (≤ {Number(high)})",
            _ => "",
        };
        return $"{entry.Name} {Number(entry.Value)} {entry.Unit}{range}";
    }

    private static string Number(decimal value) => value.ToString("0.#####", CultureInfo.InvariantCulture);
}
