using Holi.CoPilot.Notes;
using Holi.Synthetic.Checks;
using Holi.Synthetic.Commands;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Tests.Checks;

public sealed class RecordCheckTests
{
    private static readonly Recipe Mix = Recipe.Of(20250106, "mix");

    // The whole proof is `check --count 100000`; this is a slice of it, of another seed than the one that is usually run.
    [Fact]
    public void Generated_records_break_no_rule()
    {
        var tally = new CheckTally();
        Parallel.For(0, 3000, number => tally.Add(RecordMaker.Make(Mix, number)));
        var found = new StringWriter();
        tally.Print(found, TimeSpan.Zero);
        tally.Violations.ShouldBe(0, found.ToString());
    }

    [Fact]
    public void Every_rule_is_shown_to_find_what_it_is_for()
    {
        var planted = PlantedErrors.All.Select(error => error.Rule).Distinct().Order().ToList();
        planted.ShouldBe(RecordCheck.Rules.Select(rule => rule.Rule).Order());
    }

    public static TheoryData<string> Planted() => [.. PlantedErrors.All.Select(error => error.Name)];

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_planted_error_is_found(string name)
    {
        var error = PlantedErrors.All.Single(one => one.Name == name);
        var tried = 0;
        for (var number = 0; number < 4000 && tried < 3; number++)
        {
            if (error.Plant(RecordMaker.Make(Mix, number)) is not { } broken)
                continue;
            tried++;
            RecordCheck.Of(ClinicalTable.Current, broken).Select(violation => violation.Rule).ShouldContain(error.Rule, $"record {number}");
        }
        tried.ShouldBeGreaterThan(0, "no record fits this error");
    }

    [Fact]
    public void A_clean_record_stays_clean_when_it_is_stored_and_read()
    {
        var record = RecordRows.Record(RecordRows.Of(Mix, 3, RecordMaker.Make(Mix, 3), null));
        RecordCheck.Of(ClinicalTable.Current, record).ShouldBeEmpty();
    }

    [Fact]
    public void Turns_have_the_shape_that_CoPilot_takes()
    {
        var transcript = RecordMaker.Make(Mix, 1).Transcript;
        transcript.Segments.Select(segment => segment.Index).ShouldBe(Enumerable.Range(0, transcript.Segments.Count));
        transcript.Segments.ShouldAllBe(segment => Speakers.All.Contains(segment.Speaker));
    }
}
