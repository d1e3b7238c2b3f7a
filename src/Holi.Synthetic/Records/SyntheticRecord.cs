using Holi.CoPilot.Notes;
using Holi.Synthetic.Notes;

namespace Holi.Synthetic.Records;

/// <summary>One record: a person, what happened to them, what was said about it, and the note.</summary>
/// <param name="Facts">In which segments each fact of the state was said.</param>
internal sealed record SyntheticRecord(
    string Id, Patient Patient, Encounter Encounter, Transcript Transcript, IReadOnlyDictionary<string, IReadOnlyList<int>> Facts, ReferenceNote Reference)
{
    public Language Language => Languages.Of(Patient.Language);
}

/// <summary>Which records: the same recipe gives the same bytes.</summary>
/// <param name="Languages">One language, or several in equal parts.</param>
internal sealed record Recipe(long Seed, IReadOnlyList<Language> Languages)
{
    /// <summary>As it is typed and stored: <c>en</c>, <c>es</c>, <c>pt</c> or <c>mix</c>.</summary>
    public string LanguageName => Languages.Count == 1 ? Languages[0].Code() : "mix";

    public static Recipe Of(long seed, string language) => new(seed, language == "mix" ? Synthetic.Languages.All : [Synthetic.Languages.Of(language)]);
}
