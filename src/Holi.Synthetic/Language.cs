namespace Holi.Synthetic;

/// <summary>Languages that a consultation can be held in.</summary>
internal enum Language
{
    English,
    Spanish,
    Portuguese,
}

/// <summary>A language and its code.</summary>
internal static class Languages
{
    public static IReadOnlyList<Language> All { get; } = [Language.English, Language.Spanish, Language.Portuguese];

    /// <summary>As transcripts and notes name it: <c>en</c>, <c>es</c>, <c>pt</c>.</summary>
    public static string Code(this Language language) => language switch
    {
        Language.Spanish => "es",
        Language.Portuguese => "pt",
        _ => "en",
    };

    public static Language Of(string code) => code switch
    {
        "en" => Language.English,
        "es" => Language.Spanish,
        "pt" => Language.Portuguese,
        _ => throw new ArgumentException($"'{code}' is no language of this generator: en, es or pt.", nameof(code)),
    };
}
