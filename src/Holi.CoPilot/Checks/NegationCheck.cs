using Holi.CoPilot.Notes;
using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Checks;

/// <summary>
/// Doubts a statement that affirms what was denied in the segments that it names, or denies what was affirmed. By cues and distances, as NegEx does, and by the answer
/// where it was a question; so it doubts, it does not know. Pure.
/// </summary>
internal static class NegationCheck
{
    // A cue reaches over this many words: "no fever, chills or night sweats".
    private const int Reach = 6, StemChars = 5, WordCharsMin = 4;

    private static readonly HashSet<string> Cues =
    [
        "no", "not", "never", "without", "denies", "denied", "deny", "don't", "doesn't", "didn't", "isn't", "haven't", "hasn't", "none", "nor", "neither", "negative", "absent", "wasn't", "won't", "can't",
        "sin", "nunca", "niega", "ningun", "ninguna", "ni", "tampoco", "jamas", "negativo", "negativa", "nao", "sem", "nega", "nenhum", "nenhuma", "nem",
    ];

    // Behind these a denial does not reach.
    private static readonly HashSet<string> Ends = ["but", "however", "although", "except", "pero", "aunque", "salvo", "excepto", "mas", "porem", "exceto"];

    private static readonly HashSet<string> Yes =
        ["yes", "yeah", "yep", "yup", "sure", "definitely", "correct", "si", "claro", "exacto", "sim", "isso", "tenho", "tengo", "mhm", "uh-huh", "right"];

    private static readonly HashSet<string> No = ["no", "nope", "nah", "never", "none", "not", "nunca", "nada", "ninguno", "ninguna", "nao", "nenhum", "nenhuma", "tampoco"];

    // "Only if there is fever", "come back if": said of the future.
    private static readonly HashSet<string> Conditions = ["if", "should", "unless", "when", "caso", "quando", "cuando"];

    private static readonly char[] SentenceEnds = ['.', '!', '?', ';'];

    private enum Sense
    {
        Unknown,
        Affirmed,
        Denied,
    }

    public static IEnumerable<NoteFlag> Check(CheckedNote note)
    {
        foreach (var (where, text, segments) in note.Statements())
        {
            if (segments.Count > 0 && Contradicts(note, text, segments))
                yield return FlagTexts.Flag(NoteFlagKind.NegationDoubt, note.Language, where, segments);
        }
        for (var i = 0; i < note.Content.Diagnoses.Count; i++)
        {
            var diagnosis = note.Content.Diagnoses[i];
            var text = diagnosis.Certainty == "ruledOut" ? $"no {diagnosis.Name}" : diagnosis.Name;
            if (diagnosis.Certainty != "suspected" && diagnosis.Segments.Count > 0 && Contradicts(note, text, diagnosis.Segments))
                yield return FlagTexts.Flag(NoteFlagKind.NegationDoubt, note.Language, $"diagnoses/{i}", diagnosis.Segments);
        }
    }

    private static bool Contradicts(CheckedNote note, string text, IReadOnlyList<int> segments)
    {
        if (Words.Of(text).Any(Conditions.Contains))
            return false;
        var stated = Senses(text);
        var said = new Dictionary<string, HashSet<Sense>>();
        foreach (var segment in note.Named(segments))
        {
            foreach (var (stem, sense) in SaidIn(note, segment))
                (said.TryGetValue(stem, out var senses) ? senses : said[stem] = []).Add(sense);
        }
        // Only where all that was said of the word speaks against the statement.
        return stated.Any(one => said.TryGetValue(one.Key, out var senses) && senses is { Count: 1 } && senses.Single() is var sense
            && sense != Sense.Unknown && sense != one.Value);
    }

    private static Dictionary<string, Sense> SaidIn(CheckedNote note, TranscriptSegment segment)
    {
        var senses = Senses(segment.Text);
        // The last question of a segment: its words have the sense of the answer. What a patient asks, a clinician's "no" does not deny.
        if (!segment.Text.Contains('?', StringComparison.Ordinal))
            return senses;
        var question = segment.Text[..(segment.Text.LastIndexOf('?') + 1)];
        question = question[(question.TrimEnd('?').LastIndexOfAny(SentenceEnds) + 1)..];
        var answer = segment.Speaker == Speakers.Doctor && note.ReplyTo(segment) is { } reply ? SenseOfAnswer(Words.Of(reply.Text)) : Sense.Unknown;
        foreach (var stem in Senses(question).Keys)
            senses[stem] = answer;
        return senses;
    }

    private static Sense SenseOfAnswer(IReadOnlyList<string> words)
    {
        foreach (var word in words.Take(3))
        {
            if (Yes.Contains(word))
                return Sense.Affirmed;
            if (No.Contains(word))
                return Sense.Denied;
        }
        return Sense.Unknown;
    }

    private static Dictionary<string, Sense> Senses(string text)
    {
        var senses = new Dictionary<string, Sense>();
        // "No, neither. My son had it": a denial ends with its sentence.
        foreach (var sentence in text.Split(SentenceEnds))
            AddSenses(Words.Of(sentence), senses);
        return senses;
    }

    private static void AddSenses(IReadOnlyList<string> words, Dictionary<string, Sense> senses)
    {
        var lastCue = -Reach - 1;
        for (var i = 0; i < words.Count; i++)
        {
            if (Cues.Contains(words[i]))
                lastCue = i;
            else if (Ends.Contains(words[i]))
                lastCue = -Reach - 1;
            else if (words[i].Length >= WordCharsMin)
                senses[words[i][..Math.Min(StemChars, words[i].Length)]] = i - lastCue <= Reach ? Sense.Denied : Sense.Affirmed;
        }
    }
}
