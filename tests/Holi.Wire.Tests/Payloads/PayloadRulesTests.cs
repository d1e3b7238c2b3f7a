using System.Buffers;
using System.Diagnostics;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>Each rule of holi.v1.md §3.1 with a payload that just keeps it and one that just does not.</summary>
public sealed class PayloadRulesTests
{
    [Theory]
    [InlineData("")]                                  // nothing: an empty array
    [InlineData("90")]
    [InlineData("dc 0000")]                           // longer forms of the same are allowed
    [InlineData("dd 00000000")]
    [InlineData("91 c0")]
    [InlineData("95 00 7f e0 ff c2")]
    [InlineData("94 cc ff cd ffff ce ffffffff cf ffffffffffffffff")]
    [InlineData("94 d0 80 d1 8000 d2 80000000 d3 8000000000000000")]
    [InlineData("92 ca 7fc00000 cb 7ff8000000000000")]
    [InlineData("93 a1 61 d9 01 61 da 0001 61")]
    [InlineData("91 db 00000001 61")]
    [InlineData("93 c4 00 c5 0001 ff c6 00000002 ffff")]
    [InlineData("91 82 01 a1 31 a1 31 01")]           // 1 and "1" are different keys
    [InlineData("91 82 01 c0 ff c0")]                 // 1 and -1 too
    [InlineData("92 81 01 c0 81 01 c0")]              // and the same key in two maps
    [InlineData("91 81 01 81 01 c0")]                 // one inside the other too
    [InlineData("91 82 01 81 02 c0 02 c0")]
    [InlineData("91 de 0001 a1 61 df 00000000")]
    public void What_keeps_the_rules_is_taken(string hex) => Verdict(Pack.Hex(hex)).ShouldBeTrue();

    [Theory]
    [InlineData("c0", "not an array")]
    [InlineData("a0", "not an array")]
    [InlineData("80", "not an array")]
    [InlineData("00", "not an array")]
    [InlineData("90 00", "bytes after the array")]
    [InlineData("90 90", "bytes after the array")]
    [InlineData("91", "a value is missing")]
    [InlineData("dc", "the count is cut off")]
    [InlineData("dc 00", "the count is cut off")]
    [InlineData("dc ffff", "more values than bytes")]
    [InlineData("dd 80000000", "2^31 values")]
    [InlineData("dd ffffffff", "2^32 - 1 values")]
    [InlineData("91 dd 80000000 c0", "2^31 values inside")]
    [InlineData("91 df 80000000 c0 c0", "2^31 pairs")]
    [InlineData("91 df 7fffffff c0 c0", "2^31 - 1 pairs")]
    [InlineData("91 82 01 c0", "a map with a pair missing")]
    [InlineData("91 81 01", "a map with a value missing")]
    [InlineData("91 cc", "a cut integer")]
    [InlineData("91 d3 00000000000000", "a cut integer")]
    [InlineData("91 cb 00000000000000", "a cut float")]
    [InlineData("91 a3 61 62", "cut text")]
    [InlineData("91 d9 03 61 62", "cut text")]
    [InlineData("91 da", "a cut length")]
    [InlineData("91 db 7fffffff 61", "2^31 - 1 bytes of text")]
    [InlineData("91 db ffffffff 61", "2^32 - 1 bytes of text")]
    [InlineData("91 c4 02 00", "cut binary")]
    [InlineData("91 c6 ffffffff 00", "2^32 - 1 bytes of binary")]
    [InlineData("91 a1 80", "a continuation byte alone")]
    [InlineData("91 a1 ff", "a byte that UTF-8 has not")]
    [InlineData("91 a2 c0 80", "U+0000 in two bytes")]
    [InlineData("91 a2 c1 81", "an overlong form")]
    [InlineData("91 a3 e0 80 80", "an overlong form")]
    [InlineData("91 a3 ed a0 80", "half a surrogate pair")]
    [InlineData("91 a6 ed a0 bd ed b8 80", "a surrogate pair in six bytes")]
    [InlineData("91 a4 f4 90 80 80", "beyond U+10FFFF")]
    [InlineData("91 a2 e2 82", "a character cut off")]
    [InlineData("91 a1 00", "U+0000")]
    [InlineData("91 a3 61 00 62", "U+0000")]
    [InlineData("91 c1", "a code that means nothing")]
    [InlineData("91 d4 01 00", "an extension")]
    [InlineData("91 d5 01 0000", "an extension")]
    [InlineData("91 d6 ff 00000000", "a timestamp")]
    [InlineData("91 d7 ff 0000000000000000", "a timestamp")]
    [InlineData("91 d8 01 00000000000000000000000000000000", "an extension")]
    [InlineData("91 c7 00 01", "an extension")]
    [InlineData("91 c8 0000 01", "an extension")]
    [InlineData("91 c9 00000000 01", "an extension")]
    [InlineData("91 81 d4 01 00 c0", "an extension as a key")]
    [InlineData("91 81 c0 c0", "nil as a key")]
    [InlineData("91 81 c3 c0", "a boolean as a key")]
    [InlineData("91 81 90 c0", "an array as a key")]
    [InlineData("91 81 c4 01 61 c0", "binary as a key")]
    [InlineData("91 81 ca 00000000 c0", "a float as a key")]
    [InlineData("91 81 a1 ff c0", "a key that is not UTF-8")]
    [InlineData("91 82 01 c0 01 c0", "a key twice")]
    [InlineData("91 82 a1 61 c0 a1 61 c0", "a key twice")]
    [InlineData("91 82 a1 61 c0 d9 01 61 c0", "a key twice, in two forms")]
    [InlineData("91 82 01 c0 cc 01 c0", "a key twice, in two forms")]
    [InlineData("91 82 05 c0 cf 0000000000000005 c0", "a key twice, in two forms")]
    [InlineData("91 82 05 c0 d3 0000000000000005 c0", "a key twice, in two forms")]
    [InlineData("91 82 ff c0 d0 ff c0", "a key twice, in two forms")]
    [InlineData("91 82 ff c0 d3 ffffffffffffffff c0", "a key twice, in two forms")]
    [InlineData("91 82 a0 c0 a0 c0", "the empty key twice")]
    [InlineData("91 83 01 81 02 c0 03 c0 01 c0", "a key twice, with a map between")]
    [InlineData("91 81 01 82 02 c0 02 c0", "a key twice in a map in a map")]
    public void What_breaks_a_rule_is_refused(string hex, string why) => Verdict(Pack.Hex(hex)).ShouldBeFalse(why);

