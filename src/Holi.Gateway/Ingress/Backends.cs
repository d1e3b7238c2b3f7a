using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Ingress.Scheduled;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Ingress;

/// <summary>Where what backends publish enters the gateway, whichever road it comes by; and where it waits for its time.</summary>
public sealed class Backends : IAsyncDisposable
{
    private readonly Committer _committer;
    private readonly ScheduleLoop _schedule;
    private readonly GatewayLimits _limits;
    private readonly TimeProvider _time;
    private readonly IngressMeter _meter;
    private readonly MessageTraces? _traces;
    private readonly Lock _lock = new();
    private FrameMeter _denials;

    public Backends(
        ILogStore store, Committer committer, GatewayLimits limits, TimeProvider time, ILoggerFactory logs, IngressMeter meter, MessageTraces? traces = null)
    {
        (_committer, _limits, _time, _meter, _traces) = (committer, limits, time, meter, traces);
        _schedule = new ScheduleLoop(store, committer, limits, time, logs.CreateLogger("Holi.Gateway.Ingress"), meter, traces);
    }

    /// <summary>Begins to deliver what is scheduled. The store must be open.</summary>
    public void Start() => _schedule.Start();

    /// <summary>Delivers no more; to be called before the committer stops.</summary>
    public Task StopAsync() => _schedule.StopAsync();

    public ValueTask DisposeAsync() => _schedule.DisposeAsync();

    /// <summary>
    /// Submits them all, in their order, or none: null where there is no room. What was submitted is decided even if nobody waits for the
    /// answers any more.
    /// </summary>
    internal Task<IReadOnlyList<PublicationAnswer>>? Publish(IReadOnlyList<Asked> asked, in PublicationOrigin origin)
    {
        if (asked.Count == 0)
            return Task.FromResult<IReadOnlyList<PublicationAnswer>>([]);
        var together = new PublishedTogether(asked.Count, _schedule, origin.Road, _meter);
        var inputs = new CommitInput[asked.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = asked[i].ToInput(together.Source(i), origin);
            _traces?.Received(inputs[i]);
        }
        if (_committer.SubmitTogether(inputs))
            return together.Answers;
        foreach (var input in inputs)
            MessageTraces.Refused(input, HoliCode.Overloaded);
        _meter.Count(origin.Road, PublicationResult.NotTaken, inputs.Length);
        return null;
    }

    /// <summary>Somebody who may not tried to publish: worth an audit row, but no flood of them.</summary>
    internal void Denied(TokenIdentity who)
    {
        lock (_lock)
        {
            if (_denials.Add(_time.GetElapsedTime(0), _limits.MeterWindow) > _limits.ForeignAttempts)
                return;
        }
        var subject = AuditActions.CodeSubject(HoliCode.Forbidden);
        _committer.Submit(new SubmitAudit(new AuditEntry(
            _time.GetUtcNow().ToUnixTimeMilliseconds(), who.Tenant, who.User, PublicationRoads.Http, AuditActions.PublicationDenied, subject)));
    }
}
