using System.Text.RegularExpressions;

namespace Holi.Wire.Tests.Frames;

/// <summary>Citations of the text that exist: a section in the code is a section of protocol/holi.v1.md.</summary>
public sealed partial class SectionTests
{
    [Fact]
    public void Every_section_that_Holi_Wire_names_in_a_violation_is_in_the_text()
    {
        var named = Directory.EnumerateFiles(Path.Combine(Spec.Root, "src", "Holi.Wire"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => SectionLiteral().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["number"].Value)
            .ToHashSet();
        named.ShouldBeSubsetOf(Spec.Sections);
        named.Count.ShouldBeGreaterThan(15);
    }

    [Fact]
    public void The_reason_of_a_violation_is_fixed_text_and_a_code_of_the_table()
    {
        foreach (var code in Enum.GetValues<HoliCode>().Where(code => code != HoliCode.None))
            Spec.Codes.ShouldContain($"{(int)code} {Spec.NameOf(code)}");
        Spec.Codes.Count.ShouldBe(Enum.GetValues<HoliCode>().Length - 1);
    }

    // A string that is nothing but a section's number: "4", "5.2". Others of that form do not occur in Holi.Wire.
    [GeneratedRegex("\"(?<number>\\d+(\\.\\d+)?)\"")]
    private static partial Regex SectionLiteral();
}
