using System.CommandLine;
using Holi.Synthetic.Report;

namespace Holi.Synthetic.Commands;

/// <summary><c>report</c>: one HTML file about the stored records, for a clinician to read.</summary>
internal static class ReportCommand
{
    public static Command Build()
    {
        var file = new Option<string>("--out") { Description = "The HTML file.", DefaultValueFactory = _ => "synthetic.html" };
        var store = new StoreOptions();
        var command = new Command("report", "Writes one self-contained HTML page: distributions, consistency checks, samples.") { file };
        store.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var rows = store.Open(parsed);
            await rows.PrepareAsync(cancel);
            var tally = new ReportTally();
            await foreach (var row in rows.ReadAsync(cancel))
                tally.Add(row);
            if (tally.Checks.Records == 0)
            {
                Console.Error.WriteLine($"There are no records in {rows.Place}: make some with `generate`.");
                return 1;
            }
            await File.WriteAllTextAsync(parsed.GetRequiredValue(file), HtmlReport.Of(tally, Path.GetFileName(rows.Place)), cancel);
            Console.WriteLine($"{tally.Checks.Records} records, {tally.Checks.Violations} violations, in {parsed.GetRequiredValue(file)}");
            return tally.Checks.Violations == 0 ? 0 : 1;
        });
        return command;
    }
}
