using System.Diagnostics.Metrics;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot;

/// <summary>What is counted of the writing of notes. Names and numbers; nothing of a request. Thread-safe.</summary>
public sealed class CoPilotMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Holi.CoPilot";

    private const string Provider = "holi.copilot.provider";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _notes, _attempts, _tokens;
    private readonly Histogram<double> _latency;

    internal CoPilotMeter(SharedRuns runs)
    {
        _notes = _meter.CreateCounter<long>("holi.copilot.notes", "{note}", "Notes handed out, by what wrote them.");
        _attempts = _meter.CreateCounter<long>("holi.copilot.attempts", "{attempt}", "Providers asked, by what came of it.");
        _tokens = _meter.CreateCounter<long>("holi.copilot.tokens", "{token}", "Tokens, as the providers count them.");
        _latency = _meter.CreateHistogram<double>("holi.copilot.note.duration", "s", "From a request to its note.");
        _meter.CreateObservableGauge("holi.copilot.writing", () => runs.Count, "{note}", "Different requests being written.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Count(Note note)
    {
        var source = new KeyValuePair<string, object?>("holi.copilot.source", note.Provenance.Source.ToString().ToLowerInvariant());
        _notes.Add(1, source);
        _latency.Record(note.Provenance.Latency.TotalSeconds, source);
    }

    internal void Count(AttemptResult result)
    {
        var name = new KeyValuePair<string, object?>(Provider, result.Provider.Options.Name);
        _attempts.Add(1, name, new KeyValuePair<string, object?>("holi.copilot.outcome", result.Outcome));
        if (result.Written is not { } written)
            return;
        _tokens.Add(written.InputTokens, name, new KeyValuePair<string, object?>("holi.copilot.direction", "input"));
        _tokens.Add(written.OutputTokens, name, new KeyValuePair<string, object?>("holi.copilot.direction", "output"));
    }
}
