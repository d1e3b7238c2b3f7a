using System.Diagnostics;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Ops.Traces;
using Holi.Wire;

namespace Holi.Gateway.Ops;

/// <summary>What is measured and traced of the committer's work; the committer calls it and knows no more of it.</summary>
public sealed class CommitWatch(CommitMeter meter, MessageTraces? traces)
{
    /// <summary>A batch that is being watched.</summary>
    public readonly record struct Watched(IReadOnlyList<CommitInput> Inputs, long Began, Activity? Span);

    /// <summary>An input is about to be queued.</summary>
    public void Submitting(CommitInput input) => meter.Submitting(input);

    /// <summary>A batch begins.</summary>
    public Watched Begin(IReadOnlyList<CommitInput> inputs) => new(inputs, meter.Begin(), traces?.Begin(inputs));

    /// <summary>It is on disk; nobody was told yet.</summary>
    public void OnDisk(in Watched batch, BatchOutcome outcome)
    {
        meter.OnDisk(batch.Inputs, outcome, batch.Began);
        batch.Span?.Stop();
    }

    /// <summary>It was not decided, and will not be.</summary>
    public static void TurnedAway(CommitInput input) => MessageTraces.Refused(input, HoliCode.Overloaded);

    /// <summary>Everybody was told.</summary>
    public static void Told(in Watched batch, BatchOutcome outcome)
    {
        if (batch.Span is { } span)
            MessageTraces.Told(batch.Inputs, outcome, span);
    }
}
