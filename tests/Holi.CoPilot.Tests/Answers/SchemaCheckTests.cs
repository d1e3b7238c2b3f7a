using System.Text.Json;
using Holi.CoPilot.Answers;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Prompts;

namespace Holi.CoPilot.Tests.Answers;

public sealed class SchemaCheckTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"x\"", "3")]
    [InlineData("""{"type":["string","null"]}""", "null", "3")]
    [InlineData("""{"type":"integer"}""", "3", "3.5")]
    [InlineData("""{"type":"integer"}""", "3", "3000000000")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0.5", "1.5")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0", "-0.1")]
    [InlineData("""{"enum":["a","b"]}""", "\"a\"", "\"c\"")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "null", "3")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"maxItems":2}""", "[1,2]", "[1,2,3]")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[1]", "[1,\"x\"]")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":3}""", "\"abc\"", "\"\"")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":3}""", "\"abc\"", "\"abcd\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"a":"x"}""", "{}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"a":"x"}""", """{"a":"x","b":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"a":"x"}""", """{"a":1}""")]
    public void Each_rule_takes_what_it_should_and_nothing_else(string schema, string good, string bad)
    {
        Check(schema, good).ShouldBeEmpty();
        Check(schema, bad).ShouldNotBeEmpty();
    }

    [Fact]
    public void A_problem_says_where_and_what_and_repeats_nothing()
    {
        var problems = Check(AnswerSchema.ForChecking(NoteKind.Soap).GetRawText(), """{"secretname":1,"sections":{"plan":[{"text":"secret","segments":["secret"],"confidence":2}]}}""");
        problems.ShouldContain("/sections/plan/0/segments/0 must be integer, not string");
        problems.ShouldContain("/sections/plan/0/confidence must be at most 1");
        problems.ShouldAllBe(problem => !problem.Contains("secret"));
    }

    [Fact]
    public void A_rule_that_is_not_known_is_no_silent_yes() => Should.Throw<NotSupportedException>(() => Check("""{"pattern":"x"}""", "\"y\""));

    private static IReadOnlyList<string> Check(string schema, string value) =>
        SchemaCheck.Check(JsonDocument.Parse(schema).RootElement, JsonDocument.Parse(value).RootElement);
}
