using Holi.CoPilot.Notes;
using Holi.CoPilot.Texts;

namespace Holi.CoPilot.Checks;

/// <summary>
/// Doubts what names no segment, what shares no word with the segments that it names, and numbers that were not said there and do not stand in the record. It compares
/// words, not meanings: "belly" and "abdomen" are two words, so it may doubt what is right, and believe what is wrong in the right words. Pure.
/// </summary>
internal static class SupportCheck
{
    // Words with fewer letters are mostly grammar; with four letters "head" and "headache" are the same.
    private const int StemChars = 4;

    // Below this many words of its own a sentence says too little to be compared.
    private const int OwnWordsMin = 2;

    // What notes say of everything.
    private static readonly HashSet<string> Common =
    [
        "pati", "repo", "deni", "stat", "says", "with", "that", "this", "have", "been", "from", "does", "also", "take", "taki", "curr", "hist", "note", "desc",
        "paci", "refi", "nieg", "indi", "desd", "para", "como", "tien", "toma", "actu", "sien", "rela", "nega", "quei", "tamb", "pres", "quej",
    ];

    public static IEnumerable<NoteFlag> Check(CheckedNote note)
    {
        foreach (var (where, text, segments) in note.Statements().Concat(note.Entries()))
        {
            if (segments.Count == 0)
                yield return FlagTexts.Flag(NoteFlagKind.UnsupportedStatement, note.Language, where, segments);
            else if (IsForeign(note, text, segments))
                yield return FlagTexts.Flag(NoteFlagKind.UnsupportedStatement, note.Language, where, segments, isWordless: true);
            else if (NotSaid(note, text, segments) is { Count: > 0 } numbers)
                yield return FlagTexts.Flag(NoteFlagKind.UnsupportedNumber, note.Language, where, segments, string.Join(", ", numbers));
        }
    }

    private static bool IsForeign(CheckedNote note, string text, IReadOnlyList<int> segments)
    {
        var own = Stems(text);
        if (own.Count < OwnWordsMin)
            return false;
        var said = note.Around(segments).SelectMany(segment => Stems(segment.Text)).ToHashSet();
        return !own.Overlaps(said) && !own.Overlaps(Stems(note.Record));
    }

    private static List<decimal> NotSaid(CheckedNote note, string text, IReadOnlyList<int> segments)
    {
        var numbers = SpokenNumbers.WrittenIn(text);
        if (numbers.Count == 0)
            return [];
        var said = note.Around(segments).SelectMany(segment => SpokenNumbers.In(segment.Text)).ToHashSet();
        said.UnionWith(SpokenNumbers.In(note.Record));
        return [.. numbers.Where(number => !said.Contains(number)).Order()];
    }

    private static HashSet<string> Stems(string text) => [.. Words.Of(text)
        .Where(word => word.Length >= StemChars && !char.IsAsciiDigit(word[0])).Select(word => word[..StemChars]).Where(stem => !Common.Contains(stem))];
}
