using Holi.EndToEnd.Backends;

namespace Holi.EndToEnd.Lessons;

/// <summary>"A template fallback was cached for a week as if it were a real note."</summary>
public sealed class Lesson11Tests
{
    [Fact]
    public async Task Lesson_11_a_template_is_labelled_and_never_handed_out_again()
    {
        await using var clinic = await NotesBackend.StartAsync();
        await clinic.Model.AlwaysAsync("status 400");
        (await clinic.AskAsync("What is it?", "My knee hurts.")).ShouldBe(("template", null));
        await clinic.Model.AlwaysAsync("ok");
        (await clinic.AskAsync("What is it?", "My knee hurts.")).ShouldBe(("local", "My knee hurts."));
    }
}
