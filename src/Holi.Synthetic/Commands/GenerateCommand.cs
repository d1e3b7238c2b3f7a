using System.CommandLine;
using Holi.Synthetic.Notes;
using Holi.Synthetic.Records;
using Holi.Synthetic.Storage;

namespace Holi.Synthetic.Commands;

/// <summary><c>generate</c>: makes records and stores them, going on where an earlier run of the same recipe ended, however it ended.</summary>
internal static class GenerateCommand
{
    public static Command Build(TimeProvider time)
    {
        var count = CommandOptions.Count("How many records.");
        var seed = CommandOptions.Seed();
        var language = CommandOptions.Language();
        var store = new StoreOptions();
        var notes = new Option<string>("--notes")
        {
            Description = "none: only the reference note; template: the form that Holi.CoPilot falls back to; auto: Holi.CoPilot with the providers of its settings.",
            DefaultValueFactory = _ => "none",
        };
        notes.AcceptOnlyFromAmong("none", "template", "auto");
        var command = new Command("generate", "Makes synthetic consultations and stores them in synthetic_data. Run it again to go on where it stopped.") { count, seed, language, notes };
        store.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var rows = store.Open(parsed);
            await using var writer = RecordNotes.Open(parsed.GetRequiredValue(notes), time);
            var run = new GenerateRun(rows, Recipe.Of(parsed.GetRequiredValue(seed), parsed.GetRequiredValue(language)), writer, time);
            return await run.RunAsync(parsed.GetRequiredValue(count), cancel);
        });
        return command;
    }
}

/// <summary>One run of <c>generate</c>.</summary>
internal sealed class GenerateRun(IRecordStore rows, Recipe recipe, RecordNotes? notes, TimeProvider time)
{
    public async Task<int> RunAsync(int count, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        await rows.PrepareAsync(cancel);
        var beginning = RecordMaker.IdOf(recipe, 0)[..^6];
        var there = await rows.IdsAsync(beginning, cancel);
        var missing = Enumerable.Range(0, count).Where(number => !there.Contains(RecordMaker.IdOf(recipe, number))).ToList();
        await ProgressBar.RunAsync("records", count, count - missing.Count, async report =>
        {
            foreach (var batch in missing.Chunk(notes is null ? SyntheticLimits.BatchMax : SyntheticLimits.NotedBatchMax))
            {
                await rows.WriteAsync(await MakeAsync(batch, cancel), cancel);
                report(batch.Length);
            }
        });
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(FormattableString.Invariant(
            $"{missing.Count} records made, {count - missing.Count} were there; {seconds:F1} s, {missing.Count / Math.Max(seconds, 0.001):F0}/s; in {rows.Place}"));
        if (notes is not null)
            Console.WriteLine($"notes: {notes.Summary()}");
        return 0;
    }

    private async Task<RecordRow[]> MakeAsync(int[] numbers, CancellationToken cancel)
    {
        var made = new RecordRow[numbers.Length];
        if (notes is null)
        {
            Parallel.For(0, numbers.Length, new ParallelOptions { CancellationToken = cancel }, i =>
                made[i] = RecordRows.Of(recipe, numbers[i], RecordMaker.Make(recipe, numbers[i]), written: null));
            return made;
        }
        await Parallel.ForAsync(0, numbers.Length, new ParallelOptions { MaxDegreeOfParallelism = SyntheticLimits.NotesAtOnce, CancellationToken = cancel }, async (i, stop) =>
        {
            var record = RecordMaker.Make(recipe, numbers[i]);
            made[i] = RecordRows.Of(recipe, numbers[i], record, await notes.WriteAsync(record, stop));
        });
        return made;
    }
}
