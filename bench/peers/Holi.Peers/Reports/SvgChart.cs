using System.Globalization;
using System.Security;
using System.Text;

namespace Holi.Peers.Reports;

/// <summary>A chart of small panels, one for each drawn figure, a bar for each peer: the median, with a line from the least to the greatest; across ours, dashed, the target. Shorter is better.</summary>
internal sealed class SvgChart
{
    private const int Across = 2, PanelWidth = 560, LabelWidth = 190, ValueWidth = 76, NumberWidth = 44, RowHeight = 17, HeadHeight = 34, Gap = 18, TitleHeight = 44;
    private const string Ink = "#1f2933", Faint = "#7b8794", Theirs = "#9fb3c8", Ours = "#d9480f", Paper = "#ffffff";

    private readonly StringBuilder _svg = new();

    public static string Draw(IReadOnlyList<Column> columns, Machine machine)
    {
        var measured = columns.Where(column => column.Missing is null).ToArray();
        var figures = ShownFigure.All.Where(figure => figure.IsDrawn && measured.Any(column => column.Spread(figure.Key) is not null)).ToArray();
        var chart = new SvgChart();
        var panelHeight = HeadHeight + (measured.Length * RowHeight) + Gap;
        var rows = (figures.Length + Across - 1) / Across;
        chart.Begin((Across * PanelWidth) + Gap, TitleHeight + (rows * panelHeight), machine);
        for (var n = 0; n < figures.Length; n++)
            chart.Panel(Gap + (n % Across * PanelWidth), TitleHeight + (n / Across * panelHeight), figures[n], measured);
        return chart._svg.AppendLine("</svg>").ToString();
    }

    private void Begin(int width, int height, Machine machine)
    {
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="12" fill="{Ink}">""");
        Line($"""<rect width="{width}" height="{height}" fill="{Paper}"/>""");
        Line($"""<text x="{Gap}" y="22" font-size="15" font-weight="600">Holi beside its peers: shorter is better; Holi commits every message to disk, the others do not</text>""");
        Line($"""<text x="{Gap}" y="38" fill="{Faint}">{SecurityElement.Escape(machine.ToString())}; dashed: Holi's target</text>""");
    }

    private void Panel(int x, int y, ShownFigure figure, Column[] columns)
    {
        Line($"""<text x="{x}" y="{y + 22}" font-weight="600">{SecurityElement.Escape(figure.Title)}</text>""");
        var longest = columns.Max(column => column.Spread(figure.Key)?.Max ?? 0);
        var scale = longest > 0 ? (PanelWidth - LabelWidth - ValueWidth - Gap) / longest : 0;
        for (var n = 0; n < columns.Length; n++)
        {
            var peer = columns[n].Peer;
            double? target = peer.IsHoli && figure.Target is { Embedded: > 0 } set ? Math.Min(set.For(peer) * scale, PanelWidth - LabelWidth - ValueWidth - Gap) : null;
            Bar(x, y + HeadHeight + (n * RowHeight), columns[n], columns[n].Spread(figure.Key), scale, target);
        }
    }

    private void Bar(int x, int y, Column column, (double Median, double Min, double Max)? spread, double scale, double? target)
    {
        var (left, middle, colour) = (x + LabelWidth, y + 9, column.Peer.IsHoli ? Ours : Theirs);
        var weight = column.Peer.IsHoli ? " font-weight=\"600\"" : "";
        Line($"""<text x="{left - 6}" y="{y + 12}" text-anchor="end" font-size="11"{weight}>{SecurityElement.Escape(column.Peer.Title)}</text>""");
        if (spread is not { } found)
        {
            Line($"""<text x="{left + 2}" y="{y + 12}" font-size="11" fill="{Faint}">–</text>""");
            return;
        }
        var (median, min, max) = (Math.Max(found.Median, 0) * scale, Math.Max(found.Min, 0) * scale, Math.Max(found.Max, 0) * scale);
        Line($"""<rect x="{left}" y="{y + 3}" width="{median:0.#}" height="12" fill="{colour}"/>""");
        if (max - min >= 1)
            Line($"""<line x1="{left + min:0.#}" y1="{middle}" x2="{left + max:0.#}" y2="{middle}" stroke="{Ink}"/>""");
        var end = Math.Max(median, max);
        if (target is { } at)
        {
            Line($"""<line x1="{left + at:0.#}" y1="{y}" x2="{left + at:0.#}" y2="{y + RowHeight}" stroke="{Ink}" stroke-width="2" stroke-dasharray="3 2"/>""");
            // The number stands behind whatever would go through it.
            end = at > end && at < end + NumberWidth ? at : end;
        }
        Line($"""<text x="{left + end + 5:0.#}" y="{y + 13}" font-size="11">{ShownFigure.Number(found.Median)}</text>""");
    }

    private void Line(FormattableString line) => _svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
