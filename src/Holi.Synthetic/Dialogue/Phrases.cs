using System.Collections.Frozen;

namespace Holi.Synthetic.Dialogue;

/// <summary>What is said in a consultation, part by part, in one language: the files in the folder Phrases.</summary>
internal sealed class Phrases
{
    private static readonly Phrases[] All = [.. Languages.All.Select(Read)];

    private readonly FrozenDictionary<string, IReadOnlyList<string>> _parts;

    private Phrases(Language language, Dictionary<string, IReadOnlyList<string>> parts)
    {
        Language = language;
        _parts = parts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public Language Language { get; }

    public IEnumerable<string> Parts => _parts.Keys;

    public static Phrases Of(Language language) => All[(int)language];

    /// <summary>The ways to say a part, at least one.</summary>
    public IReadOnlyList<string> this[string part] =>
        _parts.TryGetValue(part, out var ways) ? ways : throw new KeyNotFoundException($"{Language.Code()}.md has no part '{part}'.");

    public bool Has(string part) => _parts.ContainsKey(part);

    /// <summary>The first way: for words of which there is one.</summary>
    public string Word(string part) => this[part][0];

    /// <summary>Reads <c># part</c> and below it <c>- a way to say it</c>.</summary>
    public static Dictionary<string, IReadOnlyList<string>> Parse(TextReader text)
    {
        var parts = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        List<string>? ways = null;
        while (text.ReadLine() is { } line)
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
                parts.Add(line[2..].Trim(), ways = []);
            else if (line.StartsWith("- ", StringComparison.Ordinal))
                ways!.Add(line[2..].TrimEnd().TrimStart(' '));
        }
        return parts;
    }

    private static Phrases Read(Language language)
    {
        using var reader = new StreamReader(typeof(Phrases).Assembly.GetManifestResourceStream($"Phrases/{language.Code()}.md")!);
        return new Phrases(language, Parse(reader));
    }
}
