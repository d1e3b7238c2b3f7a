using Holi.CoPilot.Cache;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Tests.Cache;

/// <summary>Lesson 10: two consultations that open alike never share a note.</summary>
public sealed class NoteKeyTests
{
    private static readonly NoteRequest Request = Samples.Request() with
    {
        Patient = new PatientContext { Age = 34, Medications = [new PatientMedication("metformin", 500, "mg", "daily")], Identifiers = new PatientIdentifiers { Names = ["Ana"] } },
    };

    public static TheoryData<string, NoteRequest> Others()
    {
        var last = Request.Transcript.Segments[^1];
        NoteRequest With(TranscriptSegment segment) => Request with { Transcript = Request.Transcript with { Segments = [.. Request.Transcript.Segments.SkipLast(1), segment] } };
        return new TheoryData<string, NoteRequest>
        {
            { "tenant", Request with { Tenant = "other" } },
            { "kind", Request with { Kind = NoteKind.Progress } },
            { "language", Request with { Transcript = Request.Transcript with { Language = "es" } } },
            { "the last word", With(last with { Text = last.Text + " Please" }) },
            { "a capital letter", With(last with { Text = last.Text.ToUpperInvariant() }) },
            { "who said it", With(last with { Speaker = Speakers.Companion }) },
            { "when it was said", With(last with { End = last.End + TimeSpan.FromSeconds(1) }) },
            { "one segment less", Request with { Transcript = Request.Transcript with { Segments = [.. Request.Transcript.Segments.SkipLast(1)] } } },
            { "age", Request with { Patient = Request.Patient with { Age = 35 } } },
            { "dose", Request with { Patient = Request.Patient with { Medications = [new PatientMedication("metformin", 850, "mg", "daily")] } } },
            { "an allergy", Request with { Patient = Request.Patient with { Allergies = ["latex"] } } },
            { "whose it is", Request with { Patient = Request.Patient with { Identifiers = new PatientIdentifiers { Names = ["Eva"] } } } },
        };
    }

    [Fact]
    public void The_very_same_request_has_the_same_key() => Key(Request).ShouldBe(Key(Request with { Patient = Request.Patient with { Age = 34 } }));

    [Fact]
    public void Blanks_say_nothing()
    {
        var segments = Request.Transcript.Segments.Select(segment => segment with { Text = $"  {segment.Text.Replace(" ", "  ", StringComparison.Ordinal)}\n" });
        Key(Request with { Transcript = Request.Transcript with { Segments = [.. segments] } }).ShouldBe(Key(Request));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void Whatever_differs_the_key_does(string what, NoteRequest other) => Key(other).ShouldNotBe(Key(Request), what);

    [Fact]
    public void Another_model_provider_or_policy_has_another_key() => new[]
    {
        Key(Request), NoteKey.Of(Request, "cloud", "model-2", true), NoteKey.Of(Request, "local", "model-1", true), NoteKey.Of(Request, "cloud", "model-1", false),
        NoteKey.Of(Request, "cloudm", "odel-1", true),
    }.Distinct().Count().ShouldBe(5);

    [Fact]
    public void Two_consultations_that_open_alike_for_thousands_of_characters_never_share()
    {
        var opening = string.Concat(Enumerable.Repeat("Good morning, how are you? ", 400));
        Key(Samples.Request(opening, "I am fine.")).ShouldNotBe(Key(Samples.Request(opening, "I am ill.")));
    }

    private static string Key(NoteRequest request) => NoteKey.Of(request, "cloud", "model-1", true);
}
