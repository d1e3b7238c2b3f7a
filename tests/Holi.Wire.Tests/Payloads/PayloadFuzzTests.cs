using CsCheck;
using Holi.Wire.Payloads;
using MessagePack;

namespace Holi.Wire.Tests.Payloads;

/// <summary>Bytes that once were a payload: no reader throws, whatever became of them, and what is taken is taken for good.</summary>
public sealed class PayloadFuzzTests
{
    private static readonly Gen<byte[]> Broken = Gen.Select(
        Gen.OneOf([.. PayloadType.All.Select(type => type.Valid)]),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1 << 20], Gen.Byte).Array[1, 4],
        (bytes, changes) => changes.Aggregate(bytes, Change));

    // Codes at which MessagePack changes its mind, more often than chance would have them.
    private static readonly byte[] Codes =
    [
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC4, 0xC6, 0xC7,
        0xCA, 0xCF, 0xD3, 0xD4, 0xD9, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xE0,
    ];

    [Fact]
    public void No_reader_throws_and_what_it_takes_it_takes_again()
    {
        var taken = 0;
        Broken.Sample(
            bytes =>
            {
                foreach (var type in PayloadType.All)
                {
                    if (type.Reread(bytes) is not { } written)
                        continue;
                    type.Reread(written).ShouldBe(written, type.Name);
                    Interlocked.Increment(ref taken);
                }
            },
            iter: 20_000);
        taken.ShouldBeGreaterThan(1_000, "or the changes leave nothing to read");
    }

    [Fact]
    public void Checking_a_message_says_the_same_as_reading_it() => Broken.Sample(
        bytes =>
        {
            var payload = Pack.Split(bytes, 1 + (bytes.Length % 7));
            MessagePost.Check(payload).ShouldBe(MessagePost.TryRead(payload, out _));
        },
        iter: 20_000);

    [Fact]
    public void What_keeps_the_rules_the_package_can_walk_to_its_end()
    {
        var kept = 0;
        Broken.Sample(
            bytes =>
            {
                var payload = Pack.Sequence(bytes);
                var verdict = PayloadRules.Check(payload);
                PayloadRules.Check(Pack.Split(bytes, 3)).ShouldBe(verdict);
                if (!verdict || bytes.Length == 0)
                    return;
                var reader = new MessagePackReader(payload);
                reader.Skip();
                reader.End.ShouldBeTrue();
                Interlocked.Increment(ref kept);
            },
            iter: 20_000);
        kept.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void Any_bytes_at_all_are_judged() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            foreach (var type in PayloadType.All)
                type.Reread(bytes);
            PayloadValue.TryFrom(bytes, out _);
        },
        iter: 5_000);

    private static byte[] Change(byte[] bytes, (int How, int Where, byte What) change)
    {
        var at = bytes.Length == 0 ? 0 : change.Where % bytes.Length;
        var code = Codes[change.What % Codes.Length];
        return change.How switch
        {
            0 when bytes.Length > 0 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (change.What & 7))), .. bytes[(at + 1)..]],
            1 when bytes.Length > 0 => [.. bytes[..at], code, .. bytes[(at + 1)..]],
            2 => [.. bytes[..at], change.What, .. bytes[at..]],
            3 => bytes[..at],
            _ => [.. bytes[..at], .. bytes[(at / 2)..]],
        };
    }
}
