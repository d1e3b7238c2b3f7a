using System.Globalization;
using System.Text.RegularExpressions;

namespace Holi.CoPilot.Texts;

/// <summary>
/// The numbers that a text may mean, in digits or in words of English, Spanish or Portuguese: "one twenty" is 120 and also 1, 20 and 21. It finds too many rather than
/// too few: it serves to doubt numbers that nobody said. Pure.
/// </summary>
internal static partial class SpokenNumbers
{
    private const int HundredsFrom = 100, ThousandsFrom = 1_000;

    private static readonly Dictionary<string, int> Values = Table();

    // In "thirty-five", "treinta y cinco", "trinta e cinco".
    private static readonly HashSet<string> Joints = ["and", "y", "e"];

    private static readonly HashSet<string> Points = ["point", "punto", "ponto", "coma", "virgula", "dot"];

    public static HashSet<decimal> In(string text)
    {
        var found = new HashSet<decimal>();
        foreach (var match in Digits().EnumerateMatches(text))
            AddDigits(text.AsSpan(match.Index, match.Length), found);
        var run = new List<int>();
        int? beforePoint = null;
        foreach (var word in Words.Of(text))
        {
            if (Values.TryGetValue(word, out var value) || int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            {
                run.Add(value);
                continue;
            }
            if (Joints.Contains(word) && run.Count > 0)
                continue;
            beforePoint = Flush(run, beforePoint, Points.Contains(word), found);
        }
        Flush(run, beforePoint, false, found);
        return found;
    }

    /// <summary>Numbers in digits only.</summary>
    public static HashSet<decimal> WrittenIn(string text)
    {
        var found = new HashSet<decimal>();
        foreach (var match in Digits().EnumerateMatches(text))
        {
            if (TryRead(text.AsSpan(match.Index, match.Length), out var number))
                found.Add(number);
        }
        return found;
    }

    // A comma is a decimal point, or it groups thousands: both are meant where both can be.
    private static void AddDigits(ReadOnlySpan<char> digits, HashSet<decimal> found)
    {
        if (TryRead(digits, out var number))
            found.Add(number);
        Span<char> bare = stackalloc char[digits.Length];
        var count = 0;
        foreach (var c in digits)
        {
            if (char.IsAsciiDigit(c))
                bare[count++] = c;
        }
        if (digits.Length - count > 0 && decimal.TryParse(bare[..count], NumberStyles.None, CultureInfo.InvariantCulture, out var grouped))
            found.Add(grouped);
    }

    private static bool TryRead(ReadOnlySpan<char> digits, out decimal number)
    {
        Span<char> pointed = stackalloc char[digits.Length];
        digits.Replace(pointed, ',', '.');
        return decimal.TryParse(pointed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    // What the words since the last other word may mean. Returns what a point behind them belongs to.
    private static int? Flush(List<int> run, int? beforePoint, bool isPoint, HashSet<decimal> found)
    {
        if (run.Count == 0)
            return null;
        var composed = Compose(run);
        found.Add(composed);
        foreach (var value in run)
            found.Add(value);
        var joined = string.Concat(run.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        if (joined.Length <= 12)
            found.Add(decimal.Parse(joined, CultureInfo.InvariantCulture));
        // "one twenty" and "one twenty-five": the hundreds are left out.
        if (run is [< 10, >= 10 and < 100, ..])
            found.Add((run[0] * 100) + run.Skip(1).Sum());
        if (beforePoint is { } whole && joined.Length <= 6)
            found.Add(decimal.Parse($"{whole}.{joined}", CultureInfo.InvariantCulture));
        run.Clear();
        return isPoint ? composed : null;
    }

    private static int Compose(List<int> run)
    {
        var (total, current) = (0L, 0L);
        foreach (var value in run)
        {
            switch (value)
            {
                case ThousandsFrom:
                    total += Math.Max(current, 1) * ThousandsFrom;
                    current = 0;
                    break;
                case HundredsFrom:
                    current = Math.Max(current, 1) * HundredsFrom;
                    break;
                default:
                    current += value;
                    break;
            }
        }
        return (int)Math.Clamp(total + current, 0, int.MaxValue);
    }

    private static Dictionary<string, int> Table()
    {
        var table = new Dictionary<string, int>();
        string[] small =
        [
            "zero cero oh", "one un uno una um uma a an once", "two dos dois duas twice couple par", "three tres", "four cuatro quatro", "five cinco", "six seis", "seven siete sete",
            "eight ocho oito", "nine nueve nove", "ten diez dez", "eleven onze", "twelve doce doze dozen", "thirteen trece treze", "fourteen catorce catorze quatorze",
            "fifteen quince quinze", "sixteen dieciseis dezesseis dezasseis", "seventeen diecisiete dezessete", "eighteen dieciocho dezoito", "nineteen diecinueve dezenove",
            "twenty veinte vinte", "veintiuno veintiun", "veintidos", "veintitres", "veinticuatro", "veinticinco", "veintiseis", "veintisiete", "veintiocho", "veintinueve",
        ];
        for (var value = 0; value < small.Length; value++)
            Add(small[value], value);
        string[] tens = ["thirty treinta trinta", "forty cuarenta quarenta", "fifty cincuenta cinquenta", "sixty sesenta sessenta", "seventy setenta", "eighty ochenta oitenta", "ninety noventa"];
        for (var i = 0; i < tens.Length; i++)
            Add(tens[i], (i + 3) * 10);
        string[] hundreds =
        [
            "hundred cien ciento cem cento", "doscientos doscientas duzentos duzentas", "trescientos trescientas trezentos trezentas", "cuatrocientos quatrocentos",
            "quinientos quinientas quinhentos quinhentas", "seiscientos seiscentos", "setecientos setecentos", "ochocientos oitocentos", "novecientos novecentos",
        ];
        for (var i = 0; i < hundreds.Length; i++)
            Add(hundreds[i], (i + 1) * HundredsFrom);
        Add("thousand mil", ThousandsFrom);
        return table;

        void Add(string words, int value)
        {
            foreach (var word in words.Split(' '))
                table[word] = value;
        }
    }

    [GeneratedRegex(@"[0-9]{1,12}(?:[.,][0-9]{1,6})?", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
