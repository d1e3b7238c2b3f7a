using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Privacy;

/// <summary>
/// Takes identifiers out of the texts of one request and puts them back into the answer. The same words get the same token, so that a model can tell that two
/// sentences are about one person; the words themselves stay here. Pure, but for what it remembers.
/// </summary>
internal sealed partial class Redaction(PatientIdentifiers known)
{
    private readonly KnownIdentifiers _known = new(known);
    private readonly Dictionary<(IdentifierKind Kind, string Words), string> _tokens = [];
    private readonly Dictionary<string, string> _words = new(StringComparer.OrdinalIgnoreCase);
    private readonly int[] _counts = new int[Enum.GetValues<IdentifierKind>().Length];

    /// <summary>How many different words were taken out.</summary>
    public int Count => _words.Count;

    /// <summary><paramref name="text"/> with tokens in the place of identifiers.</summary>
    public string Redact(string text)
    {
        var folded = new FoldedText(text);
        // As long as the folded text, with the original's case.
        var cased = string.Create(folded.Text.Length, (folded, text), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = state.text[state.folded.Place(i, i).Start];
        });
        var found = Joined(_known.In(folded.Text).Concat(CommonPatterns.In(folded.Text, cased)));
        if (found.Count == 0)
            return text;
        var redacted = new StringBuilder();
        var done = 0;
        foreach (var one in found)
        {
            var (start, end) = folded.Place(one.Start, one.End);
            redacted.Append(text, done, start - done).Append(TokenOf(one.Kind, text[start..end]));
            done = end;
        }
        return redacted.Append(text, done, text.Length - done).ToString();
    }

    /// <summary>A patient's context whose texts are redacted, without its identifiers.</summary>
    public PatientContext Redact(PatientContext patient) => patient with
    {
        Sex = patient.Sex is null ? null : Redact(patient.Sex),
        Problems = [.. patient.Problems.Select(Redact)],
        Allergies = [.. patient.Allergies.Select(Redact)],
        Medications = [.. patient.Medications.Select(entry => entry with
        {
            Name = Redact(entry.Name), Unit = entry.Unit is null ? null : Redact(entry.Unit), Frequency = entry.Frequency is null ? null : Redact(entry.Frequency),
        })],
        Vitals = [.. patient.Vitals.Select(entry => entry with { Name = Redact(entry.Name), Unit = Redact(entry.Unit) })],
        Labs = [.. patient.Labs.Select(entry => entry with { Name = Redact(entry.Name), Unit = Redact(entry.Unit) })],
        Identifiers = new PatientIdentifiers(),
    };

    /// <summary>
    /// <paramref name="text"/> with the words in the place of their tokens, however the model wrote these; <paramref name="unknown"/> where a token remains that was
    /// never given out.
    /// </summary>
    public string Restore(string text, out bool unknown)
    {
        var isUnknown = false;
        var restored = TokenPattern().Replace(text, match =>
        {
            if (_words.TryGetValue($"{match.Groups[1].Value}-{match.Groups[2].Value}", out var words))
                return words;
            isUnknown = true;
            return match.Value;
        });
        unknown = isUnknown;
        return restored;
    }

    private string TokenOf(IdentifierKind kind, string words)
    {
        if (_tokens.TryGetValue((kind, words), out var token))
            return token;
        var name = string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToUpperInvariant()}-{++_counts[(int)kind]}");
        _words[name] = words;
        return _tokens[(kind, words)] = $"[{name}]";
    }

    // Those that overlap are one, of the kind of the longest: half an identifier must not remain.
    private static List<Found> Joined(IEnumerable<Found> all)
    {
        var joined = new List<Found>();
        var longest = 0;
        foreach (var one in all.OrderBy(found => found.Start).ThenByDescending(found => found.End))
        {
            if (joined.Count > 0 && one.Start < joined[^1].End)
            {
                var last = joined[^1];
                joined[^1] = new Found(last.Start, Math.Max(last.End, one.End), one.End - one.Start > longest ? one.Kind : last.Kind);
                longest = Math.Max(longest, one.End - one.Start);
                continue;
            }
            joined.Add(one);
            longest = one.End - one.Start;
        }
        return joined;
    }

    [GeneratedRegex(@"\[?\b(TEXT|NAME|RECORD|PHONE|ADDRESS|EMAIL|DATE|LINK)-([0-9]{1,4})\b\]?", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex TokenPattern();
}
