namespace Holi.CoPilot.Texts;

/// <summary>
/// A text without case and accents, in which each place knows where it was in the original: <c>JOSÉ</c>, <c>José</c> and <c>Jose</c> are one. Composed and decomposed
/// accents fold alike. Pure; does not need the system's tables, which a gateway without globalization lacks.
/// </summary>
internal sealed class FoldedText
{
    private const string Accented = "áàâãäåāăąçćčďđéèêëēėęěíìîïīįłñńňóòôõöøōőřśšşťúùûüūůűýÿźżžßæœ";
    private const string Plain = "aaaaaaaaacccddeeeeeeeeiiiiiilnnnoooooooorssstuuuuuuuyyzzzsao";

    private static readonly Dictionary<char, char> Folds = Accented.Zip(Plain).ToDictionary(pair => pair.First, pair => pair.Second);

    private readonly int[] _places;

    public FoldedText(string original)
    {
        var (chars, places, count) = (new char[original.Length], new int[original.Length + 1], 0);
        for (var i = 0; i < original.Length; i++)
        {
            if (IsMark(original[i]))
                continue;
            places[count] = i;
            chars[count++] = Fold(original[i]);
        }
        places[count] = original.Length;
        Text = new string(chars, 0, count);
        _places = places;
    }

    public string Text { get; }

    /// <summary>Where a stretch of <see cref="Text"/> is in the original.</summary>
    public (int Start, int End) Place(int start, int end) => (_places[start], _places[end]);

    public static string Of(string text) => new FoldedText(text).Text;

    public static char Fold(char c)
    {
        var lower = char.ToLowerInvariant(c);
        return lower < 128 ? lower : lower switch
        {
            // The dashes, blanks and apostrophes of typography, as a keyboard has them.
            >= '\u2010' and <= '\u2015' or '\u2212' => '-',
            '\u00A0' or '\u202F' or >= '\u2000' and <= '\u200A' => ' ',
            '\u2018' or '\u2019' or '\u00B4' => '\'',
            _ => Folds.GetValueOrDefault(lower, lower),
        };
    }

    // Combining marks, and what is between letters without being seen.
    private static bool IsMark(char c) => c is >= '\u0300' and <= '\u036F' or '\u00AD' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF';
}
