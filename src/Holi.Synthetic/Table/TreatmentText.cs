// A line of treatment reads as it would in a textbook: "amoxicillin 500-1000 mg oral every 8 h as needed for 5-7 days".

using System.Globalization;
using System.Text.RegularExpressions;

namespace Holi.Synthetic.Table;

/// <summary>Reads lines of treatment.</summary>
internal static partial class TreatmentText
{
    /// <summary>Alternatives, separated by <c> | </c>, the best first.</summary>
    public static IReadOnlyList<TreatmentLine> Parse(string text, TableNode at) => [.. text.Split(" | ", StringSplitOptions.TrimEntries).Select(one => ParseOne(one, at))];

    private static TreatmentLine ParseOne(string text, TableNode at)
    {
        var match = Line().Match(text);
        if (!match.Success)
            throw at.Wrong($"'{text}' is no line of treatment.");
        var days = match.Groups["days"];
        return new TreatmentLine(
            match.Groups["drug"].Value,
            Span.Parse(match.Groups["dose"].Value, at),
            match.Groups["unit"].Value,
            match.Groups["kg"].Success,
            match.Groups["route"].Value,
            ReadFrequency(match.Groups["often"].Value, match.Groups["needed"].Success),
            days.Success ? Span.Parse(days.Value, at) : null,
            match.Groups["long"].Success);
    }

    private static Frequency ReadFrequency(string text, bool isAsNeeded) => text switch
    {
        "once" => new Frequency("once", 1, isAsNeeded),
        "at night" => new Frequency("night", 1, isAsNeeded),
        "once a week" => new Frequency("weekly", 1, isAsNeeded),
        "once a day" => new Frequency("daily", 1, isAsNeeded),
        "twice a day" => new Frequency("daily", 2, isAsNeeded),
        "three times a day" => new Frequency("daily", 3, isAsNeeded),
        _ => new Frequency("every", int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture), isAsNeeded),
    };

    [GeneratedRegex(
        @"^(?<drug>[a-z0-9-]+) (?<dose>[0-9.]+(-[0-9.]+)?) (?<unit>mg|mcg|g|ml|unit|drop|application)(?<kg>/kg)? (?<route>oral|inhaled|nasal|topical|sublingual|subcutaneous|intramuscular|ear|eye)" +
        @" (?<often>once a day|once a week|once|at night|twice a day|three times a day|every (4|6|8|12) h)(?<needed> as needed)?( for (?<days>[0-9-]+) days|(?<long> long term))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
