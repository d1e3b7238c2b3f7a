using System.Text.RegularExpressions;

namespace Holi.CoPilot.Privacy;

/// <summary>
/// Finds what looks like an identifier of anybody: mail addresses, links, long numbers, full dates, and names behind a title or an introduction. Pure. It errs towards
/// finding: what it takes out is put back into the note.
/// </summary>
internal static class CommonPatterns
{
    // Linear in the text, however it is made.
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private const string Name = @"\p{Lu}[\p{L}'’\-]+(?:\s+(?:(?:de|da|do|dos|das|del|de la|van|von)\s+)?\p{Lu}[\p{L}'’\-]+){0,3}";

    private static readonly (Regex Pattern, IdentifierKind Kind)[] Whole =
    [
        // A text that holds such a thing already would be mistaken for one of ours.
        (new(@"\[?\b(?:text|name|record|phone|address|email|date|link)-[0-9]{1,4}\b\]?", Options), IdentifierKind.Text),
        (new(@"[a-z0-9._%+\-]+@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+", Options), IdentifierKind.Email),
        (new(@"\b(?:https?://|www\.)[^\s<>""]+", Options), IdentifierKind.Link),
        (new(@"\b(?:[0-9]{4}[/\-.][0-9]{1,2}[/\-.][0-9]{1,2}|[0-9]{1,2}[/\-.][0-9]{1,2}[/\-.](?:[0-9]{4}|[0-9]{2}))\b", Options), IdentifierKind.Date),
        // Seven digits and more with marks between, and a letter at the end as in some national numbers. A laboratory value that is so long has commas.
        (new(@"(?:\+\s?)?(?:\b|\()[0-9](?:[\s\-.()]{0,2}[0-9]){6,}(?:-?[a-z0-9])?\b", Options), IdentifierKind.Phone),
    ];

    private static readonly Regex NamedNumber = new(@"\b(?:mrn|record|chart|file|member|policy|insurance|passport|ssn|nhs|dni|nie|nif|nuss|curp|cpf|rg|sus|cns|historia|expediente|prontuario|processo|seguro|poliza|tarjeta|cartao)\b(?:\s+(?:clinica|medica|medico|social|security|number|numero|no|id))*[\s.:#ºo]*(?:is|es|e|number|numero)?[\s:#]*(?<number>[a-z]{0,3}[\-\s]?[0-9][0-9a-z\-./]{2,})", Options);

    private static readonly Regex TitledName = new(@"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Dd]ra|[Dd]octor|[Dd]octora|[Ss]r|[Ss]ra|[Ss]rta|[Dd]on|[Dd]oña|[Ss]eñora?|[Dd]ona|Seu|[Ss]enhora?|[Dd]outora?|[Nn]urse|[Pp]rof|[Pp]rofessor)\.?\s+(?<name>" + Name + ")", Options);

    private static readonly Regex IntroducedName = new(@"\b(?:(?:[Mm]y|[Hh]is|[Hh]er) name(?:'s| is)|[Nn]ame:|[Ii]'m called|[Mm]e llamo|[Ss]e llama|[Mm]i nombre es|[Mm]e chamo|[Ss]e chama|[Mm]eu nome é|[Oo] nome (?:dele|dela) é)\s+(?<name>" + Name + ")", Options);

    /// <summary>Where they are.</summary>
    /// <param name="folded">Without case.</param>
    /// <param name="original">As long as <paramref name="folded"/>, with case: names are known by their first letter.</param>
    public static IReadOnlyList<Found> In(string folded, string original)
    {
        var found = new List<Found>();
        foreach (var (pattern, kind) in Whole)
        {
            foreach (var match in pattern.EnumerateMatches(folded))
                found.Add(new Found(match.Index, match.Index + match.Length, kind));
        }
        foreach (Match match in NamedNumber.Matches(folded))
            found.Add(Of(match.Groups["number"], IdentifierKind.Record));
        foreach (Match match in TitledName.Matches(original))
            found.Add(Of(match.Groups["name"], IdentifierKind.Name));
        foreach (Match match in IntroducedName.Matches(original))
            found.Add(Of(match.Groups["name"], IdentifierKind.Name));
        return found;
    }

    private static Found Of(Group group, IdentifierKind kind) => new(group.Index, group.Index + group.Length, kind);
}
