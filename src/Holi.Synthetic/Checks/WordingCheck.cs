using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;

namespace Holi.Synthetic.Checks;

/// <summary>Whether the words are well formed: nothing unfilled, one language, one gender for each person, one form of address.</summary>
internal static partial class WordingCheck
{
    public static IEnumerable<Violation> Of(Subject subject)
    {
        foreach (var segment in subject.Record.Transcript.Segments)
        {
            var text = segment.Text;
            if (Unfilled().IsMatch(text))
                yield return new Violation("wording", $"a place is unfilled: {text}");
            if (Malformed().IsMatch(text) || char.IsLower(text.First(char.IsLetterOrDigit)) || text[^1] is not ('.' or '?' or '!' or '…'))
                yield return new Violation("wording", $"badly formed: {text}");
            if (Foreign(subject.Language).IsMatch(text))
                yield return new Violation("wording", $"another language: {text}");
            if (subject.Language == Language.Spanish && text.Count(letter => letter == '?') != text.Count(letter => letter == '¿'))
                yield return new Violation("wording", $"a question that does not begin: {text}");
            if (segment.Speaker == Speakers.Patient && WrongGender(subject).IsMatch(text))
                yield return new Violation("wording", $"the other gender: {text}");
            if (segment.Speaker == Speakers.Doctor && WrongAddress(subject) is { } wrong && wrong.IsMatch(text))
                yield return new Violation("wording", $"the other form of address: {text}");
        }
    }

    private static Regex Foreign(Language language) => language == Language.English ? NotEnglish() : language == Language.Spanish ? NotSpanish() : NotPortuguese();

    private static Regex WrongGender(Subject subject) => (subject.Language, subject.Patient.Sex) switch
    {
        (Language.Spanish, "female") => SpanishMan(),
        (Language.Spanish, _) => SpanishWoman(),
        (Language.Portuguese, "female") => PortugueseMan(),
        (Language.Portuguese, _) => PortugueseWoman(),
        _ => Never(),
    };

    /// <summary>To a child and its parent both forms are used, to each their own.</summary>
    private static Regex? WrongAddress(Subject subject) => (subject.Language, subject.Encounter.IsFormal) switch
    {
        _ when subject.Patient.Age < 12 => null,
        (Language.Spanish, true) => SpanishInformal(),
        (Language.Spanish, false) => SpanishFormal(),
        (Language.Portuguese, true) => PortugueseInformal(),
        (Language.Portuguese, false) => PortugueseFormal(),
        _ => null,
    };

    [GeneratedRegex(@"[{}|]")]
    private static partial Regex Unfilled();

    // Two spaces, a space before a mark, two marks that do not go together.
    [GeneratedRegex(@"  | [.,;:?!]|,\.|\.\.(?!\.)(?<!\.\.\.)|,,|:\.|\?\.|^\s|\s$")]
    private static partial Regex Malformed();

    [GeneratedRegex(@"\b(que|não|para|pero|está|muy|você|nada|dolor)\b|[ñ¿¡ãõ](?![a-z]*[A-Z])")]
    private static partial Regex NotEnglish();

    [GeneratedRegex(@"\b(the|and|you|with|não|você|está bem|muito|então|uma)\b")]
    private static partial Regex NotSpanish();

    [GeneratedRegex(@"\b(the|and|you|with|usted|muy|pero|hasta|una|entonces|gracias)\b|[ñ¿¡]")]
    private static partial Regex NotPortuguese();

    [GeneratedRegex(@"(?!)")]
    private static partial Regex Never();

    [GeneratedRegex(@"\b(estoy|me siento|quedo|amanezco|despierto|ya estoy)\s+(muy\s+|todo\s+)?(\w+(ado|ido|oso|ío)|sano|ronco|lleno|quieto|tieso|helado)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpanishMan();

    [GeneratedRegex(@"\b(estoy|me siento|quedo|amanezco|despierto|ya estoy)\s+(muy\s+|toda\s+)?(\w+(ada|osa)|perdida|dormida|sana|ronca|llena|quieta|tiesa|helada)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpanishWoman();

    [GeneratedRegex(@"\b(obrigado|(estou|fico|fiquei|me sinto|acordo|sou)\s+(muito\s+|sempre\s+)?(\w+(ado|oso)|rouco|tonto|confuso|cheio|quieto|vazio))\b", RegexOptions.IgnoreCase)]
    private static partial Regex PortugueseMan();

    [GeneratedRegex(@"\b(obrigada|(estou|fico|fiquei|me sinto|acordo|sou)\s+(muito\s+|sempre\s+)?(\w+(ada|osa)|rouca|tonta|confusa|cheia|quieta|vazia))\b", RegexOptions.IgnoreCase)]
    private static partial Regex PortugueseWoman();

    [GeneratedRegex(@"\b(tú|te|ti|tu|tus|tuyo|eres|tienes|has|estás|puedes|vas|quieras|pasa,|siéntate|cuéntame|dime|toma bastante|mira)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpanishInformal();

    [GeneratedRegex(@"\b(usted|señora?|siéntese|pase,|cuénteme|dígame|tome|mire|mida|camine|cuídese|suyo|le voy)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpanishFormal();

    [GeneratedRegex(@"\b(você|te)\b", RegexOptions.IgnoreCase)]
    private static partial Regex PortugueseInformal();

    [GeneratedRegex(@"\b(o senhor|a senhora|seu [A-Z]\w+|dona [A-Z]\w+)\b")]
    private static partial Regex PortugueseFormal();
}
