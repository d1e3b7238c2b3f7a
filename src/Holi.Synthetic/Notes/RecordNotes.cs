using Holi.CoPilot.Notes;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Notes;

/// <summary>Has Holi.CoPilot write notes for records, with all that a record knows, and counts where they came from.</summary>
internal sealed class RecordNotes : IAsyncDisposable
{
    private RecordNotes()
    {
    }

    /// <summary>Null where no notes are wanted.</summary>
    public static RecordNotes? Open(string kind, TimeProvider time) => kind == "none" ? null : throw new NotSupportedException($"{kind} {time}");

    public Task<Note> WriteAsync(SyntheticRecord record, CancellationToken cancel) => throw new NotSupportedException($"{record} {cancel}");

    public string Summary() => "";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
