namespace Holi.CoPilot.Notes;

/// <summary>What a caller that reads along is told. The last one is always <see cref="NoteUpdateKind.Note"/>.</summary>
/// <param name="Kind">Which of the other fields it has.</param>
/// <param name="Provider">Who is being asked or was given up.</param>
/// <param name="Section">The key of the section that a statement belongs to.</param>
/// <param name="Statement">Written, and not yet checked.</param>
/// <param name="Note">The note.</param>
public sealed record NoteUpdate(
    NoteUpdateKind Kind, string? Provider = null, string? Section = null, NoteStatement? Statement = null, Note? Note = null);

/// <summary>What has happened. In JSON in camelCase.</summary>
public enum NoteUpdateKind
{
    /// <summary>A provider is being asked.</summary>
    Asking,

    /// <summary>A statement is written. It has not been checked, and may yet be discarded.</summary>
    Statement,

    /// <summary>The provider failed: what it had written is void.</summary>
    Discarded,

    /// <summary>The note, checked. Nothing follows.</summary>
    Note,
}
