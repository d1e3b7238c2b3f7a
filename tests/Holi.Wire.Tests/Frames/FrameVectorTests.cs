using System.Text.Json.Nodes;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>protocol/vectors/frames.json, both ways. Another implementation wrote the bytes, from the text alone.</summary>
public sealed class FrameVectorTests
{
    private static readonly JsonArray Vectors = Spec.Vectors("frames.json")["frames"]!.AsArray();

    public static TheoryData<string> Names => [.. Vectors.Select(vector => (string)vector!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_decode_to_the_fields_wherever_they_are_cut__4(string name)
    {
        var (vector, kind, bytes) = Vector(name);
        var fields = vector["fields"]!.AsObject();
        var timeBase = kind == FrameKind.Event ? fields.I64("timeBase") : 0;

        foreach (var message in Pieces.CutEverywhere(bytes))
        {
            var frames = new FrameReader(message);
            frames.TryRead(out var frame, out var violation).ShouldBeTrue(violation.ToString());
            frame.Kind.ShouldBe(kind);
            frame.WireBytes.ShouldBe(bytes.Length);

            var read = FrameToJson.Read(frame, timeBase, out violation);
            violation.ShouldBe(Violation.None);
            read!.ToJsonString().ShouldBe(fields.ToJsonString());

            frames.TryRead(out _, out violation).ShouldBeFalse();
            violation.ShouldBe(Violation.None);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_encode_to_the_bytes__4(string name)
    {
        var (vector, kind, bytes) = Vector(name);
        Convert.ToHexStringLower(JsonToFrame.Bytes(kind, vector["fields"]!.AsObject())).ShouldBe(Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Every_kind_of_the_table_has_a_vector_with_its_section__4()
    {
        Vectors.Select(vector => Kind(vector!)).Distinct().Order().ShouldBe(Enum.GetValues<FrameKind>().Order());
        Vectors.Select(vector => (string)vector!["section"]!).ShouldBeSubsetOf(Spec.Sections);
        Vectors.Select(vector => (string)vector!["name"]!).ShouldBeUnique();
    }

    private static (JsonNode Vector, FrameKind Kind, byte[] Bytes) Vector(string name)
    {
        var vector = Vectors.Single(vector => (string)vector!["name"]! == name)!;
        return (vector, Kind(vector), Convert.FromHexString((string)vector["hex"]!));
    }

    private static FrameKind Kind(JsonNode vector) => Enum.Parse<FrameKind>((string)vector["kind"]!);
}
