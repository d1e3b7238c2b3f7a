using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Holi.CoPilot.Privacy;

/// <summary>
/// Regular expressions, over folded text, for the ways in which an identifier is written or read aloud in English, Spanish and Portuguese: digits as words, letters
/// one by one, "at" and "dot". Pure.
/// </summary>
internal static class SpokenForms
{
    // What stands between digits and letters that are read one by one.
    private const string Gap = @"[\s\-.,()/+_]{0,8}", SpelledGap = @"[\s\-.,]{1,4}";

    private static readonly string[] Digits =
    [
        "(?:0|zero|oh|cero)", "(?:1|one|uno?|um)", "(?:2|two|dos|dois|duas)", "(?:3|three|tres)", "(?:4|four|cuatro|quatro)",
        "(?:5|five|cinco)", "(?:6|six|seis|meia)", "(?:7|seven|siete|sete)", "(?:8|eight|ocho|oito)", "(?:9|nine|nueve|nove)",
    ];

    private static readonly string[][] Months =
    [
        ["january", "jan", "enero", "janeiro"], ["february", "feb", "febrero", "fevereiro"], ["march", "mar", "marzo", "marco"],
        ["april", "apr", "abril"], ["may", "mayo", "maio"], ["june", "jun", "junio", "junho"], ["july", "jul", "julio", "julho"],
        ["august", "aug", "agosto"], ["september", "sept", "sep", "septiembre", "setiembre", "setembro"], ["october", "oct", "octubre", "outubro"],
        ["november", "nov", "noviembre", "novembro"], ["december", "dec", "diciembre", "dezembro"],
    ];

    private static readonly string[] DayWords =
    [
        "first|primero|primeiro|uno|um", "second|dos|dois", "third|tres", "fourth|cuatro|quatro", "fifth|cinco", "sixth|seis", "seventh|siete|sete", "eighth|ocho|oito",
        "ninth|nueve|nove", "tenth|diez|dez", "eleventh|once|onze", "twelfth|doce|doze", "thirteenth|trece|treze", "fourteenth|catorce|catorze|quatorze",
        "fifteenth|quince|quinze", "sixteenth|dieciseis|dezesseis|dezasseis", "seventeenth|diecisiete|dezessete|dezassete", "eighteenth|dieciocho|dezoito",
        "nineteenth|diecinueve|dezenove|dezanove", "twentieth|veinte|vinte", "twenty[ -]first|veintiuno|vinte e um", "twenty[ -]second|veintidos|vinte e dois",
        "twenty[ -]third|veintitres|vinte e tres", "twenty[ -]fourth|veinticuatro|vinte e quatro", "twenty[ -]fifth|veinticinco|vinte e cinco",
        "twenty[ -]sixth|veintiseis|vinte e seis", "twenty[ -]seventh|veintisiete|vinte e sete", "twenty[ -]eighth|veintiocho|vinte e oito",
        "twenty[ -]ninth|veintinueve|vinte e nove", "thirtieth|treinta|trinta", "thirty[ -]first|treinta y uno|trinta e um",
    ];

    /// <summary>Words in their order, with any blanks between, and each of them also spelled letter by letter.</summary>
    public static string Words(string folded)
    {
        var words = folded.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var written = string.Join(@"[\s\-,.]{1,8}", words.Select(Regex.Escape));
        // Two letters, spelled, are too often something else.
        return words is [{ Length: >= 3 } one] && one.All(char.IsAsciiLetter) ? $"(?:{written}|{string.Join(SpelledGap, one.Select(letter => letter.ToString()))})" : written;
    }

    /// <summary>Digits and letters with whatever between; digits also as words.</summary>
    public static string Number(IEnumerable<char> folded) =>
        string.Join(Gap, folded.Where(char.IsAsciiLetterOrDigit).Select(One));

    /// <summary>The same, of which only the last <paramref name="tail"/> must be there, and of the others as many as are, from the right.</summary>
    public static string Number(char[] digits, int tail)
    {
        var before = "";
        foreach (var digit in digits[..^tail])
            before = $"(?:{before}{One(digit)}{Gap})?";
        return before + Number(digits[^tail..]);
    }

    private static string One(char c) => char.IsAsciiDigit(c) ? Digits[c - '0'] : c.ToString();

    /// <summary>A mail address, also with "at", "dot" and the like.</summary>
    public static string Email(string folded)
    {
        var pattern = new StringBuilder();
        foreach (var c in folded)
        {
            pattern.Append(c switch
            {
                '@' => @"(?:\s*@\s*|\s+at\s+|\s+arroba\s+)",
                '.' => @"(?:\s*\.\s*|\s+(?:dot|point|punto|ponto)\s+)",
                '_' => @"(?:_|\s+(?:underscore|guion bajo|underline)\s+)",
                '-' => @"(?:-|\s+(?:dash|hyphen|guion|hifen|traco)\s+)",
                _ => Regex.Escape(c.ToString()),
            });
        }
        return pattern.ToString();
    }

    /// <summary>A date in the usual orders, in digits and with the month's name, with the year or without where the month has a name.</summary>
    public static string Date(DateOnly date)
    {
        static string Two(int number) => $"0?{number.ToString(CultureInfo.InvariantCulture)}";
        var (year, day, month) = (date.Year.ToString("0000", CultureInfo.InvariantCulture), Two(date.Day), Two(date.Month));
        var years = $"(?:{year}|'?{year[2..]})";
        const string Mark = @"\s?[/\-. ]\s?";
        var numeric = $"(?:{year}{Mark}{month}{Mark}{day}|{day}{Mark}{month}{Mark}{years}|{month}{Mark}{day}{Mark}{years}|{date:yyyyMMdd}|{date:ddMMyyyy}|{date:MMddyyyy})";
        // The longest first, or "mar" would be found in "marzo", and then not be whole.
        var name = $"(?:{string.Join('|', Months[date.Month - 1].OrderByDescending(word => word.Length))})";
        var days = $@"(?:{day}(?:st|nd|rd|th|o|a|º|ª)?|{string.Join('|', DayWords[date.Day - 1].Split('|').OrderByDescending(word => word.Length))})";
        const string Of = @"[\s,.\-/]+(?:(?:of|de|del|do)[\s]+)?";
        var yearAfter = $@"(?:[\s,.\-/]+(?:(?:of|de|del|do)\s+)?{years})?";
        return $"(?:{numeric}|{days}{Of}{name}{yearAfter}|{name}{Of}(?:the\\s+)?{days}{yearAfter})";
    }
}
