using System.Text.Json;
using Holi.CoPilot.Answers;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Tests.Answers;

public sealed class AnswerReaderTests
{
    private static readonly string Json = JsonSerializer.Serialize(Samples.Answer(Samples.Statement("Return in 1 week", 4)), AnswerJson.Default.Answer);

    [Fact]
    public void A_valid_answer_is_read_whole()
    {
        var answer = AnswerReader.Read(NoteKind.Soap, Json).Answer.ShouldNotBeNull();
        answer.Sections["plan"].ShouldHaveSingleItem().Text.ShouldBe("Return in 1 week");
        answer.ChiefComplaint!.Segments.ShouldBe([1]);
    }

    [Theory]
    [InlineData("```json\n", "\n```")]
    [InlineData("<think>The patient {maybe} has a cold.</think>\n", "")]
    [InlineData("Here is the note:\n", "\nLet me know if you need more.")]
    public void What_models_put_around_it_is_left_out(string before, string after) =>
        AnswerReader.Read(NoteKind.Soap, before + Json + after).Answer.ShouldNotBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("I cannot do that.")]
    [InlineData("{")]
    [InlineData("""{"sections": 3}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"chiefComplaint":"\ud800"}""")]
    public void What_is_no_note_says_why(string text)
    {
        var reading = AnswerReader.Read(NoteKind.Soap, text);
        reading.Answer.ShouldBeNull();
        reading.Problems.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_note_of_another_kind_is_none() => AnswerReader.Read(NoteKind.Referral, Json).Answer.ShouldBeNull();

    [Fact]
    public void Half_an_answer_is_none_wherever_it_breaks_off()
    {
        for (var length = 0; length < Json.Length; length++)
            AnswerReader.Read(NoteKind.Soap, Json[..length]).Answer.ShouldBeNull();
    }
}
