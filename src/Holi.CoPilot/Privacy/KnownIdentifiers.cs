using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Privacy;

/// <summary>Finds what is known to tell who this patient is, however it is written. Pure.</summary>
internal sealed class KnownIdentifiers
{
    // Backtracking, for it is made anew for each request, and the other kind takes much longer to make. Gaps are bounded and never begin with what stands
    // behind them, so that it stays linear in the text.
    private const RegexOptions Options = RegexOptions.CultureInvariant;

    // A part of a name or an address that is shorter is too often a word.
    private const int NamePartMin = 2, AddressPartMin = 4;

    // Fewer digits than this are any number.
    private const int RecordDigitsMin = 4;

    // Of a phone number at least this many of its last digits: without the country's and the area's.
    private const int PhoneTail = 7;

    private static readonly HashSet<string> Particles =
        ["de", "da", "do", "das", "dos", "del", "la", "las", "los", "el", "y", "e", "van", "von", "der", "den", "di", "du", "le", "bin", "al", "mr", "mrs", "ms", "dr", "sr", "sra", "jr"];

    private readonly List<(Regex Pattern, IdentifierKind Kind)> _patterns = [];

    public KnownIdentifiers(PatientIdentifiers known)
    {
        Add(IdentifierKind.Email, known.Emails.Select(email => SpokenForms.Email(FoldedText.Of(email.Trim()))));
        Add(IdentifierKind.Phone, known.Phones.SelectMany(PhoneForms));
        Add(IdentifierKind.Record, known.RecordNumbers.SelectMany(RecordForms));
        Add(IdentifierKind.Address, known.Addresses.SelectMany(AddressForms));
        Add(IdentifierKind.Name, known.Names.SelectMany(NameForms));
        if (known.BirthDate is { } birth)
            Add(IdentifierKind.Date, [SpokenForms.Date(birth)]);
    }

    /// <summary>Where they are in <paramref name="folded"/>.</summary>
    public IReadOnlyList<Found> In(string folded)
    {
        var found = new List<Found>();
        foreach (var (pattern, kind) in _patterns)
        {
            foreach (var match in pattern.EnumerateMatches(folded))
            {
                if (IsWhole(folded, match.Index, match.Index + match.Length))
                    found.Add(new Found(match.Index, match.Index + match.Length, kind));
            }
        }
        return found;
    }

    // Longest first: of two that begin alike the longer one matches.
    private void Add(IdentifierKind kind, IEnumerable<string> forms)
    {
        var all = forms.Where(form => form.Length > 0).Distinct().OrderByDescending(form => form.Length).ToList();
        if (all.Count > 0)
            _patterns.Add((new Regex(string.Join('|', all), Options), kind));
    }

    // Not inside of a longer word or number.
    private static bool IsWhole(string text, int start, int end) =>
        (start == 0 || !char.IsLetterOrDigit(text[start - 1]) || !char.IsLetterOrDigit(text[start]))
        && (end == text.Length || !char.IsLetterOrDigit(text[end - 1]) || !char.IsLetterOrDigit(text[end]));

    private static IEnumerable<string> NameForms(string name)
    {
        var words = FoldedText.Of(name).Split([' ', ',', '.', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > 1)
            yield return SpokenForms.Words(string.Join(' ', words));
        foreach (var word in words.Concat(words.SelectMany(word => word.Split('-'))))
        {
            if (word.Length >= NamePartMin && !Particles.Contains(word))
                yield return SpokenForms.Words(word);
        }
    }

    // Also without the letters that say whose number it is.
    private static IEnumerable<string> RecordForms(string number)
    {
        var folded = FoldedText.Of(number);
        yield return SpokenForms.Number(folded);
        if (folded.Count(char.IsAsciiDigit) >= RecordDigitsMin)
            yield return SpokenForms.Number(folded.Where(char.IsAsciiDigit));
    }

    private static IEnumerable<string> PhoneForms(string phone)
    {
        var digits = phone.Where(char.IsAsciiDigit).ToArray();
        yield return SpokenForms.Number(digits, Math.Min(digits.Length, PhoneTail));
    }

    private static IEnumerable<string> AddressForms(string address)
    {
        yield return Line(address);
        foreach (var part in FoldedText.Of(address).Split([',', '\n', '\r', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Length < AddressPartMin)
                continue;
            yield return Line(part);
            // The street without its number, the town without its code.
            var words = string.Join(' ', part.Split(' ').Where(word => !word.Any(char.IsAsciiDigit)));
            if (words.Length >= AddressPartMin && words.Any(char.IsLetter))
                yield return Line(words);
        }
    }

    private static string Line(string text) =>
        string.Join(@"[\s,.;#\-]{1,8}", FoldedText.Of(text).Split([' ', ',', '.', ';', '#', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(Regex.Escape));
}
