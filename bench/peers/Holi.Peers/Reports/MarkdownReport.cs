using System.Globalization;
using System.Text;

namespace Holi.Peers.Reports;

/// <summary>The table for readers: what each figure is worth stands right beside it, in what its peer guarantees.</summary>
internal static class MarkdownReport
{
    public static string Write(IReadOnlyList<Column> columns, Run run)
    {
        var text = new StringBuilder();
        text.AppendLine(run.ToString()).AppendLine();
        var measured = columns.Where(column => column.Missing is null).ToArray();
        WriteFigures(text, measured);
        WriteGuarantees(text, measured);
        WriteSettings(text, measured);
        foreach (var column in columns.Where(column => column.Missing is not null))
            text.AppendLine(CultureInfo.InvariantCulture, $"- **{column.Peer.Title}** could not be measured: {column.Missing}.");
        foreach (var column in measured)
        {
            foreach (var note in column.Notes)
                text.AppendLine(CultureInfo.InvariantCulture, $"- {column.Peer.Title}: {note}.");
        }
        return text.ToString();
    }

    /// <summary>What a kill of the server cost, in words; null where it was not tried.</summary>
    public static string? Survival(Column column)
    {
        if (column.Spread("kill.lost") is not { } lost)
            return null;
        var (doubled, wrong) = (column.Spread("kill.duplicated")!.Value.Max, column.Spread("kill.outOfOrder")!.Value.Max);
        if (lost.Max > 0)
            return string.Create(CultureInfo.InvariantCulture, $"no: {lost.Max:N0} of {column.Spread("kill.acknowledgedBeforeKill")!.Value.Max:N0} acknowledged texts lost");
        return doubled + wrong == 0 ? "yes: 0 lost, 0 twice, 0 out of order" : string.Create(CultureInfo.InvariantCulture, $"0 lost, {doubled:N0} twice, {wrong:N0} out of order");
    }

    private static void WriteFigures(StringBuilder text, Column[] columns)
    {
        var shown = ShownFigure.All.Where(figure => columns.Any(column => column.Spread(figure.Key) is not null)).ToArray();
        Row(text, ["", "Holi's target", .. columns.Select(column => column.Peer.IsHoli ? $"**{column.Peer.Title}**" : column.Peer.Title)]);
        Row(text, Enumerable.Repeat("---", columns.Length + 2));
        foreach (var figure in shown)
            Row(text, [figure.Title, figure.Target?.ToString() ?? "", .. columns.Select(column => Cell(column, figure))]);
        if (columns.Any(column => Survival(column) is not null))
            Row(text, ["survives kill -9 (tried)", "yes", .. columns.Select(column => Survival(column) ?? "")]);
        text.AppendLine();
    }

    private static void WriteGuarantees(StringBuilder text, Column[] columns)
    {
        Row(text, ["what the figures stand for", "durable when acknowledged", "order", "delivery", "for who is away", "who may connect"]);
        Row(text, Enumerable.Repeat("---", 6));
        foreach (var peer in columns.Select(column => column.Peer))
            Row(text, [peer.Title, peer.Guarantees.Durable, peer.Guarantees.Order, peer.Guarantees.Delivery, peer.Guarantees.Absent, peer.Guarantees.Knows]);
        text.AppendLine();
    }

    private static void WriteSettings(StringBuilder text, Column[] columns)
    {
        Row(text, ["", "version", "settings"]);
        Row(text, Enumerable.Repeat("---", 3));
        foreach (var column in columns)
            Row(text, [column.Peer.Title, column.Version, column.Peer.Settings]);
        text.AppendLine();
    }

    // Median (least–greatest); where several programs serve, the share of each; and of ours, whether it is what we wanted.
    private static string Cell(Column column, ShownFigure figure)
    {
        var key = figure.Key;
        if (column.Spread(key) is not { } spread)
            return "–";
        var (median, min, max) = (ShownFigure.Number(spread.Median), ShownFigure.Number(spread.Min), ShownFigure.Number(spread.Max));
        var cell = min == max ? median : $"{median} ({min}–{max})";
        var parts = column.Values.Keys.Where(other => other.StartsWith(key + ".", StringComparison.Ordinal)).ToArray();
        if (parts.Length > 0)
            cell += ": " + string.Join(", ", parts.Select(part => $"{part[(key.Length + 1)..]} {ShownFigure.Number(column.Spread(part)!.Value.Median)}"));
        return column.Peer.IsHoli && figure.Target is { } target ? $"{cell}, {target.Verdict(column.Peer, spread.Median)}" : cell;
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
