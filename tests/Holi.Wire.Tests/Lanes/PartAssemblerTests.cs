using System.Buffers;
using Holi.Wire.Connections;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

public sealed class PartAssemblerTests
{
    private const int Large = 40_000;

    private readonly PartAssembler _assembler = new(Side.Gateway);

    private static readonly byte[] Page = WireFrames.Frame(FrameKind.HistoryPage, Large);

    private HoliCode Add(Lane lane, bool last, ReadOnlySpan<byte> bytes)
    {
        _assembler.TryAdd(lane, last, Sequence(bytes), out _, out var violation).ShouldBe(
            violation.IsNone && last);
        return violation.Code;
    }

    private static ReadOnlySequence<byte> Sequence(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    private static byte[] Header(FrameKind kind, ulong length)
    {
        var header = new byte[1 + Varint.LengthOf(length)];
        header[0] = (byte)kind;
        Varint.Write(header.AsSpan(1), length);
        return header;
    }

    [Fact]
    public void Parts_cut_anywhere_make_the_same_frame_while_other_lanes_interleave()
    {
        var roster = WireFrames.Frame(FrameKind.Roster, Large, mark: 7);
        Add(Lane.Bulk, false, Page.AsSpan(0, 5)).ShouldBe(HoliCode.None);
        Add(Lane.Interactive, false, roster.AsSpan(0, 16_000)).ShouldBe(HoliCode.None);
        _assembler.Open.ShouldBe(LaneSet.Bulk | LaneSet.Interactive);
        Add(Lane.Bulk, false, Page.AsSpan(5, 1)).ShouldBe(HoliCode.None);
        Finish(Lane.Interactive, roster.AsSpan(16_000)).SequenceEqual(roster).ShouldBeTrue();
        Finish(Lane.Bulk, Page.AsSpan(6)).SequenceEqual(Page).ShouldBeTrue();
        _assembler.Open.ShouldBe(LaneSet.None);

        byte[] Finish(Lane lane, ReadOnlySpan<byte> rest)
        {
            _assembler.TryAdd(lane, true, Sequence(rest), out var frame, out _).ShouldBeTrue();
            var bytes = frame.ToArray();
            _assembler.Release(lane);
            return bytes;
        }
    }

    [Fact]
    public void A_lane_can_be_used_again_with_or_without_release()
    {
        for (var i = 0; i < 3; i++)
        {
            Add(Lane.Bulk, false, Page.AsSpan(0, 16_000)).ShouldBe(HoliCode.None);
            Add(Lane.Bulk, true, Page.AsSpan(16_000)).ShouldBe(HoliCode.None);
        }
        _assembler.Release(Lane.Bulk);
        _assembler.Release(Lane.Bulk);
        Add(Lane.Bulk, false, Page.AsSpan(0, 16_000)).ShouldBe(HoliCode.None);
        _assembler.Clear();
        Add(Lane.Bulk, false, Page.AsSpan(0, 16_000)).ShouldBe(HoliCode.None);
    }

    [Fact]
    public void A_first_part_is_judged_by_what_it_declares()
    {
        Add(Lane.Bulk, false, Header(FrameKind.Roster, Large)).ShouldBe(HoliCode.BadPart, "wrong lane");
        Add(Lane.Control, false, Header(FrameKind.Error, Large)).ShouldBe(HoliCode.BadPart, "control frames are never cut");
        Add((Lane)7, false, Header(FrameKind.HistoryPage, Large)).ShouldBe(HoliCode.BadPart, "no such lane");
        Add(Lane.Bulk, false, Header(FrameKind.Part, Large)).ShouldBe(HoliCode.BadPart, "a part in a part");
        Add(Lane.Interactive, false, Header(FrameKind.Command, Large)).ShouldBe(HoliCode.UnexpectedFrame, "wrong side");
        Add(Lane.Bulk, false, Header((FrameKind)0x7F, Large)).ShouldBe(HoliCode.UnknownFrame);
        Add(Lane.Bulk, false, Header(FrameKind.HistoryPage, WireLimits.PartBytesMax)).ShouldBe(HoliCode.None, "fits whole, but for a slow link");
        _assembler.Clear();
        Add(Lane.Bulk, false, Header(FrameKind.HistoryPage, WireLimits.FrameBytesMax - 3)).ShouldBe(HoliCode.TooLarge);
        Add(Lane.Bulk, false, Header(FrameKind.HistoryPage, Varint.MaxValue)).ShouldBe(HoliCode.TooLarge);
        Add(Lane.Bulk, false, []).ShouldBe(HoliCode.BadPart, "no bytes");
        Add(Lane.Bulk, false, [(byte)FrameKind.HistoryPage]).ShouldBe(HoliCode.BadVarint, "no length");
        Add(Lane.Bulk, false, [(byte)FrameKind.HistoryPage, 0x80]).ShouldBe(HoliCode.BadVarint, "half a length");
        Add(Lane.Bulk, false, [(byte)FrameKind.HistoryPage, 0x80, 0x80, 0x80, 0x00]).ShouldBe(HoliCode.BadVarint, "not shortest");
        Add(Lane.Bulk, false, [(byte)FrameKind.HistoryPage, .. Enumerable.Repeat((byte)0xFF, 9), 1]).ShouldBe(HoliCode.BadVarint);
        _assembler.Open.ShouldBe(LaneSet.None);

        Add(Lane.Bulk, false, Header(FrameKind.HistoryPage, WireLimits.FrameBytesMax - 4)).ShouldBe(HoliCode.None);
        Add(Lane.Interactive, false, Header((FrameKind)0xFF, Large)).ShouldBe(HoliCode.None, "unknown and optional");
    }

    [Fact]
    public void What_is_declared_rents_nothing()
    {
        var header = Sequence(Header(FrameKind.HistoryPage, WireLimits.FrameBytesMax - 4));
        new PartAssembler(Side.Gateway).TryAdd(Lane.Bulk, false, header, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            new PartAssembler(Side.Gateway).TryAdd(Lane.Bulk, false, header, out _, out _);
        ((GC.GetAllocatedBytesForCurrentThread() - before) / 10).ShouldBeLessThan(1_000);
    }

    [Theory]
    [InlineData(true, Large - 16_001, "ends early")]
    [InlineData(false, Large - 16_000, "ends without saying so")]
    [InlineData(true, Large - 15_999, "runs over")]
    [InlineData(false, Large - 15_999, "runs over")]
    [InlineData(false, 0, "no progress")]
    [InlineData(true, 0, "no progress")]
    public void The_last_part_completes_exactly_what_was_declared(bool last, int bytes, string because)
    {
        Add(Lane.Bulk, false, Page.AsSpan(0, 16_000)).ShouldBe(HoliCode.None);
        Add(Lane.Bulk, last, new byte[bytes]).ShouldBe(HoliCode.BadPart, because);
    }

    [Fact]
    public void A_whole_frame_may_not_stand_among_the_parts_of_its_lane()
    {
        Add(Lane.Interactive, false, WireFrames.Frame(FrameKind.Roster, Large).AsSpan(0, 10)).ShouldBe(HoliCode.None);
        _assembler.OnWhole(FrameKind.Receipts).ShouldBe(new Violation(HoliCode.BadPart, "5.2"));
        _assembler.OnWhole(FrameKind.Ping).IsNone.ShouldBeTrue();
        _assembler.OnWhole(FrameKind.Part).IsNone.ShouldBeTrue();
        _assembler.OnWhole(FrameKind.HistoryPage).IsNone.ShouldBeTrue();
        _assembler.OnWhole((FrameKind)0xFF).IsNone.ShouldBeTrue();

        // An event may be another topic's: it is out of place only when each lane a topic can have is mid-frame.
        _assembler.OnWhole(FrameKind.Event).IsNone.ShouldBeTrue();
        Add(Lane.Bulk, false, Page.AsSpan(0, 10));
        Add(Lane.Urgent, false, WireFrames.Frame(FrameKind.Event, Large).AsSpan(0, 10));
        _assembler.OnWhole(FrameKind.Event).Code.ShouldBe(HoliCode.BadPart);
    }

    [Fact]
    public void Chunks_come_from_either_side()
    {
        Add(Lane.Audio, false, Header(FrameKind.Chunk, Large)).ShouldBe(HoliCode.None);
        new PartAssembler(Side.Device).TryAdd(
            Lane.Audio, false, Sequence(Header(FrameKind.Chunk, Large)), out _, out var violation);
        violation.ShouldBe(Violation.None);
    }
}
