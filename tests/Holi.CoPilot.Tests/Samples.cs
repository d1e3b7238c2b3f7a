using Holi.CoPilot.Answers;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Tests;

/// <summary>Invented consultations, answers and providers that tests begin from.</summary>
internal static class Samples
{
    public static NoteBudget Minute { get; } = new(TimeSpan.FromMinutes(1));

    public static Transcript Transcript(params string[] lines) => Transcript("en", lines);

    /// <summary>Doctor and patient take turns, the doctor first, unless a line begins with <c>doctor:</c> or the like.</summary>
    public static Transcript In(string language, params string[] lines) => Transcript(language, lines);

    public static NoteRequest Request(params string[] lines) => new()
    {
        Tenant = "clinic",
        Transcript = Transcript(lines.Length > 0 ? lines : ["What brings you in today?", "I have had a sore throat for three days.", "Any fever?", "No, no fever.", "Drink plenty and come back in one week."]),
        Patient = new PatientContext { Age = 34, Sex = "female", Allergies = ["penicillin"] },
    };

    public static NoteStatement Statement(string text, params int[] segments) => new(text, segments, 0.9);

    public static Answer Answer(params NoteStatement[] plan) => new(
        Statement("Sore throat", 1),
        new Dictionary<string, IReadOnlyList<NoteStatement>>
        {
            ["subjective"] = [Statement("Sore throat for 3 days", 1), Statement("Denies fever", 2, 3)],
            ["objective"] = [],
            ["assessment"] = [],
            ["plan"] = plan,
        },
        [], [], []);

    public static ProviderOptions Cloud(Uri root, bool usesLibrary = true) => ProviderOptions.Anthropic("a-key") with
    {
        Name = "cloud", Endpoint = root, UsesLibrary = usesLibrary, CallsPerMinute = 100_000,
        FirstTokenTimeout = TimeSpan.FromSeconds(10), IdleTimeout = TimeSpan.FromSeconds(10),
    };

    public static ProviderOptions Local(Uri v1) => ProviderOptions.LmStudio() with
    {
        Endpoint = v1, Model = "tiny", CallsPerMinute = 100_000, FirstTokenTimeout = TimeSpan.FromSeconds(10), IdleTimeout = TimeSpan.FromSeconds(10), ContextTokens = 32_000,
    };

    private static Transcript Transcript(string language, string[] lines) => new(language, [.. lines.Select((line, i) =>
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        var named = colon > 0 && Speakers.All.Contains(line[..colon]);
        var speaker = named ? line[..colon] : i % 2 == 0 ? Speakers.Doctor : Speakers.Patient;
        return new TranscriptSegment(i, speaker, TimeSpan.FromSeconds(i * 5), TimeSpan.FromSeconds((i * 5) + 4), named ? line[(colon + 2)..] : line);
    })]);
}
