using Holi.CoPilot.Notes;
using Holi.CoPilot.Transcripts;

namespace Holi.CoPilot.Tests.Transcripts;

public sealed class RequestCheckTests
{
    private static readonly CoPilotLimits Limits = new();

    public static TheoryData<string, NoteRequest, NoteBudget> Wrong()
    {
        var good = Samples.Request();
        var segment = good.Transcript.Segments[0];
        return new TheoryData<string, NoteRequest, NoteBudget>
        {
            { "tenant", good with { Tenant = "" }, Samples.Minute },
            { "kind", good with { Kind = (NoteKind)9 }, Samples.Minute },
            { "transcript.language", good with { Transcript = good.Transcript with { Language = "de" } }, Samples.Minute },
            { "transcript.segments", good with { Transcript = good.Transcript with { Segments = [] } }, Samples.Minute },
            { "transcript.segments[0].index", good with { Transcript = good.Transcript with { Segments = [segment with { Index = 1 }] } }, Samples.Minute },
            { "transcript.segments[0].speaker", good with { Transcript = good.Transcript with { Segments = [segment with { Speaker = "dog" }] } }, Samples.Minute },
            { "transcript.segments[0]", good with { Transcript = good.Transcript with { Segments = [segment with { Start = TimeSpan.FromSeconds(9), End = TimeSpan.FromSeconds(8) }] } }, Samples.Minute },
            { "transcript.segments[0]", good with { Transcript = good.Transcript with { Segments = [segment with { End = TimeSpan.FromHours(4) }] } }, Samples.Minute },
            { "transcript: nothing", good with { Transcript = good.Transcript with { Segments = [segment with { Text = " " }] } }, Samples.Minute },
            { "transcript: may", good with { Transcript = good.Transcript with { Segments = [segment with { Text = new string('x', 400_000) }] } }, Samples.Minute },
            { "patient.age", good with { Patient = good.Patient with { Age = -1 } }, Samples.Minute },
            { "patient.allergies", good with { Patient = good.Patient with { Allergies = [new string('x', 501)] } }, Samples.Minute },
            { "patient.problems", good with { Patient = good.Patient with { Problems = [.. Enumerable.Repeat("x", 201)] } }, Samples.Minute },
            { "budget", good, new NoteBudget(TimeSpan.Zero) },
            { "budget", good, new NoteBudget(TimeSpan.FromHours(1)) },
            { "budget", good, new NoteBudget(TimeSpan.FromSeconds(1), 0) },
        };
    }

    [Fact]
    public void A_good_request_is_one() => Should.NotThrow(() => RequestCheck.Check(Samples.Request(), Samples.Minute, Limits));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named_by_its_place(string place, NoteRequest request, NoteBudget budget) =>
        Should.Throw<NoteRequestException>(() => RequestCheck.Check(request, budget, Limits)).Message.ShouldStartWith(place);

    [Fact]
    public void Nothing_that_was_said_is_in_the_message()
    {
        var request = Samples.Request("Maria Lopez lives at 5 Elm Street");
        var wrong = request with { Transcript = request.Transcript with { Segments = [request.Transcript.Segments[0] with { Speaker = "Maria Lopez" }] } };
        Should.Throw<NoteRequestException>(() => RequestCheck.Check(wrong, Samples.Minute, Limits)).Message.ShouldNotContain("Maria");
    }
}
