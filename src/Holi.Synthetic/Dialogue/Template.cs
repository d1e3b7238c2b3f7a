// Fills the places of a phrase: {name} by what stands for it, {p:a|b} by the patient's gender, {d:a|b} by the doctor's, {c:a|b} by the companion's, {f:a|b}
// by the form of address. A place whose name begins with a capital is filled with a capital. Places may stand inside of choices.

using System.Text;

namespace Holi.Synthetic.Dialogue;

/// <summary>Who is there, as far as grammar must know.</summary>
internal sealed record Agreement(bool IsPatientFemale, bool IsDoctorFemale, bool IsCompanionFemale, bool IsFormal);

/// <summary>Fills phrases.</summary>
internal static class Template
{
    public static string Fill(string phrase, Agreement agreement, IReadOnlyDictionary<string, string> places)
    {
        if (!phrase.Contains('{', StringComparison.Ordinal))
            return phrase;
        var text = new StringBuilder(phrase.Length + 32);
        var at = 0;
        while (at < phrase.Length)
        {
            if (phrase[at] != '{')
            {
                text.Append(phrase[at++]);
                continue;
            }
            var end = Close(phrase, at);
            text.Append(Place(phrase[(at + 1)..end], agreement, places));
            at = end + 1;
        }
        return text.ToString();
    }

    /// <summary>With a capital first letter, wherever the first letter is.</summary>
    public static string Capital(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsLetter(text[i]))
                return string.Concat(text.AsSpan(0, i), char.ToUpperInvariant(text[i]).ToString(), text.AsSpan(i + 1));
            if (char.IsDigit(text[i]))
                return text;
        }
        return text;
    }

    /// <summary>In the middle of a sentence: <c>Type 2 diabetes</c> becomes <c>type 2 diabetes</c>, <c>COVID-19</c> and <c>Bell's palsy</c> stay.</summary>
    public static string Inside(string name) =>
        name.Length > 1 && char.IsUpper(name[0]) && char.IsLower(name[1]) && !name.StartsWith("Bell", StringComparison.Ordinal)
            ? char.ToLowerInvariant(name[0]) + name[1..]
            : name;

    private static string Place(string place, Agreement agreement, IReadOnlyDictionary<string, string> places)
    {
        if (place.Length > 2 && place[1] == ':')
        {
            var (first, second) = Halves(place[2..]);
            var chosen = place[0] switch
            {
                'p' => agreement.IsPatientFemale ? second : first,
                'd' => agreement.IsDoctorFemale ? second : first,
                'c' => agreement.IsCompanionFemale ? second : first,
                'f' => agreement.IsFormal ? second : first,
                _ => throw new FormatException($"'{{{place}}}' is no choice."),
            };
            return Fill(chosen, agreement, places);
        }
        if (places.TryGetValue(place, out var value))
            return Fill(value, agreement, places);
        var small = char.ToLowerInvariant(place[0]) + place[1..];
        return places.TryGetValue(small, out value)
            ? Capital(Fill(value, agreement, places))
            : throw new FormatException($"Nothing stands for '{{{place}}}'.");
    }

    private static int Close(string phrase, int open)
    {
        var depth = 0;
        for (var i = open; i < phrase.Length; i++)
        {
            depth += phrase[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                return i;
        }
        throw new FormatException($"'{phrase}' opens a place and never closes it.");
    }

    private static (string First, string Second) Halves(string choice)
    {
        var depth = 0;
        for (var i = 0; i < choice.Length; i++)
        {
            depth += choice[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0 && choice[i] == '|')
                return (choice[..i], choice[(i + 1)..]);
        }
        throw new FormatException($"'{choice}' has nothing to choose from.");
    }
}
