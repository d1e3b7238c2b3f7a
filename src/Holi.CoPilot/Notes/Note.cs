namespace Holi.CoPilot.Notes;

/// <summary>
/// A draft of a clinical note. A person reads it, checks what is flagged, and signs their own: nothing signs itself. Each statement names the segments
/// of the transcript that support it; a statement that names none is flagged.
/// </summary>
public sealed record Note
{
    /// <summary>The form that was asked for.</summary>
    public required NoteKind Kind { get; init; }

    /// <summary>The transcript's.</summary>
    public required string Language { get; init; }

    /// <summary>Always true.</summary>
    public bool IsDraft { get; } = true;

    /// <summary>Why the patient came; null where nobody said it, and in a template.</summary>
    public NoteStatement? ChiefComplaint { get; init; }

    /// <summary>In the order of the kind's form, each of them present.</summary>
    public required IReadOnlyList<NoteSection> Sections { get; init; }

    /// <summary>What was named or considered.</summary>
    public IReadOnlyList<NoteDiagnosis> Diagnoses { get; init; } = [];

    /// <summary>What was mentioned, whether taken, begun or stopped.</summary>
    public IReadOnlyList<NoteMedication> Medications { get; init; } = [];

    /// <summary>What was agreed for later.</summary>
    public IReadOnlyList<NoteFollowUp> FollowUps { get; init; } = [];

    /// <summary>What a person must check before anything is signed.</summary>
    public IReadOnlyList<NoteFlag> Flags { get; init; } = [];

    /// <summary>Where the note came from.</summary>
    public required NoteProvenance Provenance { get; init; }
}

/// <summary>One part of a note's form.</summary>
/// <param name="Key">The same in all languages, such as <c>subjective</c>.</param>
/// <param name="Title">In the note's language.</param>
/// <param name="Statements">May be empty: nothing was said about it.</param>
/// <param name="Confidence">0 to 1: the mean of its statements', lowered by what is flagged; 0 where it is empty.</param>
public sealed record NoteSection(string Key, string Title, IReadOnlyList<NoteStatement> Statements, double Confidence);

/// <summary>One sentence of a note.</summary>
/// <param name="Text">In the note's language.</param>
/// <param name="Segments">Indexes of the segments that support it.</param>
/// <param name="Confidence">0 to 1, as the model says. Not a probability.</param>
public sealed record NoteStatement(string Text, IReadOnlyList<int> Segments, double Confidence);

/// <summary>A diagnosis that was named or considered.</summary>
/// <param name="Name">In words.</param>
/// <param name="Certainty"><c>confirmed</c>, <c>suspected</c> or <c>ruledOut</c>.</param>
/// <param name="Candidates">Codes that may fit, the likeliest first. A person chooses.</param>
/// <param name="Segments">Indexes of the segments that support it.</param>
/// <param name="Confidence">0 to 1, as the model says.</param>
public sealed record NoteDiagnosis(string Name, string Certainty, IReadOnlyList<Icd10Candidate> Candidates, IReadOnlyList<int> Segments, double Confidence);

/// <summary>A code of ICD-10 that may fit.</summary>
/// <param name="Code">Such as <c>E11.9</c>: of the right form; whether it is the right code, a person decides.</param>
/// <param name="Display">Its name.</param>
/// <param name="Confidence">0 to 1, as the model says.</param>
public sealed record Icd10Candidate(string Code, string Display, double Confidence);

/// <summary>A medication that was mentioned.</summary>
/// <param name="Name">As it was said, or its generic name.</param>
/// <param name="Dose">The number as it was said, such as <c>500</c> or <c>1-2</c>; null where none was said.</param>
/// <param name="Unit">Such as <c>mg</c>; null where none was said, which is flagged where there is a dose.</param>
/// <param name="Frequency">In words; null where none was said.</param>
/// <param name="Status"><c>taking</c>, <c>started</c>, <c>changed</c>, <c>stopped</c> or <c>mentioned</c>.</param>
/// <param name="Segments">Indexes of the segments that support it.</param>
public sealed record NoteMedication(string Name, string? Dose, string? Unit, string? Frequency, string Status, IReadOnlyList<int> Segments);

/// <summary>What was agreed for later.</summary>
/// <param name="Text">What.</param>
/// <param name="When">In words, as it was said; null where no time was said.</param>
/// <param name="Segments">Indexes of the segments that support it.</param>
public sealed record NoteFollowUp(string Text, string? When, IReadOnlyList<int> Segments);
