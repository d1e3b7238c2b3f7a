using System.Text.Json;
using CsCheck;
using Holi.CoPilot.Answers;

namespace Holi.CoPilot.Tests.Answers;

public sealed class StatementReaderTests
{
    private static readonly Answer Answer = Samples.Answer(Samples.Statement("Drink \"plenty\" of water {daily} – 2 l", 4), Samples.Statement("Return in 1 week", 4));

    private static readonly string Json = JsonSerializer.Serialize(Answer, AnswerJson.Default.Answer);

    private static readonly string[] Expected = [.. Answer.Sections.SelectMany(section => section.Value.Select(statement => $"{section.Key}: {statement.Text}"))];

    [Fact]
    public void However_the_text_is_cut_each_statement_is_told_once_in_order() => Gen.Int[1, 60].List[1, 400].Sample(lengths =>
    {
        var (reader, found, at) = (new StatementReader(), new List<string>(), 0);
        foreach (var length in lengths.Append(Json.Length))
        {
            var end = Math.Min(Json.Length, at + length);
            found.AddRange(reader.Feed(Json[at..end]).Select(one => $"{one.Section}: {one.Statement.Text}"));
            at = end;
        }
        found.ShouldBe(Expected);
    }, iter: 300);

    [Fact]
    public void A_statement_is_told_as_soon_as_it_is_finished()
    {
        var reader = new StatementReader();
        var end = Json.IndexOf("Denies fever", StringComparison.Ordinal);
        reader.Feed(Json[..end]).ShouldHaveSingleItem().Statement.Text.ShouldBe("Sore throat for 3 days");
    }

    [Fact]
    public void Thoughts_and_fences_before_it_are_left_out()
    {
        var reader = new StatementReader();
        reader.Feed("<think>{\"sections\": ").ShouldBeEmpty();
        reader.Feed("hm}</think>\n```json\n").ShouldBeEmpty();
        reader.Feed(Json).Count.ShouldBe(Expected.Length);
    }

    [Fact]
    public void What_is_no_JSON_tells_nothing_and_breaks_nothing()
    {
        var reader = new StatementReader();
        reader.Feed("{\"sections\": {\"plan\": [ oops").ShouldBeEmpty();
        reader.Feed(Json).ShouldBeEmpty();
    }
}
