using System.Buffers;
using System.Text.Json.Nodes;

namespace Holi.Wire.Tests.Frames;

/// <summary>The steady state allocates nothing: neither to read a frame, whole or cut, nor to write one.</summary>
public sealed class FrameAllocationTests
{
    private const int Rounds = 10_000;

    private static readonly FrameKind[] Frequent =
    [
        FrameKind.Command, FrameKind.CommandAgain, FrameKind.Commit, FrameKind.Event, FrameKind.Skip, FrameKind.Ack, FrameKind.Ping,
        FrameKind.Pong, FrameKind.Credit, FrameKind.Part, FrameKind.Receipts, FrameKind.Signal, FrameKind.PeerSignal, FrameKind.Complete,
        FrameKind.Chunk, FrameKind.HistoryPage,
    ];

    public static TheoryData<FrameKind> Kinds => [.. Frequent];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reading_a_frame_allocates_nothing__4(FrameKind kind)
    {
        foreach (var bytes in Vectors(kind))
        {
            var whole = Pieces.Whole(bytes);
            Allocated(() => Receiver.Receive(whole)).ShouldBe(0);
            var cut = Pieces.Cut(bytes, Enumerable.Range(0, bytes.Length));
            Allocated(() => Receiver.Receive(cut)).ShouldBe(0);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Refusing_a_frame_allocates_nothing__4(FrameKind kind)
    {
        foreach (var bytes in Vectors(kind))
        {
            var shortened = Pieces.Whole(bytes.AsMemory(0, bytes.Length - 1));
            Allocated(() => Receiver.Receive(shortened)).ShouldBe(0);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Writing_a_frame_allocates_nothing__4(FrameKind kind)
    {
        var output = new ArrayBufferWriter<byte>(4_096);
        foreach (var bytes in Vectors(kind))
        {
            var write = Rewriter.Of(Pieces.Whole(bytes));
            Allocated(() =>
            {
                output.ResetWrittenCount();
                write(output);
            }).ShouldBe(0);
            output.WrittenSpan.ToArray().ShouldBe(bytes);
        }
    }

    private static IEnumerable<byte[]> Vectors(FrameKind kind) => Spec.Vectors("frames.json")["frames"]!.AsArray()
        .Where(vector => (string)vector!["kind"]! == kind.ToString() && !NeedsItsOwnTimeBase(vector))
        .Select(vector => Convert.FromHexString((string)vector!["hex"]!));

    private static bool NeedsItsOwnTimeBase(JsonNode vector) =>
        (long?)vector["fields"]!["timeBase"] is { } time && time != Receiver.TimeBaseMs;

    private static long Allocated(Action action)
    {
        // Twice as often as the runtime waits before it compiles a method again.
        for (var i = 0; i < 64; i++)
            action();
        // The least of a few: a collection that other tests cause meanwhile is counted as if this thread had allocated.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
                action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
