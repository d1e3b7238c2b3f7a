// The note that a perfect listener would write, made from the clinical state and not from the words, so that it is right by construction. It is labelled:
// source "reference". It has the shape of Holi.CoPilot's notes, so that a model trained on it answers in that shape.

using Holi.CoPilot.Notes;

namespace Holi.Synthetic.Notes;

/// <summary>A reference note. Statements name the segments in which their facts were said.</summary>
internal sealed record ReferenceNote
{
    public string Kind { get; init; } = "soap";

    public required string Language { get; init; }

    public required NoteStatement ChiefComplaint { get; init; }

    public required IReadOnlyList<NoteSection> Sections { get; init; }

    public required IReadOnlyList<NoteDiagnosis> Diagnoses { get; init; }

    public required IReadOnlyList<NoteMedication> Medications { get; init; }

    public required IReadOnlyList<NoteFollowUp> FollowUps { get; init; }

    public ReferenceProvenance Provenance { get; init; } = new();

    /// <summary>The statements of a section.</summary>
    public IReadOnlyList<NoteStatement> Section(string key) => Sections.First(section => section.Key == key).Statements;
}

/// <summary>Says that no model and no person wrote it.</summary>
internal sealed record ReferenceProvenance
{
    public string Source { get; init; } = "reference";

    public string MadeFrom { get; init; } = "clinicalState";

    public string Generator { get; init; } = Records.RecordMaker.Version;
}
