// A mapping of the table's files, read strictly: a key that nobody asked for is a mistake, and every mistake names its file and line. The document
// model of YamlDotNet needs no reflection.

using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Holi.Synthetic.Table;

/// <summary>The table's files say something that cannot be. The message names the file and the line.</summary>
internal sealed class TableException(string message) : Exception(message);

/// <summary>One mapping, of which every key must be read.</summary>
internal sealed class TableNode(string file, YamlMappingNode mapping)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The mapping that a file is.</summary>
    public static TableNode Parse(string file, string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return yaml.Documents.Count == 1 && yaml.Documents[0].RootNode is YamlMappingNode root
            ? new TableNode(file, root)
            : throw new TableException($"{file}: not one mapping.");
    }

    public TableException Wrong(string problem) => new($"{file}:{mapping.Start.Line}: {problem}");

    /// <summary>The mappings below, by their key, in the file's order.</summary>
    public IEnumerable<(string Key, TableNode Node)> Children(params string[] except)
    {
        foreach (var (key, value) in mapping.Children)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            if (_read.Contains(name) || except.Contains(name, StringComparer.Ordinal))
                continue;
            _read.Add(name);
            yield return (name, value is YamlMappingNode child ? new TableNode(file, child) : throw Wrong($"'{name}' has nothing below it."));
        }
    }

    public TableNode Child(string key) =>
        Find(key) is YamlMappingNode child ? new TableNode(file, child) : throw Wrong($"'{key}' is missing.");

    public TableNode? ChildOrNone(string key) => Find(key) is YamlMappingNode child ? new TableNode(file, child) : null;

    public string Text(string key) => TextOrNone(key) ?? throw Wrong($"'{key}' is missing.");

    public string? TextOrNone(string key) => (Find(key) as YamlScalarNode)?.Value;

    public int Whole(string key, int otherwise) =>
        TextOrNone(key) is not { } text ? otherwise : int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong($"'{key}' is no number.");

    public decimal Number(string key, decimal otherwise) =>
        TextOrNone(key) is not { } text ? otherwise : decimal.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong($"'{key}' is no number.");

    public bool Yes(string key) => TextOrNone(key) is "yes";

    /// <summary>Separated by commas.</summary>
    public IReadOnlyList<string> List(string key) => Split(TextOrNone(key), ',');

    /// <summary>The entries of a sequence.</summary>
    public IReadOnlyList<string> Lines(string key) =>
        Find(key) is YamlSequenceNode lines ? [.. lines.Children.Select(line => ((YamlScalarNode)line).Value ?? "")] : [];

    /// <summary>Such as <c>2-7 days</c> or <c>38.1-39.6</c>; one number is a span of itself.</summary>
    public Span? SpanOrNone(string key) => TextOrNone(key) is { } text ? Span.Parse(text, this) : null;

    /// <summary>The three languages on one line: <c>en / es / pt</c>.</summary>
    public Words Names(string key = "names") =>
        Split(Text(key), '/') is [var english, var spanish, var portuguese] ? new Words(english, spanish, portuguese) : throw Wrong($"'{key}' needs three languages.");

    /// <summary>One text for each language, under <c>en</c>, <c>es</c>, <c>pt</c>.</summary>
    public Words Words() => new(Text("en"), Text("es"), Text("pt"));

    /// <summary>Several texts for each language, separated by <c> / </c>.</summary>
    public Wordings Wordings(int least)
    {
        return new Wordings(Of("en"), Of("es"), Of("pt"));

        IReadOnlyList<string> Of(string key) =>
            Split(Text(key), '/') is { } parts && parts.Length >= least ? parts : throw Wrong($"'{key}' needs {least} wordings.");
    }

    /// <summary>Throws where the file says more than was read.</summary>
    public void Done()
    {
        foreach (var key in mapping.Children.Keys.Cast<YamlScalarNode>())
        {
            if (!_read.Contains(key.Value ?? ""))
                throw Wrong($"nobody knows what '{key.Value}' means.");
        }
    }

    private static string[] Split(string? text, char by) =>
        text is null ? [] : text.Split(by == '/' ? " / " : ",", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private YamlNode? Find(string key)
    {
        _read.Add(key);
        return mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;
    }
}

/// <summary>From a number to a number, both included.</summary>
internal readonly record struct Span(decimal Low, decimal High)
{
    public bool Holds(decimal value) => value >= Low && value <= High;

    public static Span Parse(string text, TableNode at)
    {
        var numbers = text.Split(' ')[0].Split('-');
        return decimal.TryParse(numbers[0], CultureInfo.InvariantCulture, out var low) &&
            decimal.TryParse(numbers[^1], CultureInfo.InvariantCulture, out var high) && numbers.Length <= 2 && low <= high
            ? new Span(low, high)
            : throw at.Wrong($"'{text}' is no span of numbers.");
    }
}
