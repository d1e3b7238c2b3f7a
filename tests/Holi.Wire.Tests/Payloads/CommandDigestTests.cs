using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>The digest of holi.v1.md §6.3 against protocol/vectors/digest.json, which a script in another language recomputes.</summary>
public sealed class CommandDigestTests
{
    private static string Vectors => Path.Combine(NodeProcess.Root, "protocol", "vectors", "digest.json");

    [Fact]
    public void Our_checks_and_digests_are_those_of_the_vectors()
    {
        Span<byte> bytes = stackalloc byte[CommandCheck.Bytes];
        var digest = default(CommandDigest);
        foreach (var command in JsonNode.Parse(File.ReadAllText(Vectors))!["commands"]!.AsArray())
        {
            var payload = Convert.FromHexString((string)command!["payload"]!);
            var check = Check(command, Pack.Sequence(payload));
            Check(command, Pack.Split(payload, 3)).ShouldBe(check);

            check.CopyTo(bytes);
            Convert.ToHexStringLower(bytes).ShouldBe((string)command["check"]!);
            check.First8.ToString("x16", CultureInfo.InvariantCulture).ShouldBe(((string)command["check"]!)[..16]);
            CommandCheck.FromBytes(bytes).ShouldBe(check);

            digest = digest.Roll(check);
            Convert.ToHexStringLower(digest.ToBytes()).ShouldBe((string)command["digest"]!, (string)command["note"]!);
            CommandDigest.FromBytes(digest.ToBytes()).ShouldBe(digest);
        }
        digest.ShouldNotBe(default);
    }

    [Fact]
    public async Task Another_language_agrees_with_the_vectors()
    {
        using var node = NodeProcess.Start("digest-check.mjs", Vectors);
        var said = await node.AskAsync([], TestContext.Current.CancellationToken);
        said.ShouldBe(["7 commands agree"]);
    }

    [Fact]
    public async Task A_wrong_vector_would_be_noticed()
    {
        var wrong = JsonNode.Parse(File.ReadAllText(Vectors))!;
        wrong["commands"]![2]!["type"] = 11;
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, wrong.ToJsonString(), TestContext.Current.CancellationToken);
        using var node = NodeProcess.Start("digest-check.mjs", file);
        var said = await node.AskAsync([], TestContext.Current.CancellationToken);
        File.Delete(file);
        said.ShouldHaveSingleItem().ShouldStartWith("command 2 ");
        node.ExitCode.ShouldBe(1);
    }

    [Fact]
    public void Any_other_content_has_another_check()
    {
        var payload = Pack.Sequence([0x91, 0x01]);
        CommandCheck[] checks =
        [
            CommandCheck.Compute(1, 0, 0, 0, "conversation/x"u8, payload),
            CommandCheck.Compute(2, 0, 0, 0, "conversation/x"u8, payload),
            CommandCheck.Compute(1, 1, 0, 0, "conversation/x"u8, payload),
            CommandCheck.Compute(1, 0, 1, 0, "conversation/x"u8, payload),
            CommandCheck.Compute(1, 0, 0, 1, "conversation/x"u8, payload),
            CommandCheck.Compute(1, 0, 0, 0, "conversation/y"u8, payload),
            CommandCheck.Compute(1, 0, 0, 0, "conversation/x"u8, Pack.Sequence([0x91, 0x02])),
            CommandCheck.Compute(1, 0, 0, 0, "conversation/x"u8, Pack.Sequence([0x91, 0xCC, 0x01])),
            CommandCheck.Compute(1, 0, 0, 0, "conversation/x"u8, default),
        ];
        checks.Distinct().Count().ShouldBe(checks.Length);
        checks.Select(check => default(CommandDigest).Roll(check)).Distinct().Count().ShouldBe(checks.Length);
    }

    [Fact]
    public void The_order_of_commands_counts()
    {
        var first = CommandCheck.Compute(1, 0, 0, 0, "user/a"u8, default);
        var second = CommandCheck.Compute(2, 0, 0, 0, "user/a"u8, default);
        var digest = default(CommandDigest).Roll(first).Roll(second);
        digest.ShouldNotBe(default(CommandDigest).Roll(second).Roll(first));
        digest.FixedTimeEquals(default(CommandDigest).Roll(first).Roll(second)).ShouldBeTrue();
        digest.FixedTimeEquals(default).ShouldBeFalse();
    }

    [Fact]
    public void Sizes_that_cannot_be_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => CommandDigest.FromBytes(new byte[15]));
        Should.Throw<ArgumentOutOfRangeException>(() => CommandCheck.FromBytes(new byte[33]));
        Should.Throw<ArgumentOutOfRangeException>(() => CommandCheck.Compute(1, 0, 0, 0, new byte[129], default));
    }

    private static CommandCheck Check(JsonNode command, System.Buffers.ReadOnlySequence<byte> payload) => CommandCheck.Compute(
        ulong.Parse((string)command["seq"]!, CultureInfo.InvariantCulture),
        (uint)command["firstGeneration"]!,
        ulong.Parse((string)command["firstSeq"]!, CultureInfo.InvariantCulture),
        (ushort)command["type"]!,
        Encoding.UTF8.GetBytes((string)command["topicName"]!),
        payload);
}
