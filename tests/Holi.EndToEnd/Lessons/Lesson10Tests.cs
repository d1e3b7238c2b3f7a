using Holi.EndToEnd.Backends;

namespace Holi.EndToEnd.Lessons;

/// <summary>"The AI cache key was the first 24 bytes of the transcript: two consultations that opened alike shared one patient's note."</summary>
public sealed class Lesson10Tests
{
    [Fact]
    public async Task Lesson_10_two_consultations_that_open_alike_never_share_a_note_and_the_very_same_one_does()
    {
        await using var clinic = await NotesBackend.StartAsync();
        var opening = string.Concat(Enumerable.Repeat("Good morning, how are you today? ", 100));
        (await clinic.AskAsync(opening, "My knee hurts.")).ShouldBe(("local", "My knee hurts."));
        (await clinic.AskAsync(opening, "My chest hurts.")).ShouldBe(("local", "My chest hurts."));
        (await clinic.AskAsync(opening, "My knee hurts.")).ShouldBe(("cache", "My knee hurts."));
    }
}
