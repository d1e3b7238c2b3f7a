using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Holi.Wire.Tests.Frames;

/// <summary>The folder protocol/ of this checkout.</summary>
internal static partial class Spec
{
    public static string Root { get; } = FindRoot();

    /// <summary>Numbers of headings ("## 4 Frames") and of paragraphs ("5.2 **Part** …").</summary>
    public static IReadOnlySet<string> Sections { get; } = SectionNumber()
        .Matches(File.ReadAllText(Path.Combine(Root, "protocol", "holi.v1.md")))
        .Select(match => match.Groups["number"].Value)
        .ToHashSet();

    /// <summary>The rows of codes.md: "4404 bad-varint".</summary>
    public static IReadOnlySet<string> Codes { get; } = CodeRow()
        .Matches(File.ReadAllText(Path.Combine(Root, "protocol", "codes.md")))
        .Select(match => match.Groups["code"].Value + " " + match.Groups["name"].Value)
        .ToHashSet();

    public static JsonObject Vectors(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "protocol", "vectors", file)))!.AsObject();

    /// <summary>BadVarint → bad-varint.</summary>
    public static string NameOf(HoliCode code) => Capital().Replace(code.ToString(), "-$0")[1..].ToLowerInvariant();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Holi.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Holi.sln is in no folder above the tests.");
        return folder;
    }

    [GeneratedRegex(@"^(?:#+ )?(?<number>\d+(?:\.\d+)?) ", RegexOptions.Multiline)]
    private static partial Regex SectionNumber();

    [GeneratedRegex(@"^\| (?<code>\d{4}) \| (?<name>[a-z-]+) \|", RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
