using System.Buffers;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>What a chat message costs beyond its text: header, identity, topic, sender, time and the MessagePack around the text.</summary>
public sealed class FrameCostTests(ITestOutputHelper output)
{
    private const int TextBytes = 128;
    private const int MessagePost = 0;

    // [text]: an array of one, and text of up to 255 bytes.
    private static readonly ReadOnlySequence<byte> Payload = new([0x91, 0xD9, TextBytes, .. Enumerable.Repeat((byte)'a', TextBytes)]);

    [Theory]
    [InlineData(1, 1, 8)]
    [InlineData(2_000, 15, 9)]
    [InlineData(2_000_000, 2_047, 11)]
    public void A_post_of_128_bytes_costs_at_most_12_more_as_a_Command__7_1(ulong seq, uint topic, int expected)
    {
        var bytes = new ArrayBufferWriter<byte>();
        new CommandFrame(seq, topic, MessagePost, Payload).Write(bytes);
        Report($"Command seq {seq} topic {topic}", bytes.WrittenCount - TextBytes).ShouldBe(expected);
        expected.ShouldBeLessThanOrEqualTo(12);
    }

    [Theory]
    [InlineData(100, 100, 1, 2_000, 11)]              // two seconds after the gateway's start
    [InlineData(2_000, 10_000, 15, 86_400_000, 15)]   // a day
    [InlineData(16_383, 16_383, 15, 17_107_200_000, 16)] // 198 days, the largest topic and offset of two bytes
    public void A_post_of_128_bytes_costs_at_most_16_more_as_an_Event__8_2(uint topic, ulong offset, uint member, long up, int expected)
    {
        var bytes = new ArrayBufferWriter<byte>();
        new EventFrame(topic, offset, Receiver.TimeBaseMs + up, member, MessagePost, Payload).Write(bytes, Receiver.TimeBaseMs);
        Report($"Event topic {topic} offset {offset} member {member} up {TimeSpan.FromMilliseconds(up)}", bytes.WrittenCount - TextBytes)
            .ShouldBe(expected);
        expected.ShouldBeLessThanOrEqualTo(16);
    }

    private int Report(string what, int more)
    {
        output.WriteLine($"{what}: {more} bytes more than the text");
        return more;
    }
}
