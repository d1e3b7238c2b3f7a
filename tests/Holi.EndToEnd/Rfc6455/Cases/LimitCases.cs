using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>
/// 9: sizes. Autobahn sends up to 16 MB and takes the time; holi.v1 takes 65,536 bytes, and what a test cannot time is whether more of them are
/// read than must be. How fast it goes is measured in bench.
/// </summary>
internal static class LimitCases
{
    private static readonly int[] TooLargeKilobytes = [256, 1_024, 4_096, 16_384];
    private static readonly int[] FragmentBytes = [64, 256, 1_024, 4_096, 16_384, 65_535];
    private static readonly int[] MessageBytes = [3, 16, 64, 256, 1_024, 4_096];

    public static IEnumerable<WireCase> All =>
    [
        .. TooLargeKilobytes.Select((kb, i) => new WireCase(
            $"9.2.{i + 1}", "holi.v1 §2.2", $"a message of {kb} KB is refused before it has come", [Frame(Binary, new byte[kb * 1_024])[..200_000]], 4402)),
        .. FragmentBytes.Select((each, i) => new WireCase(
            $"9.4.{i + 1}", "5.4", $"the largest message in fragments of {each} bytes", FragmentsOf(Question(1, 65_536), each), WireCase.Open) { Answers = 1 }),
        .. MessageBytes.Select((size, i) => new WireCase(
            $"9.8.{i + 1}", "5.2", $"a hundred messages of {size} bytes, one answered at the end",
            [.. Enumerable.Repeat(Frame(Binary, [.. Skipped(size)]), 100), Asks(1)], WireCase.Open) { Answers = 1 }),
    ];

    // Frames of holi.v1 that are skipped, to this length.
    private static byte[] Skipped(int bytes) => Question(0, bytes + 3)[..bytes];
}
