using CsCheck;
using Holi.Client.Store;

namespace Holi.Client.Tests.Store;

/// <summary>Renumbering by runs, against a plain list that holds every command.</summary>
public sealed class SeqRunsTests
{
    private sealed record Entry(long Row, ulong Seq, uint FirstGeneration, ulong FirstSeq);

    [Fact]
    public void Runs_say_the_same_as_a_list_of_every_command() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1000]).Array[1, 60].Sample(steps =>
        {
            var model = new List<Entry>();
            var state = new StoreState { Generation = 1 };
            foreach (var (kind, amount) in steps)
                Step(model, state, kind, amount);
        }, iter: 300);

    private static void Step(List<Entry> model, StoreState state, int kind, int amount)
    {
        switch (kind)
        {
            case 0 or 1:
                for (var count = amount % 20; count > 0; count--)
                {
                    state.Runs.Add(new SeqRun(state.NextRow, ++state.LastAssigned, 1, 0, 0));
                    model.Add(new Entry(state.NextRow++, state.LastAssigned, 0, 0));
                }
                break;
            case 2:
                state.Known += (ulong)amount % (state.LastAssigned - state.Known + 1);
                state.Runs.DropThrough(state.Known);
                model.RemoveAll(entry => entry.Seq <= state.Known);
                break;
            default:
                var random = new Random(amount);
                var lost = model.Where(_ => random.Next(6) == 0).Select(entry => entry.Row).ToArray();
                var generation = state.Generation;
                state.Renumber(generation + 1, lost);
                var kept = model.Where(entry => !lost.Contains(entry.Row)).ToList();
                model.Clear();
                foreach (var entry in kept)
                {
                    model.Add(entry.FirstGeneration == 0
                        ? new Entry(entry.Row, (ulong)model.Count + 1, generation, entry.Seq)
                        : entry with { Seq = (ulong)model.Count + 1 });
                }
                break;
        }
        Flatten(state.Runs).ShouldBe(model);
        foreach (var entry in model)
        {
            state.Runs.TryFindRow(entry.Seq, out var row).ShouldBeTrue();
            row.ShouldBe(entry.Row);
            state.Runs.TryFindRun(entry.Row, out var run).ShouldBeTrue();
            run.Seq.ShouldBe(entry.Seq);
        }
        state.Runs.TryFindRow(state.LastAssigned + 1, out _).ShouldBeFalse();
        state.LastAssigned.ShouldBe(model.Count > 0 ? model[^1].Seq : state.LastAssigned);
        Reread(state).Runs.All.ShouldBe(state.Runs.All);
    }

    private static IEnumerable<Entry> Flatten(SeqRuns runs)
    {
        foreach (var run in runs.All)
        {
            for (var rest = run; rest.Count > 0; rest = rest.Without(1))
                yield return new Entry(rest.Row, rest.Seq, rest.FirstGeneration, rest.FirstSeq);
        }
    }

    private static StoreState Reread(StoreState state)
    {
        var content = new ContentWriter();
        state.Write(content);
        StoreState.TryRead(content.Written, out var reread).ShouldBeTrue();
        return reread;
    }
}
