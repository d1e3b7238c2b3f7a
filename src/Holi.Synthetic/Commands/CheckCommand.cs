using System.Collections.Concurrent;
using System.CommandLine;
using Holi.Synthetic.Checks;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Commands;

/// <summary><c>check</c>: looks for what cannot be, in records that it makes itself or in those that are stored.</summary>
internal static class CheckCommand
{
    public static Command Build(TimeProvider time)
    {
        var count = CommandOptions.Count("How many records to make and check.");
        var seed = CommandOptions.Seed();
        var language = CommandOptions.Language();
        var store = new StoreOptions();
        var command = new Command("check", "Checks records for consistency; with --db or --postgres those that are stored. Exit code 1 where anything is found.") { count, seed, language };
        store.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var start = time.GetTimestamp();
            var tally = new CheckTally();
            if (store.IsNamed(parsed))
                await StoredAsync(store, parsed, tally, cancel);
            else
                await MadeAsync(Recipe.Of(parsed.GetRequiredValue(seed), parsed.GetRequiredValue(language)), parsed.GetRequiredValue(count), tally, cancel);
            tally.Print(Console.Out, time.GetElapsedTime(start));
            return tally.Violations == 0 ? 0 : 1;
        });
        return command;
    }

    private static Task MadeAsync(Recipe recipe, int count, CheckTally tally, CancellationToken cancel) => ProgressBar.RunAsync("checked", count, 0, report =>
        Task.Run(() => Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, number =>
        {
            tally.Add(RecordMaker.Make(recipe, number));
            report(1);
        }), cancel));

    private static async Task StoredAsync(StoreOptions store, ParseResult parsed, CheckTally tally, CancellationToken cancel)
    {
        await using var rows = store.Open(parsed);
        await rows.PrepareAsync(cancel);
        await foreach (var row in rows.ReadAsync(cancel))
            tally.Add(RecordRows.Record(row));
    }
}

/// <summary>What the checks found, rule by rule. Any thread may add.</summary>
internal sealed class CheckTally
{
    private readonly ConcurrentDictionary<string, int> _byRule = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _shown = new();
    private int _records, _violations;

    public int Records => _records;

    public int Violations => _violations;

    public int Of(string rule) => _byRule.GetValueOrDefault(rule);

    public void Add(SyntheticRecord record)
    {
        Interlocked.Increment(ref _records);
        foreach (var violation in RecordCheck.Of(ClinicalTable.Current, record))
        {
            _byRule.AddOrUpdate(violation.Rule, 1, (_, count) => count + 1);
            if (Interlocked.Increment(ref _violations) <= SyntheticLimits.ViolationsShown)
                _shown.Enqueue($"{record.Id} {record.Encounter.Condition}: {violation.Rule}: {violation.Detail}");
        }
    }

    public void Print(TextWriter to, TimeSpan elapsed)
    {
        foreach (var violation in _shown)
            to.WriteLine(violation);
        foreach (var (rule, _) in RecordCheck.Rules)
            to.WriteLine(FormattableString.Invariant($"{rule,-18} {Of(rule),8}"));
        to.WriteLine(FormattableString.Invariant($"{_records} records, {_violations} violations, {elapsed.TotalSeconds:F1} s"));
    }
}
