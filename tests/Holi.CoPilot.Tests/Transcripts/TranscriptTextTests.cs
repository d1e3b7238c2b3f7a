using Holi.CoPilot.Notes;
using Holi.CoPilot.Transcripts;

namespace Holi.CoPilot.Tests.Transcripts;

public sealed class TranscriptTextTests
{
    [Fact]
    public void Plain_text_with_names_before_colons_is_a_transcript()
    {
        var transcript = TranscriptText.Read("en", "Doctor: What brings you in?\nPatient: My knee hurts.\nIt is worse at night.\n\nMother: He fell: twice.");
        transcript.Segments.Select(segment => (segment.Speaker, segment.Text)).ShouldBe(
            [(Speakers.Doctor, "What brings you in?"), (Speakers.Patient, "My knee hurts. It is worse at night."), (Speakers.Companion, "He fell: twice.")]);
    }

    [Theory]
    [InlineData("es", "Médico: Buenos días.\nPaciente: Me duele la rodilla.")]
    [InlineData("pt", "Médica: Bom dia.\nPaciente: Meu joelho dói.")]
    [InlineData("en", "**Dr.:** Hello.\n**Patient:** Hi.")]
    public void Speakers_are_known_in_all_three_languages(string language, string text) =>
        TranscriptText.Read(language, text).Segments.Select(segment => segment.Speaker).ShouldBe([Speakers.Doctor, Speakers.Patient]);

    [Fact]
    public void Times_are_read_and_a_segment_ends_where_the_next_begins()
    {
        var segments = TranscriptText.Read("en", "[00:01:05] Doctor: Hello.\n01:30 Patient: Hi.").Segments;
        segments.Select(segment => (segment.Start.TotalSeconds, segment.End.TotalSeconds)).ShouldBe([(65, 90), (90, 90)]);
    }

    [Fact]
    public void A_text_of_very_many_lines_is_read_once() =>
        TranscriptText.Read("en", string.Concat(Enumerable.Repeat("a\n", 1_000_000))).Segments.ShouldHaveSingleItem().Text.Length.ShouldBe(1_999_999);

    [Fact]
    public void Who_says_it_may_be_unknown() =>
        TranscriptText.Read("en", "Somebody says something.").Segments.ShouldHaveSingleItem().Speaker.ShouldBe(Speakers.Unknown);
}
