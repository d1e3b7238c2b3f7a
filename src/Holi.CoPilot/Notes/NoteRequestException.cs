namespace Holi.CoPilot.Notes;

/// <summary>What was asked is no request for a note. The message says what is wrong with it and holds nothing of what was said.</summary>
public sealed class NoteRequestException : ArgumentException
{
    /// <summary>Made where a request is checked.</summary>
    public NoteRequestException(string problem, bool isTooLarge = false)
        : base(problem) => IsTooLarge = isTooLarge;

    /// <summary>Without a reason.</summary>
    public NoteRequestException()
        : this("The request is not valid.")
    {
    }

    /// <summary>With a cause.</summary>
    public NoteRequestException(string problem, Exception inner)
        : base(problem, inner)
    {
    }

    /// <summary>True where it is well formed and only too large.</summary>
    public bool IsTooLarge { get; }
}
