// What is said, turn by turn, with times, and which turn said which fact. It draws how a part is worded and never the same way twice in a row.

using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Randomness;

namespace Holi.Synthetic.Dialogue;

/// <summary>One consultation being told.</summary>
internal sealed partial class Speech(Draw draw, Phrases phrases, Agreement agreement, bool isChild, IReadOnlyDictionary<string, string> known)
{
    // Words a minute, as people talk to each other: doctors are a little quicker.
    private const int DoctorPaceLow = 150, DoctorPaceHigh = 185, PatientPaceLow = 120, PatientPaceHigh = 165;

    /// <summary>How often a patient begins with a filler.</summary>
    private const decimal FillerChance = 0.14m;

    private readonly List<TranscriptSegment> _segments = [];
    private readonly Dictionary<string, Queue<string>> _ways = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<int>> _facts = new(StringComparer.Ordinal);
    private int _milliseconds;

    public IReadOnlyList<TranscriptSegment> Segments => _segments;

    /// <summary>In which segments a fact was said.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Facts => _facts.ToDictionary(fact => fact.Key, fact => (IReadOnlyList<int>)fact.Value, StringComparer.Ordinal);

    public Draw Draw => draw;

    public Phrases Phrases => phrases;

    public bool IsChild => isChild;

    public Agreement Agreement => agreement;

    public int Doctor(string part, params IEnumerable<(string Name, string Value)> places) => Say(Speakers.Doctor, Word(part, places));

    /// <summary>The patient, or whoever answers for a small child.</summary>
    public int Answer(string part, params IEnumerable<(string Name, string Value)> places)
    {
        var text = Word(part, places);
        return Say(isChild ? Speakers.Companion : Speakers.Patient, draw.Chance(FillerChance) ? WithFiller(text) : text);
    }

    public int Companion(string part) => Say(Speakers.Companion, Word(part, []));

    public int Child(string part) => Say(Speakers.Patient, Word(part, []));

    /// <summary>A part whose turns are separated by " // ".</summary>
    public void Exchange(string part, bool isDoctorFirst)
    {
        var isDoctor = isDoctorFirst;
        foreach (var turn in Word(part, []).Split(" // "))
        {
            Say(isDoctor ? Speakers.Doctor : isChild ? Speakers.Companion : Speakers.Patient, turn);
            isDoctor = !isDoctor;
        }
    }

    /// <summary>Nobody talks: the doctor listens, measures, reads.</summary>
    public void Pause(int secondsLow, int secondsHigh) => _milliseconds += draw.Between(secondsLow * 100, secondsHigh * 100) * 10;

    public void Tell(string fact, params ReadOnlySpan<int> segments)
    {
        if (!_facts.TryGetValue(fact, out var all))
            _facts.Add(fact, all = []);
        foreach (var segment in segments)
            all.Add(segment);
    }

    public string Word(string part, IEnumerable<(string Name, string Value)> places)
    {
        var all = new Dictionary<string, string>(known, StringComparer.Ordinal);
        foreach (var (name, value) in places)
            all[name] = value;
        return Template.Fill(Way(part), agreement, all);
    }

    private string Way(string part)
    {
        var name = isChild && phrases.Has($"{part}-child") ? $"{part}-child" : part;
        if (!_ways.TryGetValue(name, out var ways) || ways.Count == 0)
            _ways[name] = ways = new Queue<string>(draw.Shuffle(phrases[name]));
        return ways.Dequeue();
    }

    private string WithFiller(string text) =>
        char.IsLetter(text[0]) && !phrases["filler"].Any(filler => text.StartsWith(filler, StringComparison.Ordinal))
            ? $"{draw.Pick(phrases["filler"])} {Small(text)}"
            : text;

    /// <summary>After a filler. The English "I" stays.</summary>
    private string Small(string text) =>
        phrases.Language == Language.English && text[0] == 'I' && (text.Length == 1 || !char.IsLetter(text[1])) ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private int Say(string speaker, string text)
    {
        var clean = Clean(text, phrases.Language);
        var words = 1 + clean.AsSpan().Count(' ');
        var pace = speaker == Speakers.Doctor ? draw.Between(DoctorPaceLow, DoctorPaceHigh) : draw.Between(PatientPaceLow, PatientPaceHigh);
        var start = _milliseconds + draw.Between(15, 110) * 10;
        var end = start + Math.Max(500, words * 60_000 / pace / 10 * 10);
        _milliseconds = end;
        _segments.Add(new TranscriptSegment(_segments.Count, speaker, TimeSpan.FromMilliseconds(start), TimeSpan.FromMilliseconds(end), clean));
        return _segments.Count - 1;
    }

    /// <summary>Sentences begin with a capital; in Spanish, "y" and "o" change before the same sound.</summary>
    private static string Clean(string text, Language language)
    {
        var clean = SentenceStart().Replace(text, match => match.Groups[1].Value + char.ToUpperInvariant(match.Groups[2].Value[0]));
        if (language == Language.Spanish)
        {
            clean = SpanishAnd().Replace(clean, " e $1");
            clean = SpanishOr().Replace(clean, " u $1");
        }
        return Template.Capital(clean);
    }

    // Not after "Dr." or "Mr.": those are no ends. Numbers have no space after their point.
    [GeneratedRegex(@"((?<!Dr|Mr|Ms)[.?!] [¿¡]?)(\p{Ll})")]
    private static partial Regex SentenceStart();

    [GeneratedRegex(@" y (h?i(?!e)\w*)")]
    private static partial Regex SpanishAnd();

    [GeneratedRegex(@" o (h?o\w*)")]
    private static partial Regex SpanishOr();
}
