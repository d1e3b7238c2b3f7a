using Holi.Gateway.Commit;

namespace Holi.Gateway.Ops.Traces;

/// <summary>Passes every batch on, and traces the publication of those of its events that are traced. Only there where anything may be.</summary>
internal sealed class TracedNews(ICommitListener listener, MessageTraces traces) : ICommitListener
{
    public void Committed(BatchOutcome outcome)
    {
        var spans = traces.Publish(outcome.Appended);
        listener.Committed(outcome);
        foreach (var span in spans ?? [])
            span.Stop();
    }

    public void Told() => listener.Told();
}
