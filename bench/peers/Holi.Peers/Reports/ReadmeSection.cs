using System.Globalization;
using System.Text;

namespace Holi.Peers.Reports;

/// <summary>The short table and the chart, for the project's README: a row for each peer, and what its figures stand for right behind its name.</summary>
internal static class ReadmeSection
{
    private const string Begin = "<!-- written by bench/compare.sh --readme -->", End = "<!-- end of what bench/compare.sh wrote -->";

    private static readonly (string Title, string Key)[] Shown =
    [
        ("fan-out, CPU s per 1M", "fanout.cpuSecondsPerMillion"),
        ("1:1, CPU µs", "pairs.cpuMicrosecondsPerMessage"),
        ("1:1, p99.9 ms", "pairs.p999Ms"),
        ("idle, kB", "idle.rssKbPerConnection"),
        ("bytes up", "bytes.up"),
        ("bytes down", "bytes.down"),
        ("connect, CPU ms", "connect.cpuMs"),
        ("10,000 down, ms", "down.ms"),
        ("10,000 up, ms", "up.ms"),
    ];

    /// <summary>The README with the section in the place that is kept for it.</summary>
    public static string Put(string readme, IReadOnlyList<Column> columns, Run run, string folder)
    {
        var (begin, end) = (readme.IndexOf(Begin, StringComparison.Ordinal), readme.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new IOException($"README.md keeps no place for it: it must hold the lines {Begin} and {End}.");
        return readme[..(begin + Begin.Length)] + "\n" + Write(columns, run, folder) + readme[end..];
    }

    private static string Write(IReadOnlyList<Column> columns, Run run, string folder)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"![Holi beside its peers]({folder}/peers.svg)").AppendLine();
        Row(text, ["", "on disk when acknowledged", .. Shown.Select(shown => shown.Title), "survives kill -9"]);
        Row(text, Enumerable.Repeat("---", Shown.Length + 3));
        foreach (var column in columns.Where(column => column.Missing is null))
        {
            var peer = column.Peer;
            Row(
                text,
                [
                    peer.IsHoli ? $"**{peer.Title}**" : peer.Title, peer.IsHoli ? "**yes**" : "no",
                    .. Shown.Select(shown => Cell(column, shown.Key)),
                    MarkdownReport.Survival(column) is not { } survival ? "–" : survival.StartsWith("yes", StringComparison.Ordinal) ? "yes" : "no",
                ]);
        }
        Row(text, ["Holi's target", "yes", .. Shown.Select(shown => ShownFigure.All.Single(figure => figure.Key == shown.Key).Target?.ToString() ?? ""), "yes"]);
        return text.AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{run} **!** is a target of ours that is missed. All figures, what each peer guarantees, its version and settings: [{folder}/peers.md]({folder}/peers.md).")
            .ToString();
    }

    private static string Cell(Column column, string key)
    {
        if (column.Spread(key) is not { } spread)
            return "–";
        var missed = column.Peer.IsHoli && ShownFigure.All.Single(figure => figure.Key == key).Target is { } target && !target.IsReached(column.Peer, spread.Median);
        return ShownFigure.Number(spread.Median) + (missed ? " **!**" : "");
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
