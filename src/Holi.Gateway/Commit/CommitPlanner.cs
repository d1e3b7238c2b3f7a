using Holi.Gateway.Storage;

namespace Holi.Gateway.Commit;

/// <summary>
/// What a batch of inputs comes to. Pure: the same inputs on the same state at the same time give the same plan, and planning again after a
/// failure applies nothing twice, because a device's committed seq is part of the state and moves in the same transaction as the effects.
/// </summary>
public sealed class CommitPlanner(CommitLimits limits)
{
    /// <summary>What must be loaded before <see cref="Plan"/> can decide. Depends on the inputs alone.</summary>
    public static BatchKeys Keys(IReadOnlyList<CommitInput> inputs)
    {
        var keys = new BatchKeys();
        foreach (var input in inputs)
            KeyRules.Collect(keys, input);
        return keys;
    }

    /// <summary>Decides the inputs in their order, changing <paramref name="state"/> as it goes.</summary>
    public BatchPlan Plan(IReadOnlyList<CommitInput> inputs, BatchState state, long nowMs)
    {
        var draft = new BatchDraft(state, nowMs, limits);
        foreach (var input in inputs)
        {
            draft.Trace = input.Trace;
            switch (input)
            {
                case SubmitCommand command:
                    CommandRules.Submit(draft, command);
                    break;
                case OpenDevice open:
                    OpenRules.Open(draft, open);
                    break;
                case SubmitDelivered delivered:
                    PositionRules.Deliver(draft, delivered);
                    break;
                case SubmitPublication publication:
                    PublicationRules.Submit(draft, publication);
                    break;
                case DeliverScheduled due:
                    PublicationRules.Deliver(draft, due);
                    break;
                case CancelPublication cancel:
                    PublicationRules.Cancel(draft, cancel);
                    break;
                case PutOutboxRowAside aside:
                    PublicationRules.PutAside(draft, aside);
                    break;
                case SubmitAudit audit:
                    draft.Audit(audit.Entry);
                    break;
                default:
                    throw new InvalidOperationException($"No rule for {input.GetType().Name}.");
            }
        }
        return new BatchPlan(draft);
    }
}
