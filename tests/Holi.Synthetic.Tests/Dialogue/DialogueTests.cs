using Holi.CoPilot.Notes;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Tests.Dialogue;

public sealed class DialogueTests
{
    private static readonly List<SyntheticRecord> Records = [.. Enumerable.Range(0, 600).AsParallel().AsOrdered().Select(number => RecordMaker.Make(Recipe.Of(11, "mix"), number))];

    [Fact]
    public void All_three_languages_can_say_the_same_parts()
    {
        foreach (var language in Languages.All)
        {
            var parts = Phrases.Of(language).Parts.Where(part => !IsOptional(part)).Order().ToList();
            string.Join(' ', parts).ShouldBe(string.Join(' ', Phrases.Of(Language.English).Parts.Where(part => !IsOptional(part)).Order()));
        }
    }

    [Fact]
    public void No_way_to_say_something_is_there_twice() =>
        Languages.All.SelectMany(language => Phrases.Of(language).Parts.Select(part => Phrases.Of(language)[part]))
            .ShouldAllBe(ways => ways.Count > 0 && ways.Distinct().Count() == ways.Count);

    [Fact]
    public void No_two_dialogues_are_alike() =>
        Records.Select(record => string.Join('\n', record.Transcript.Segments.Select(segment => segment.Text))).Distinct().Count().ShouldBe(Records.Count);

    [Fact]
    public void Two_dialogues_of_one_condition_share_less_than_half_of_their_turns()
    {
        foreach (var group in Records.GroupBy(record => (record.Encounter.Condition, record.Language)).Where(group => group.Count() > 1))
        {
            var pair = group.Take(2).Select(record => record.Transcript.Segments.Select(segment => segment.Text).ToHashSet()).ToList();
            (pair[0].Intersect(pair[1]).Count() / (double)Math.Min(pair[0].Count, pair[1].Count)).ShouldBeLessThan(0.5, group.Key.ToString());
        }
    }

    [Fact]
    public void A_dialogue_is_as_long_as_a_consultation_in_primary_care()
    {
        var minutes = Records.Average(record => record.Transcript.Segments[^1].End.TotalMinutes);
        minutes.ShouldBeInRange(5, 15);
        Records.Average(record => record.Transcript.Segments.Sum(segment => segment.Text.Split(' ').Length)).ShouldBeInRange(500, 1500);
    }

    [Fact]
    public void People_hesitate_deny_chat_and_stray()
    {
        Records.ShouldContain(record => record.Facts.ContainsKey("distractor"));
        Records.ShouldContain(record => record.Facts.ContainsKey("misheard"));
        Records.Count(record => record.Encounter.Denied.Count > 0).ShouldBeGreaterThan(Records.Count * 9 / 10);
        foreach (var language in Languages.All)
        {
            var fillers = Phrases.Of(language)["filler"];
            Records.Where(record => record.Language == language).SelectMany(record => record.Transcript.Segments)
                .Count(segment => fillers.Any(filler => segment.Text.StartsWith(filler, StringComparison.Ordinal))).ShouldBeGreaterThan(100);
        }
    }

    [Fact]
    public void What_is_misheard_is_corrected_at_once_and_is_in_no_note()
    {
        foreach (var record in Records.Where(record => record.Facts.ContainsKey("misheard")))
        {
            var at = record.Facts["misheard"][0];
            record.Transcript.Segments[at + 1].Speaker.ShouldBe(Speakers.Doctor);
            record.Reference.Sections.SelectMany(section => section.Statements).ShouldAllBe(statement => !statement.Segments.Contains(at));
        }
    }

    [Fact]
    public void For_a_small_child_a_parent_answers_and_the_child_speaks_little()
    {
        var children = Records.Where(record => record.Patient.Age < 12).ToList();
        children.ShouldNotBeEmpty();
        foreach (var record in children)
        {
            record.Encounter.Companion.ShouldBeOneOf("mother", "father");
            record.Transcript.Segments.Count(segment => segment.Speaker == Speakers.Patient)
                .ShouldBeLessThan(record.Transcript.Segments.Count(segment => segment.Speaker == Speakers.Companion));
        }
    }

    [Fact]
    public void Somebody_with_an_allergy_is_told_why_they_get_something_else()
    {
        var avoided = Records.Where(record => record.Encounter.AvoidedAllergen is not null).ToList();
        avoided.ShouldNotBeEmpty();
        foreach (var record in avoided)
        {
            var name = ClinicalTable.Current.Allergens[record.Encounter.AvoidedAllergen!].Names[record.Language];
            record.Transcript.Segments.ShouldContain(segment => segment.Speaker == Speakers.Doctor && segment.Text.Contains(name, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData("{p:cansado|cansada}", true, "cansada")]
    [InlineData("{f:te|{p:lo|la}}", true, "la")]
    [InlineData("{Drug}.", false, "Amoxicillin.")]
    public void Places_are_filled_inside_of_choices_too(string phrase, bool isFemale, string text) =>
        Template.Fill(phrase, new Agreement(isFemale, false, false, IsFormal: true), new Dictionary<string, string> { ["drug"] = "amoxicillin" }).ShouldBe(text);

    [Fact]
    public void A_place_that_nothing_stands_for_is_an_error_and_never_empty() =>
        Should.Throw<FormatException>(() => Template.Fill("{nobody}", new Agreement(false, false, false, false), new Dictionary<string, string>()));

    /// <summary>Wordings that only one grammar needs.</summary>
    private static bool IsOptional(string part) => part.EndsWith("-child", StringComparison.Ordinal) || part.EndsWith(".one", StringComparison.Ordinal);
}
