using Holi.Gateway.Storage;

namespace Holi.Gateway.Commit;

/// <summary>
/// One batch on its way to disk, over as many attempts as that takes. Invariant: it ends with the outcome of the one attempt that is on disk,
/// and no attempt is made while an earlier one may be. An attempt whose COMMIT went unanswered is told by the writer's count of batches:
/// then its outcome stands, events and refusals included; else the same inputs are planned again on what is there.
/// </summary>
public sealed class CommitRun(CommitPlanner planner, IReadOnlyList<CommitInput> inputs)
{
    private BatchPlan? _unanswered;
    private ulong _unansweredBatch;

    /// <summary>What the batch is made of.</summary>
    public IReadOnlyList<CommitInput> Inputs => inputs;

    /// <summary>True where the log's clock counts, if it has one; else only the time that is passed in does.</summary>
    public bool GoesByLogsClock { get; init; }

    /// <summary>Tries once.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is known to be on disk: wait, then try again.</exception>
    public async ValueTask<BatchOutcome> AttemptAsync(ILogStore store, long nowMs, CancellationToken cancel)
    {
        var batch = await store.BeginAsync(CommitPlanner.Keys(inputs), cancel).ConfigureAwait(false);
        await using (batch.ConfigureAwait(false))
        {
            if (_unanswered is { } earlier && batch.State.LastBatch == _unansweredBatch)
                return earlier.ToOutcome();
            var plan = planner.Plan(inputs, batch.State, GoesByLogsClock ? batch.State.TimeMs ?? nowMs : nowMs);
            if (!plan.Writes.IsEmpty)
            {
                _unanswered = plan;
                _unansweredBatch = batch.State.LastBatch + 1;
                await batch.CommitAsync(plan.Writes, cancel).ConfigureAwait(false);
            }
            return plan.ToOutcome();
        }
    }
}
