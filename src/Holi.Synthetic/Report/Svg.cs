using System.Globalization;
using System.Net;
using System.Text;

namespace Holi.Synthetic.Report;

/// <summary>Charts as inline SVG, in the page's own colors, readable without a script.</summary>
internal static class Svg
{
    /// <summary>Horizontal bars, a name before each and its count behind.</summary>
    /// <param name="bars">From top to bottom.</param>
    /// <param name="width">Of the chart.</param>
    /// <param name="label">Of the names.</param>
    /// <param name="full">The count that fills the width, for charts that stand side by side; null: the greatest here.</param>
    public static string Bars(IReadOnlyList<(string Name, int Count)> bars, int width = 470, int label = 222, int? full = null)
    {
        const int row = 19;
        var most = Math.Max(1, full ?? (bars.Count == 0 ? 1 : bars.Max(bar => bar.Count)));
        var svg = Open(width, bars.Count * row + 4);
        for (var i = 0; i < bars.Count; i++)
        {
            var y = i * row + 2;
            var length = Math.Max(1, (width - label - 46) * bars[i].Count / most);
            svg.Append(Invariant($"<text class=\"n\" x=\"{label - 8}\" y=\"{y + 13}\" text-anchor=\"end\">{Text(Short(bars[i].Name))}</text>"));
            svg.Append(Invariant($"<rect class=\"a\" x=\"{label}\" y=\"{y + 3}\" width=\"{length}\" height=\"13\" rx=\"2\"><title>{Text(bars[i].Name)}: {bars[i].Count}</title></rect>"));
            svg.Append(Invariant($"<text class=\"v\" x=\"{label + length + 6}\" y=\"{y + 13}\">{bars[i].Count}</text>"));
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Vertical bars without gaps, with the ends and the middle of the axis named.</summary>
    public static string Histogram(Histogram histogram, string unit)
    {
        const int width = 300, height = 110, floor = 88;
        var most = Math.Max(1, histogram.Bins.Max());
        var step = (double)width / histogram.Bins.Count;
        var svg = Open(width, height);
        for (var i = 0; i < histogram.Bins.Count; i++)
        {
            var tall = histogram.Bins[i] == 0 ? 0 : Math.Max(1.0, (floor - 4.0) * histogram.Bins[i] / most);
            var from = histogram.Low + i * histogram.Width;
            svg.Append(Invariant($"<rect class=\"a\" x=\"{i * step + 0.5:F1}\" y=\"{floor - tall:F1}\" width=\"{step - 1:F1}\" height=\"{tall:F1}\">"));
            svg.Append(Invariant($"<title>{from:0.##}–{from + histogram.Width:0.##}: {histogram.Bins[i]}</title></rect>"));
        }
        svg.Append(Invariant($"<line class=\"x\" x1=\"0\" y1=\"{floor}\" x2=\"{width}\" y2=\"{floor}\"/>"));
        foreach (var share in new[] { 0m, 0.5m, 1m })
        {
            var value = histogram.Low + histogram.Width * histogram.Bins.Count * share;
            var anchor = share == 0 ? "start" : share == 1 ? "end" : "middle";
            svg.Append(Invariant($"<text class=\"v\" x=\"{width * share:F0}\" y=\"{height - 6}\" text-anchor=\"{anchor}\">{value:0.#}{(share == 1 ? " " + Text(unit) : "")}</text>"));
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Women to the left, men to the right, a row for each decade.</summary>
    public static string Pyramid(IReadOnlyCollection<KeyValuePair<int, (int Women, int Men)>> ages)
    {
        const int width = 460, row = 22, middle = 230, gap = 28;
        var most = Math.Max(1, ages.Count == 0 ? 1 : ages.Max(age => Math.Max(age.Value.Women, age.Value.Men)));
        var svg = Open(width, ages.Count * row + 24);
        svg.Append(Invariant($"<text class=\"n\" x=\"{middle - gap}\" y=\"14\" text-anchor=\"end\">women</text><text class=\"n\" x=\"{middle + gap}\" y=\"14\">men</text>"));
        var y = 20;
        foreach (var (decade, (women, men)) in ages.Reverse())
        {
            var left = 150 * women / most;
            var right = 150 * men / most;
            svg.Append(Invariant($"<rect class=\"a\" x=\"{middle - gap - left}\" y=\"{y + 2}\" width=\"{left}\" height=\"17\" rx=\"2\"/>"));
            svg.Append(Invariant($"<rect class=\"b\" x=\"{middle + gap}\" y=\"{y + 2}\" width=\"{right}\" height=\"17\" rx=\"2\"/>"));
            svg.Append(Invariant($"<text class=\"n\" x=\"{middle}\" y=\"{y + 15}\" text-anchor=\"middle\">{decade}–{decade + 9}</text>"));
            svg.Append(Invariant($"<text class=\"v\" x=\"{middle - gap - left - 6}\" y=\"{y + 15}\" text-anchor=\"end\">{women}</text>"));
            svg.Append(Invariant($"<text class=\"v\" x=\"{middle + gap + right + 6}\" y=\"{y + 15}\">{men}</text>"));
            y += row;
        }
        return svg.Append("</svg>").ToString();
    }

    public static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Short(string name) => name.Length <= 33 ? name : string.Concat(name.AsSpan(0, 31).TrimEnd(), "…");

    private static StringBuilder Open(int width, int height) =>
        new StringBuilder().Append(Invariant($"<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
