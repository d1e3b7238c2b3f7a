using System.Text.Json.Nodes;

namespace Holi.Wire.Tests.Frames;

/// <summary>protocol/vectors/violations.json: what must be refused, with which code, and what must not.</summary>
public sealed class ViolationVectorTests
{
    private static readonly JsonObject File = Spec.Vectors("violations.json");
    private static readonly JsonArray Violations = File["violations"]!.AsArray();
    private static readonly JsonArray Accepted = File["accepted"]!.AsArray();

    public static TheoryData<string> Refused => [.. Violations.Select(vector => (string)vector!["name"]!)];

    public static TheoryData<string> Taken => [.. Accepted.Select(vector => (string)vector!["name"]!)];

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_message_is_refused_with_its_code_and_section_wherever_it_is_cut__4(string name)
    {
        var vector = Violations.Single(vector => (string)vector!["name"]! == name)!;
        var expected = new Violation((HoliCode)(int)vector["code"]!, (string)vector["section"]!);
        foreach (var message in Pieces.CutEverywhere(Message(vector)))
            Receiver.Receive(message).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public void The_message_is_taken_although_it_looks_strange__4(string name)
    {
        var vector = Accepted.Single(vector => (string)vector!["name"]! == name)!;
        var expected = vector["kinds"]!.AsArray().Select(kind => Enum.Parse<FrameKind>((string)kind!));
        foreach (var message in Pieces.CutEverywhere(Message(vector)))
        {
            var kinds = new List<FrameKind>();
            Receiver.Receive(message, kinds).ShouldBe(Violation.None);
            kinds.ShouldBe(expected);
        }
    }

    [Fact]
    public void Every_violation_names_a_code_of_the_table_and_a_section_of_the_text()
    {
        foreach (var vector in Violations)
        {
            var code = (HoliCode)(int)vector!["code"]!;
            Spec.NameOf(code).ShouldBe((string)vector["codeName"]!);
            Spec.Codes.ShouldContain($"{(int)code} {vector["codeName"]}");
            Spec.Sections.ShouldContain((string)vector["section"]!);
        }
        Violations.Concat(Accepted).Select(vector => (string)vector!["name"]!).ShouldBeUnique();
    }

    [Fact]
    public void Every_code_that_a_message_alone_can_earn_has_a_vector()
    {
        // The other codes of the range need a text message (4401) or the connection's state (4412–4416).
        HoliCode[] reachable =
        [
            HoliCode.TooLarge, HoliCode.EmptyMessage, HoliCode.BadVarint, HoliCode.BadText, HoliCode.BadPayload, HoliCode.Truncated,
            HoliCode.TrailingBytes, HoliCode.UnknownFrame, HoliCode.UnexpectedFrame, HoliCode.BadPart, HoliCode.BadValue,
        ];
        Violations.Select(vector => (HoliCode)(int)vector!["code"]!).Distinct().Order().ShouldBe(reachable.Order());
    }

    private static byte[] Message(JsonNode vector) =>
        [.. Convert.FromHexString((string)vector["hex"]!), .. new byte[(int?)vector["zeros"] ?? 0]];
}
