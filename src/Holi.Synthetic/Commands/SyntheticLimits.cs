namespace Holi.Synthetic.Commands;

/// <summary>Every bound of the program, with its reason.</summary>
internal static class SyntheticLimits
{
    /// <summary>Records of one run: their numbers are six digits of an id, so that ids sort as they are made.</summary>
    public const int RecordsMax = 1_000_000;

    /// <summary>Records of one transaction without a model: a few megabytes, a few tenths of a second of work that a kill can cost.</summary>
    public const int BatchMax = 250;

    /// <summary>Records of one transaction where a model writes notes: each may have taken half a minute, so little is ever lost.</summary>
    public const int NotedBatchMax = 8;

    /// <summary>Notes being written at once: more would only queue at a provider that allows 50 a minute.</summary>
    public const int NotesAtOnce = 4;

    /// <summary>For one note: a long answer of a slow local model, and an end for one that hangs.</summary>
    public static readonly TimeSpan NoteTime = TimeSpan.FromMinutes(2);

    /// <summary>Violations that are listed; the others are counted.</summary>
    public const int ViolationsShown = 40;
}
