using System.Diagnostics.Metrics;
using Holi.Gateway.Commit;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>What is committed, how much at a time, how long it takes. Thread-safe.</summary>
public sealed class CommitMeter
{
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _batchDuration;
    private readonly Histogram<long> _batchSize;
    private readonly Counter<long> _audit;

    internal CommitMeter(HoliMeter meter, TimeProvider time)
    {
        _time = time;
        _duration = meter.Duration("holi.commit.duration", "From the submission of a command or opening to its batch being on disk.");
        _batchDuration = meter.Duration("holi.commit.batch.duration", "From the beginning of a batch to its being on disk, failed attempts included.");
        _batchSize = meter.Size("holi.commit.batch.size", "{input}", "Inputs of one batch.");
        _audit = meter.Counter("holi.audit.rows", "{row}", "Rows of the audit trail, by what happened.");
    }

    /// <summary>An input is about to be queued.</summary>
    public void Submitting(CommitInput input)
    {
        if (_duration.Enabled)
            input.SubmittedAt = _time.GetTimestamp();
    }

    /// <summary>A batch begins; what is returned is for <see cref="OnDisk"/>.</summary>
    public long Begin() => _batchDuration.Enabled ? _time.GetTimestamp() : 0;

    /// <summary>The batch is on disk.</summary>
    public void OnDisk(IReadOnlyList<CommitInput> inputs, BatchOutcome outcome, long began)
    {
        // By index: the enumerator of an interface would be allocated for each batch.
        for (var i = 0; i < outcome.Audit.Count; i++)
            _audit.Add(1, new KeyValuePair<string, object?>("holi.audit.action", outcome.Audit[i].Action));
        _batchSize.Record(inputs.Count);
        if (began == 0)
            return;
        var now = _time.GetTimestamp();
        _batchDuration.Record(_time.GetElapsedTime(began, now).TotalSeconds);
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].SubmittedAt is not 0 and var submitted)
                _duration.Record(_time.GetElapsedTime(submitted, now).TotalSeconds);
        }
    }

    internal static void Observe(HoliMeter meter, Committer committer)
    {
        meter.Total("holi.commit.batches", "{batch}", "Batches on disk.", () => committer.Counts.Batches);
        meter.Total("holi.commit.inputs", "{input}", "Commands, openings and positions in them.", () => committer.Counts.Inputs);
        meter.Total("holi.commit.events", "{event}", "Events in them.", () => committer.Counts.Events);
        meter.Total("holi.commit.failures", "{attempt}", "Attempts that the log failed.", () => committer.Counts.Failures);
        meter.Level("holi.commit.waiting", "{input}", "Inputs waiting for a batch.", () => committer.Counts.Waiting);
    }
}
