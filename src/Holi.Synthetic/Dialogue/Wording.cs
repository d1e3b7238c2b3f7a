using System.Globalization;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Dialogue;

/// <summary>Numbers, doses and spans of time in words. The same words everywhere, so that what was said can be found again.</summary>
internal static class Wording
{
    /// <summary>1.5 is "1.5" in English and "1,5" in Spanish and Portuguese.</summary>
    public static string Number(decimal value, Language language)
    {
        var text = (value / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
        return language == Language.English ? text : text.Replace('.', ',');
    }

    /// <summary>Such as "milligrams"; one of it is "milligram" only where a dose can be one.</summary>
    public static string Unit(string unit, decimal dose, Phrases phrases) =>
        dose == 1 && phrases.Has($"unit.{unit}.one") ? phrases.Word($"unit.{unit}.one") : phrases.Word($"unit.{unit}");

    /// <summary>A unit of UCUM as people write it.</summary>
    public static string UnitText(string ucum) => ucum
        .Replace("{1.73_m2}", "1.73 m²", StringComparison.Ordinal).Replace("{FEU}", " FEU", StringComparison.Ordinal)
        .Replace("10*3/uL", "10³/µL", StringComparison.Ordinal).Replace("[IU]", "IU", StringComparison.Ordinal);

    public static string Route(string route, Phrases phrases) => phrases.Word($"route.{route}");

    /// <summary>Such as "every 8 hours, only when needed".</summary>
    public static string Often(string kind, int count, bool isAsNeeded, Phrases phrases)
    {
        if (kind == "once" && isAsNeeded)
            return phrases.Word("often.once.needed");
        var often = kind switch
        {
            "every" => phrases.Word("often.every").Replace("{n}", count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
            "daily" => phrases.Word($"often.daily.{count}"),
            _ => phrases.Word($"often.{kind}"),
        };
        return isAsNeeded ? phrases.Word("often.needed").Replace("{often}", often, StringComparison.Ordinal) : often;
    }

    public static string Often(Frequency frequency, Phrases phrases) => Often(frequency.Kind, frequency.Count, frequency.IsAsNeeded, phrases);

    /// <summary>Such as ", for 7 days"; nothing for a single dose.</summary>
    public static string Long(Prescription prescription, Phrases phrases) =>
        prescription.Days is { } days ? phrases.Word("long.days").Replace("{n}", days.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        : prescription.IsLongTerm ? phrases.Word("long.term")
        : "";

    /// <summary>An appointment, exactly: days, or weeks where they come out whole.</summary>
    public static string When(int days, Phrases phrases) =>
        days >= 14 && days % 7 == 0 ? Count(days / 7, "weeks", phrases) : Count(days, "days", phrases);

    /// <summary>Such as "3 days", "2 weeks", "5 months": as people remember it.</summary>
    public static string Duration(int days, Phrases phrases)
    {
        var (count, unit) = days switch
        {
            < 14 => (days, "days"),
            < 60 => (days / 7, "weeks"),
            _ => (days / 30, "months"),
        };
        return Count(count, unit, phrases);
    }

    private static string Count(int count, string unit, Phrases phrases) =>
        phrases.Word(count == 1 ? $"{unit}.one" : unit).Replace("{n}", count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
