using System.Text.Json.Nodes;
using CsCheck;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>
/// Our MessagePack against npm's @msgpack/msgpack, in both directions, on the same generated values each time.
/// </summary>
public sealed class MessagePackInteropTests
{
    private const int GeneratedValues = 2_500;
    private const int RecordsOfEachType = 20;

    [Fact]
    public async Task What_the_package_writes_our_reader_reads_as_the_same()
    {
        var values = Generate(AnyTagged.Payload, GeneratedValues, seed: 1).Concat(AnyTagged.Long()).ToArray();
        // Every other one with each integer in eight bytes, which is valid though not the shortest.
        var answers = await AskAsync(values.Select(
            (value, i) => $$"""{"encode":{{TaggedValue.Json(value)}},"wide":{{(i % 2 == 0 ? "true" : "false")}}}"""));

        answers.Count.ShouldBe(values.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(TaggedValue.Canonical(values[i]), Canonical(TaggedValue.Read(Hex(answers[i]))));
        Forms.All.Except(Forms.In(answers.Select(Hex))).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_our_writer_writes_the_package_reads_as_the_same()
    {
        var values = Generate(AnyTagged.Payload, GeneratedValues, seed: 2).Concat(AnyTagged.Long()).ToArray();
        var written = values.Select(TaggedValue.Write).ToArray();
        var answers = await AskAsync(written.Select(bytes => $$"""{"decode":"{{Convert.ToHexStringLower(bytes)}}"}"""));

        answers.Count.ShouldBe(values.Length);
        Forms.All.Except(Forms.In(written)).ShouldBeEmpty();
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(TaggedValue.Canonical(values[i]), Canonical(answers[i]["value"]));
    }

    [Fact]
    public async Task Floats_of_32_bits_are_read_too()
    {
        double[] floats = [0.5, -1.25, 3.4028234663852886e38, 1.401298464324817e-45, double.NaN, double.NegativeInfinity, (double)0.1f];
        var answers = await AskAsync(floats.Select(
            number => $$"""{"encode":{{TaggedValue.Json(TaggedValue.List([TaggedValue.Float(number)]))}},"float32":true}"""));

        for (var i = 0; i < floats.Length; i++)
        {
            var bytes = Hex(answers[i]);
            bytes[1].ShouldBe((byte)0xCA);
            Canonical(TaggedValue.Read(bytes)).ShouldBe(TaggedValue.Canonical(TaggedValue.List([TaggedValue.Float(floats[i])])));
        }
    }

    [Fact]
    public async Task Zero_below_zero_and_whole_floats_stay_floats_when_we_write_them()
    {
        var answers = await AskAsync([Decode(-0.0), Decode(1.0)]);
        Canonical(answers[0]["value"]).ShouldBe(TaggedValue.Canonical(TaggedValue.List([TaggedValue.Float(-0.0)])));
        // JavaScript has one kind of number; that it is 1 is all it can say.
        Canonical(answers[1]["value"]).ShouldBe(TaggedValue.Canonical(TaggedValue.List([TaggedValue.Int(1)])));

        static string Decode(double value) => $$"""{"decode":"{{Convert.ToHexStringLower(Pack.Of(value))}}"}""";
    }

    [Fact]
    public async Task Number_keys_become_names_on_the_other_side()
    {
        var map = TaggedValue.Map([(TaggedValue.Int(7), TaggedValue.Nil()), (TaggedValue.Int(70_000), TaggedValue.Bool(true))]);
        var value = TaggedValue.List([map]);
        var answers = await AskAsync([$$"""{"decode":"{{Convert.ToHexStringLower(TaggedValue.Write(value))}}"}"""]);
        Canonical(answers[0]["value"]).ShouldBe(TaggedValue.Canonical(value));
    }

    [Fact]
    public async Task Every_payload_survives_the_way_there_and_back()
    {
        var payloads = PayloadType.All
            .SelectMany(type => Generate(type.Valid, RecordsOfEachType, seed: 3).Select(bytes => (Type: type, Bytes: bytes))).ToArray();
        var read = await AskAsync(payloads.Select(payload => $$"""{"decode":"{{Convert.ToHexStringLower(payload.Bytes)}}"}"""));
        var written = await AskAsync(read.Select(answer => $$"""{"encode":{{TaggedValue.Json(answer["value"]!)}},"wide":false}"""));

        for (var i = 0; i < payloads.Length; i++)
        {
            var (type, bytes) = payloads[i];
            var back = type.Reread(Hex(written[i])).ShouldNotBeNull(type.Name);
            Assert.Equal(Canonical(TaggedValue.Read(bytes)), Canonical(TaggedValue.Read(back)));
        }
    }

    [Fact]
    public async Task The_fields_stand_where_the_text_says()
    {
        var message = new MessagePost("hé", 7, [new("id", "image/png", 12, null)], 1_700_000_000_000);
        var answers = await AskAsync(
        [
            $$"""{"decode":"{{Convert.ToHexStringLower(message.ToBytes())}}"}""",
            $$"""{"decode":"{{Convert.ToHexStringLower(new ConversationCreate("t", [new("ana", MemberRole.Admin)]).ToBytes())}}"}""",
        ]);
        TaggedValue.Json(answers[0]["value"]!).ShouldBe(
            """["array",[["text","hé"],["int","7"],["array",[["array",[["text","id"],["text","image/png"],["int","12"]]]]],"""
            + """["int","1700000000000"]]]""");
        TaggedValue.Json(answers[1]["value"]!).ShouldBe("""["array",[["text","t"],["array",[["array",[["text","ana"],["int","2"]]]]]]]""");
    }

    private static T[] Generate<T>(Gen<T> gen, int count, uint seed)
    {
        var random = new PCG(seed, seed);
        return [.. Enumerable.Range(0, count).Select(_ => gen.Generate(random, null, out var _))];
    }

    private static async Task<IReadOnlyList<JsonNode>> AskAsync(IEnumerable<string> questions)
    {
        using var node = NodeProcess.Start("msgpack-peer.mjs");
        var answers = await node.AskAsync(questions, TestContext.Current.CancellationToken);
        return [.. answers.Select(answer => JsonNode.Parse(answer)!)];
    }

    private static byte[] Hex(JsonNode answer) =>
        Convert.FromHexString((string?)answer["hex"] ?? throw new InvalidDataException(answer.ToJsonString()));

    private static string Canonical(JsonNode? value) => value is null ? "refused" : TaggedValue.Canonical(value);
}