    [Fact]
    public void Nesting_ends_at_sixteen()
    {
        Verdict(Nested(0x91, WireLimits.PayloadDepthMax)).ShouldBeTrue();
        Verdict(Nested(0x91, WireLimits.PayloadDepthMax + 1)).ShouldBeFalse();
        Verdict(Nested(0x91, 60_000)).ShouldBeFalse("and no stack is used up");
    }

    [Fact]
    public void Maps_nest_as_arrays_do()
    {
        // An array, fifteen maps {1: …} and nil.
        static byte[] Maps(int count) => [0x91, .. Enumerable.Repeat<byte[]>([0x81, 0x01], count).SelectMany(pair => pair), 0xC0];
        Verdict(Maps(WireLimits.PayloadDepthMax - 1)).ShouldBeTrue();
        Verdict(Maps(WireLimits.PayloadDepthMax)).ShouldBeFalse();
    }

    [Fact]
    public void A_map_has_1024_keys_at_most()
    {
        Verdict(MapOf(PayloadLimits.MapKeysMax)).ShouldBeTrue();
        Verdict(MapOf(PayloadLimits.MapKeysMax + 1)).ShouldBeFalse();
    }

    [Fact]
    public void The_last_of_1024_keys_may_not_repeat_the_first()
    {
        var map = MapOf(PayloadLimits.MapKeysMax);
        var first = map.AsSpan(4, 3);
        first.CopyTo(map.AsSpan(map.Length - 4));
        Verdict(map).ShouldBeFalse();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("€")]
    [InlineData("😀")]
    [InlineData("a😀b€c")]
    public void Text_may_be_cut_between_segments_at_any_byte(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 5));
        for (var every = 1; every < 8; every++)
            PayloadRules.Check(Pack.Split(Pack.Of(text), every)).ShouldBeTrue();
    }

    [Fact]
    public void Text_across_segments_is_judged_as_in_one_piece()
    {
        // All texts of up to three bytes out of those at which UTF-8 changes its mind, plus a fourth byte.
        byte[] edges = [0x00, 0x61, 0x7F, 0x80, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF];
        foreach (var a in edges)
        {
            foreach (var b in edges)
            {
                foreach (var c in edges)
                {
                    byte[] text = [a, b, c, 0x80];
                    for (var length = 1; length <= 4; length++)
                    {
                        var whole = Utf8Text.IsValid(text.AsSpan(0, length));
                        Utf8Text.IsValid(Pack.Split(text[..length], 1)).ShouldBe(whole, Convert.ToHexString(text));
                    }
                }
            }
        }
    }

    [Fact]
    public void The_worst_payload_of_the_largest_frame_is_judged_in_little_time()
    {
        // Nothing costs more than the search for repeated keys in full maps: measured at 8 ms, and 120 ms before the JIT knows the code.
        var map = MapOf(PayloadLimits.MapKeysMax).AsSpan(1);
        var maps = WireLimits.FrameBytesMax / map.Length;
        var worst = new ArrayBufferWriter<byte>();
        worst.Write(Pack.Hex("dc 00").AsSpan());
        worst.Write([(byte)maps]);
        for (var i = 0; i < maps; i++)
            worst.Write(map);

        var payload = Pack.Split(worst.WrittenSpan.ToArray(), 4_096);
        var clock = Stopwatch.StartNew();
        PayloadRules.Check(payload).ShouldBeTrue();
        TestContext.Current.SendDiagnosticMessage("worst payload: {0}", clock.Elapsed);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    private static byte[] Nested(byte code, int depth) => [.. Enumerable.Repeat(code, depth - 1), 0x90];

    // [{0x8000: nil, 0x8001: nil, …}], four bytes a pair.
    private static byte[] MapOf(int keys)
    {
        var bytes = new List<byte> { 0x91, 0xDE, (byte)(keys >> 8), (byte)keys };
        for (var key = 0x8000; key < 0x8000 + keys; key++)
            bytes.AddRange([0xCD, (byte)(key >> 8), (byte)key, 0xC0]);
        return [.. bytes];
    }

    // In one piece and in pieces of one, two and three bytes: the verdict must be the same.
    private static bool Verdict(byte[] payload)
    {
        var verdict = PayloadRules.Check(Pack.Sequence(payload));
        for (var every = 1; every <= 3; every++)
            PayloadRules.Check(Pack.Split(payload, every)).ShouldBe(verdict);
        return verdict;
    }
}
