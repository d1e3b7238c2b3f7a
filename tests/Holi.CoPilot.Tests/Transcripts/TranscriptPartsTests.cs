using CsCheck;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Transcripts;

namespace Holi.CoPilot.Tests.Transcripts;

public sealed class TranscriptPartsTests
{
    private static readonly Gen<Transcript> Any =
        Gen.String[Gen.Char["abc  "], 0, 400].List[1, 40].Select(texts => Samples.In("en", [.. texts.Select(text => $"patient: {text}")]));

    [Fact]
    public void What_fits_is_one_part()
    {
        var segments = Samples.Transcript("Hello", "Hello doctor").Segments;
        TranscriptParts.Split(segments, 1_000, 2).ShouldHaveSingleItem().ShouldBe(segments);
    }

    [Fact]
    public void Every_part_fits_and_every_word_is_in_one_in_its_order() => Any.Sample(transcript =>
    {
        var parts = TranscriptParts.Split(transcript.Segments, 300, 2);
        parts.ShouldAllBe(part => part.Sum(segment => segment.Text.Length + 24) <= 300);
        // Without the overlap, each segment's pieces are its words in their order.
        foreach (var segment in transcript.Segments)
        {
            var pieces = parts.SelectMany(part => part).Where(piece => piece.Index == segment.Index).Select(piece => piece.Text).ToList();
            Words(pieces).ShouldContain(Words([segment.Text]));
        }
        parts.SelectMany(part => part).Select(piece => piece.Index).Distinct().ShouldBe(transcript.Segments.Select(segment => segment.Index));
    }, iter: 200);

    [Fact]
    public void A_part_begins_with_the_end_of_the_one_before_so_that_an_answer_keeps_its_question()
    {
        var segments = Samples.Transcript([.. Enumerable.Range(0, 20).Select(i => $"Sentence number {i} of this long talk.")]).Segments;
        var parts = TranscriptParts.Split(segments, 400, 2);
        parts.Count.ShouldBeGreaterThan(1);
        for (var i = 1; i < parts.Count; i++)
            parts[i].Take(2).ShouldBe(parts[i - 1].TakeLast(2));
    }

    [Fact]
    public void Three_hours_fit_into_the_parts_of_a_small_model()
    {
        var segments = Samples.Transcript([.. Enumerable.Range(0, 1_800).Select(i => new string('x', 80))]).Segments;
        TranscriptParts.Split(segments, 12_000, 2).Count.ShouldBeLessThanOrEqualTo(new CoPilotLimits().Parts);
    }

    private static string Words(IEnumerable<string> texts) => string.Concat(texts).Replace(" ", "", StringComparison.Ordinal);
}
