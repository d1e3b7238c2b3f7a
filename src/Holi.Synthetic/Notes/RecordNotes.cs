using System.Collections.Concurrent;
using Holi.CoPilot;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Commands;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Notes;

/// <summary>Has Holi.CoPilot write notes for records, and counts where they came from. Thread-safe.</summary>
internal sealed class RecordNotes : IAsyncDisposable
{
    private readonly NoteWriter _writer;
    private readonly ConcurrentDictionary<NoteSource, int> _sources = new();

    public RecordNotes(CoPilotOptions options, TimeProvider time)
    {
        // Only the jitter of retries hangs on this.
        _writer = new NoteWriter(options, time, new Random(1));
    }

    /// <summary>Null where no notes are wanted.</summary>
    /// <param name="kind"><c>none</c>, <c>template</c> or <c>auto</c>.</param>
    /// <param name="time">For budgets and provenance.</param>
    public static RecordNotes? Open(string kind, TimeProvider time) => kind switch
    {
        "none" => null,
        "template" => new RecordNotes(new CoPilotOptions(), time),
        _ => new RecordNotes(NoteSettings.Read(Environment.GetEnvironmentVariable), time),
    };

    public async Task<Note> WriteAsync(SyntheticRecord record, CancellationToken cancel)
    {
        var request = new NoteRequest { Tenant = "synthetic", Transcript = record.Transcript, Patient = PatientContexts.Of(record) };
        var note = await _writer.WriteAsync(request, new NoteBudget(SyntheticLimits.NoteTime), cancel);
        _sources.AddOrUpdate(note.Provenance.Source, 1, (_, count) => count + 1);
        return note;
    }

    /// <summary>Such as <c>12 cloud, 3 template</c>.</summary>
    public string Summary() => string.Join(", ", Enum.GetValues<NoteSource>().Where(_sources.ContainsKey).Select(source => $"{_sources[source]} {source.ToString().ToLowerInvariant()}"));

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
