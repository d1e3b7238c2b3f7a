// A line of treatment reads as it would in a textbook: "amoxicillin 500-1000 mg oral every 8 h as needed for 5-7 days", "amoxicillin 25 mg/kg to 500 mg
// oral every 12 h for 10 days".

using System.Globalization;
using System.Text.RegularExpressions;

namespace Holi.Synthetic.Table;

/// <summary>Reads lines of treatment.</summary>
internal static partial class TreatmentText
{
    /// <summary>Alternatives, the best first: <c> | </c> before one that is for those who must not have the one before, <c> or </c> before one as good.</summary>
    public static IReadOnlyList<TreatmentLine> Parse(string text, TableNode at) =>
        [.. text.Split(" | ", StringSplitOptions.TrimEntries).SelectMany((equals, rank) =>
            equals.Split(" or ", StringSplitOptions.TrimEntries).Select(one => ParseOne(one, at) with { Rank = rank }))];

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
            match.Groups["long"].Success,
            match.Groups["most"] is { Success: true } most ? Span.Parse(most.Value, at).Low : null);
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
        @"^(?<drug>[a-z0-9-]+) (?<dose>[0-9.]+(-[0-9.]+)?) (?<unit>mg|mcg|g|ml|unit|drop|application)(?<kg>/kg( to (?<most>[0-9]+) mg)?)? (?<route>oral|inhaled|nasal|topical|sublingual|subcutaneous|intramuscular|ear|eye)" +
        @" (?<often>once a day|once a week|once|at night|twice a day|three times a day|every (4|6|8|12) h)(?<needed> as needed)?( for (?<days>[0-9-]+) days|(?<long> long term))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
