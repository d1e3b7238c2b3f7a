namespace Holi.CoPilot.Notes;

/// <summary>Something that a person must check.</summary>
/// <param name="Kind">What about it.</param>
/// <param name="Where">The part of the note, such as <c>sections/plan/2</c>, <c>medications/0</c>; empty: all of it.</param>
/// <param name="Message">For a person, in the note's language.</param>
/// <param name="Segments">Indexes of the segments to look at.</param>
public sealed record NoteFlag(NoteFlagKind Kind, string Where, string Message, IReadOnlyList<int> Segments);

/// <summary>What must be checked. In JSON in camelCase.</summary>
public enum NoteFlagKind
{
    /// <summary>Names no segment, or what it says is not in the segments that it names.</summary>
    UnsupportedStatement,

    /// <summary>A number that was not said.</summary>
    UnsupportedNumber,

    /// <summary>A dose that has no unit.</summary>
    DoseWithoutUnit,

    /// <summary>A drug that the patient's known allergies forbid.</summary>
    AllergyConflict,

    /// <summary>Something was denied where it was said and is stated in the note, or the other way round.</summary>
    NegationDoubt,

    /// <summary>A code that does not have the form of ICD-10.</summary>
    MalformedCode,

    /// <summary>A token that stood for an identifier could not be put back.</summary>
    UnknownToken,

    /// <summary>Not all of the transcript went into the note.</summary>
    PartOfTranscript,

    /// <summary>No model wrote this: it is an empty form with what is known from the record.</summary>
    Template,
}
