using System.Buffers;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>What the vectors cannot show: limits of other messages, what stays after a mistake, what a writer refuses.</summary>
public sealed class FrameReaderTests
{
    [Fact]
    public void After_a_mistake_every_call_reports_it_again__4()
    {
        var frames = new FrameReader(Pieces.Whole(new byte[] { 0x40, 0, 0x03, 1, 1 }));
        for (var call = 0; call < 3; call++)
        {
            frames.TryRead(out _, out var violation).ShouldBeFalse();
            violation.ShouldBe(new(HoliCode.UnknownFrame, "4"));
        }
    }

    [Fact]
    public void A_message_may_have_65536_bytes__2_2()
    {
        // Four frames of 16,384 bytes in all each.
        byte[] frame = [(byte)FrameKind.Chunk, 0xFC, 0x7F, 1, 1, 1, .. new byte[16_377]];
        frame.Length.ShouldBe(16_383);
        byte[] message = [.. frame, .. frame, .. frame, .. frame, (byte)FrameKind.DeviceState, 1, 1];
        Receiver.Receive(Pieces.Whole(message)).ShouldBe(Violation.None);
        message.Length.ShouldBe(65_535);
        byte[] largest = [.. message[..^3], (byte)FrameKind.Ping, 2, 0x80, 1];
        largest.Length.ShouldBe(65_536);
        Receiver.Receive(Pieces.Whole(largest)).ShouldBe(Violation.None);
    }

    [Theory]
    [InlineData(16_384, true)]
    [InlineData(16_385, false)]
    public void A_body_has_at_most_16384_bytes__4(int bodyBytes, bool taken)
    {
        var message = Chunk(bodyBytes);
        Receiver.Receive(Pieces.Whole(message)).ShouldBe(taken ? Violation.None : new(HoliCode.TooLarge, "4"));
    }

    [Theory]
    [InlineData(262_140, true)]
    [InlineData(262_141, false)]
    public void A_frame_from_parts_has_at_most_262144_bytes__5_2(int bodyBytes, bool taken)
    {
        var bytes = Chunk(bodyBytes);
        bytes.Length.ShouldBe(bodyBytes + 4);
        var frames = new FrameReader(Pieces.Whole(bytes), WireLimits.FrameBytesMax);
        frames.TryRead(out var frame, out var violation).ShouldBe(taken);
        violation.ShouldBe(taken ? Violation.None : new(HoliCode.TooLarge, "5.2"));
        frame.WireBytes.ShouldBe(taken ? 262_144 : 0);
    }

    [Fact]
    public void An_event_inside_a_history_page_may_be_larger_than_a_part__8_7()
    {
        var output = new ArrayBufferWriter<byte>();
        new EventFrame(1, 1, Receiver.TimeBaseMs, 1, 0, new(new byte[60_000])).Write(output, Receiver.TimeBaseMs);
        var page = new ArrayBufferWriter<byte>();
        new HistoryPageFrame(1, 1, true, new(output.WrittenMemory)).Write(page);

        var frames = new FrameReader(new ReadOnlySequence<byte>(page.WrittenMemory), WireLimits.FrameBytesMax);
        frames.TryRead(out var frame, out _).ShouldBeTrue();
        Receiver.Read(frame).ShouldBe(Violation.None);
    }

    [Fact]
    public void The_kinds_known_here_are_those_of_the_table_of_states__4()
    {
        for (var kind = 0; kind < 256; kind++)
        {
            var known = Enum.IsDefined((FrameKind)kind);
            FrameKinds.IsKnown((FrameKind)kind).ShouldBe(known);
            (FrameTable.SendersOf((FrameKind)kind) != Side.None).ShouldBe(known);
            FrameKinds.IsOptional((FrameKind)kind).ShouldBe(kind >= 0x80);
        }
    }

    [Fact]
    public void A_writer_refuses_what_could_not_be_read__3_and_5_2()
    {
        var output = new ArrayBufferWriter<byte>();
        Should.Throw<ArgumentOutOfRangeException>(() => new PingFrame(1UL << 63).Write(output));
        Should.Throw<ArgumentOutOfRangeException>(() => new PongFrame(1, -1).Write(output));
        Should.Throw<ArgumentOutOfRangeException>(() => new SignalFrame(1, 1, new(new byte[262_142])).Write(output));
        Should.Throw<ArgumentOutOfRangeException>(() => AckFrame.Write(output, []));
        Should.Throw<ArgumentOutOfRangeException>(() => ReceiptsFrame.Write(output, 1, []));
        Should.Throw<ArgumentOutOfRangeException>(() => CommitFrame.Write(output, 5, [new(6, HoliCode.NotFound)]));
        output.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void A_token_is_not_in_the_text_of_its_frame__2_4()
    {
        new HelloFrame { Token = "secret", Device = "d" }.ToString().ShouldNotContain("secret");
        new TokenFrame("secret").ToString().ShouldNotContain("secret");
    }

    private static byte[] Chunk(int bodyBytes)
    {
        Span<byte> header = stackalloc byte[1 + Varint.BytesMax];
        header[0] = (byte)FrameKind.Chunk;
        var count = 1 + Varint.Write(header[1..], (ulong)bodyBytes);
        return [.. header[..count], 1, 1, 1, .. new byte[bodyBytes - 3]];
    }
}
