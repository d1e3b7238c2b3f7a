using System.Text.Json.Serialization;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Answers;

/// <summary>What a model wrote, in the form that it was asked for.</summary>
internal sealed record Answer(
    NoteStatement? ChiefComplaint,
    IReadOnlyDictionary<string, IReadOnlyList<NoteStatement>> Sections,
    IReadOnlyList<NoteDiagnosis> Diagnoses,
    IReadOnlyList<NoteMedication> Medications,
    IReadOnlyList<NoteFollowUp> FollowUps);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Answer))]
internal sealed partial class AnswerJson : JsonSerializerContext;

/// <summary>An answer, or what is wrong with it: places and rules, nothing of what it says.</summary>
internal readonly record struct AnswerReading(Answer? Answer, IReadOnlyList<string> Problems)
{
    public static AnswerReading Invalid(params IReadOnlyList<string> problems) => new(null, problems);
}
