using System.Buffers;
using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Client.Tests.Engine;

/// <summary>Credit of the bulk lane, from the gateway's scheduler to the device's store and back (holi.v1.md §5.3).</summary>
public sealed class BulkCreditTests
{
    private const int Pages = 12;

    public static TheoryData<long> Windows =>
        [LaneSets.PieceBytesMax, 20_000, 90_000, LaneSets.FrameInPartsBytesMax, 400_000, 2 * LaneSets.FrameInPartsBytesMax - 1, 2 * LaneSets.FrameInPartsBytesMax, 1 << 20];

    [Fact]
    public void The_largest_frame_costs_what_the_protocol_says() => LaneSets.FrameInPartsBytesMax.ShouldBe(264_734);

    [Theory]
    [MemberData(nameof(Windows))]
    public void The_largest_frames_come_through_any_window(long window)
    {
        var credit = new BulkCredit(window);
        var lanes = new LaneScheduler(WireLimits.FrameBytesMax);
        var parts = new PartAssembler(Side.Gateway);
        lanes.AddCredit(Lane.Bulk, (ulong)window).IsNone.ShouldBeTrue();
        for (var page = 1; page <= Pages; page++)
        {
            lanes.TryEnqueue(Lane.Bulk, LargestPage()).ShouldBeTrue();
            Receive(lanes, parts, credit).ShouldBeTrue($"page {page} never came whole");
        }
    }

    // Until a frame is whole; then it is stored, and its credit goes back.
    private static bool Receive(LaneScheduler lanes, PartAssembler parts, BulkCredit credit)
    {
        for (var message = new ArrayBufferWriter<byte>(); lanes.TryFill(message, WireLimits.MessageBytesMax); message.ResetWrittenCount())
        {
            var reader = new FrameReader(new ReadOnlySequence<byte>(message.WrittenMemory));
            while (reader.TryRead(out var frame, out _))
            {
                PartFrame.TryRead(frame.Body, out var part, out _).ShouldBeTrue();
                var isWhole = parts.TryAdd(part.Lane, part.Last, part.Bytes, out _, out var violation);
                violation.IsNone.ShouldBeTrue();
                if (!isWhole)
                {
                    Return(credit.ReceivedPart(frame.WireBytes), lanes);
                    continue;
                }
                parts.Release(part.Lane);
                credit.Received(frame.WireBytes);
                credit.Cut();
                Return(credit.Written(), lanes);
                return true;
            }
        }
        return false;
    }

    private static void Return(CreditFrame? credit, LaneScheduler lanes)
    {
        if (credit is { } returned)
            lanes.AddCredit(returned.Lane, returned.Bytes).IsNone.ShouldBeTrue();
    }

    private static byte[] LargestPage()
    {
        const int headBytes = 1 + 3;
        var frame = new byte[WireLimits.FrameBytesMax];
        frame[0] = (byte)FrameKind.HistoryPage;
        Varint.Write(frame.AsSpan(1), WireLimits.FrameBytesMax - headBytes);
        return frame;
    }
}
