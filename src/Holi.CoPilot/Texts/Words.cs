namespace Holi.CoPilot.Texts;

/// <summary>The words of a text, folded. Pure.</summary>
internal static class Words
{
    /// <summary>Runs of letters and digits, with the apostrophes inside of them.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var folded = FoldedText.Of(text);
        var words = new List<string>();
        var start = -1;
        for (var i = 0; i <= folded.Length; i++)
        {
            var isInside = i < folded.Length && (char.IsLetterOrDigit(folded[i]) || (folded[i] == '\'' && start >= 0 && i + 1 < folded.Length && char.IsLetter(folded[i + 1])));
            if (isInside && start < 0)
                start = i;
            if (isInside || start < 0)
                continue;
            words.Add(folded[start..i]);
            start = -1;
        }
        return words;
    }
}
