using System.Buffers;
using CsCheck;
using Holi.Gateway.Connections.Sockets;

namespace Holi.Gateway.Tests.Connections.Sockets;

public sealed class MessageParserTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void A_message_comes_out_as_it_went_in_however_it_is_cut(int length)
    {
        var payload = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        var bytes = Frame(0x82, payload);
        foreach (var cut in new[] { 1, 3, 1_000, 1 << 20 }.Where(c => c * 20_000 > length))
            Read(bytes, cut).ShouldBe([(MessageParser.Binary, Convert.ToHexString(payload))]);
    }

    [Fact]
    public void Any_fragments_with_any_pings_between_make_the_same_message() =>
        Gen.Select(Gen.Byte.Array[0, 300].List[1, 6], Gen.Int[1, 40], Gen.Bool).Sample((fragments, cut, pings) =>
        {
            var bytes = new List<byte>();
            for (var i = 0; i < fragments.Count; i++)
            {
                bytes.AddRange(Frame((byte)((i == 0 ? MessageParser.Binary : 0) | (i == fragments.Count - 1 ? 0x80 : 0)), fragments[i]));
                if (pings && i < fragments.Count - 1)
                    bytes.AddRange(Frame(0x89, [1, 2, 3]));
            }
            var read = Read([.. bytes], cut);
            read[^1].ShouldBe((MessageParser.Binary, Convert.ToHexString([.. fragments.SelectMany(f => f)])));
            read.Count(r => r.Opcode == MessageParser.Ping).ShouldBe(pings ? fragments.Count - 1 : 0);
        }, iter: 300);

    [Theory]
    [InlineData("not masked", "820100")]
    [InlineData("reserved bit", "C280000000000000")]
    [InlineData("unknown opcode", "8380000000000000")]
    [InlineData("unknown control opcode", "8B80000000000000")]
    [InlineData("continuation of nothing", "8080000000000000")]
    [InlineData("a new message inside one", "02800000000082800000000000")]
    [InlineData("a ping in fragments", "0980000000000000")]
    [InlineData("a long ping", "89FE007E00000000")]
    [InlineData("a close with one byte", "88810000000000")]
    [InlineData("a close with a status that is only said by one's own side", "8882 00000000 03EE")]
    [InlineData("a close with a status that nobody gave a meaning", "8882 00000000 0BB7")]
    [InlineData("length not in its shortest form", "82FE007D00000000")]
    [InlineData("long length not in its shortest form", "82FF000000000000FFFF00000000")]
    [InlineData("negative length", "82FF800000000000000000000000")]
    public void What_breaks_the_rules_is_bad(string what, string hex)
    {
        what.ShouldNotBeEmpty();
        var parser = default(MessageParser);
        var bytes = new ReadOnlySequence<byte>(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        ParserStep step;
        do
        {
            step = parser.Step(bytes, new byte[10], out var consumed);
            bytes = bytes.Slice(consumed);
        }
        while (step is ParserStep.Data);
        step.ShouldBe(ParserStep.Bad);
    }

    [Fact]
    public void A_close_s_reason_must_be_UTF8()
    {
        var parser = default(MessageParser);
        parser.Step(new ReadOnlySequence<byte>(Frame(0x88, [0x03, 0xE8, 0xE2, 0x82])), [], out _).ShouldBe(ParserStep.BadText);
        parser.Step(new ReadOnlySequence<byte>(Frame(0x88, [0x03, 0xE8, 0xE2, 0x82, 0xAC])), [], out _).ShouldBe(ParserStep.Control);
    }

    [Fact]
    public void A_declared_length_costs_nothing_before_its_bytes_come()
    {
        var parser = default(MessageParser);
        var head = new ReadOnlySequence<byte>(Convert.FromHexString("82FF7FFFFFFFFFFFFFFF00000000"));
        // The parser alone: the first use of an assertion may cost more than the bound.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var step = parser.Step(head, [], out _);
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        cost.ShouldBeLessThan(4_096);
        step.ShouldBe(ParserStep.Data);
        parser.Data.ShouldBe((MessageParser.Binary, 0, false));
    }

    private static List<(int Opcode, string Hex)> Read(byte[] bytes, int cut)
    {
        var parser = default(MessageParser);
        var message = new List<byte>();
        var read = new List<(int, string)>();
        var buffer = new byte[64];
        var (start, end) = (0, 0);
        while (end < bytes.Length || start < end)
        {
            var step = parser.Step(new ReadOnlySequence<byte>(bytes, start, end - start), buffer, out var consumed);
            start = consumed.GetInteger();
            if (step == ParserStep.NeedMore)
            {
                if (end == bytes.Length)
                    break;
                end = Math.Min(bytes.Length, end + cut);
            }
            else if (step == ParserStep.Control)
            {
                read.Add((parser.Control.Opcode, Convert.ToHexString(parser.Control.Payload)));
            }
            else
            {
                step.ShouldBe(ParserStep.Data);
                message.AddRange(buffer.AsSpan(0, parser.Data.Count));
                if (parser.Data.IsEnd)
                    read.Add((parser.Data.Opcode, Convert.ToHexString([.. message])));
            }
        }
        start.ShouldBe(bytes.Length);
        return read;
    }

    private static byte[] Frame(byte first, byte[] payload)
    {
        byte[] mask = [0x12, 0x34, 0x56, 0x78];
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0xFF, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        return [first, .. length, .. mask, .. payload.Select((b, i) => (byte)(b ^ mask[i % 4]))];
    }
}
