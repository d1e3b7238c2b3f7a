namespace Holi.Synthetic.Table;

/// <summary>The same in the three languages.</summary>
internal sealed record Words(string English, string Spanish, string Portuguese)
{
    public string this[Language language] => language switch
    {
        Language.Spanish => Spanish,
        Language.Portuguese => Portuguese,
        _ => English,
    };
}

/// <summary>Several wordings for each language, in the order that the table's file explains.</summary>
internal sealed record Wordings(IReadOnlyList<string> English, IReadOnlyList<string> Spanish, IReadOnlyList<string> Portuguese)
{
    public IReadOnlyList<string> this[Language language] => language switch
    {
        Language.Spanish => Spanish,
        Language.Portuguese => Portuguese,
        _ => English,
    };
}
