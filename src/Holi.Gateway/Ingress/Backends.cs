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
    private readonly List<IRoad> _roads = [];
    private readonly Lock _lock = new();
    private FrameMeter _denials;

    public Backends(
        ILogStore store, Committer committer, GatewayLimits limits, TimeProvider time, ILoggerFactory logs, IngressMeter meter, MessageTraces? traces = null)
    {
        (_committer, _limits, _time, _meter, _traces) = (committer, limits, time, meter, traces);
        _schedule = new ScheduleLoop(store, committer, limits, time, logs.CreateLogger("Holi.Gateway.Ingress"), meter, traces);
    }

    /// <summary>True while what is submitted is being committed.</summary>
    public bool CanCommit => _committer.Health.IsHealthy;

    /// <summary>A road by which to fetch, from the start on.</summary>
    public void Add(IRoad road) => _roads.Add(road);

    /// <summary>Begins to fetch, and to deliver what is scheduled. The store must be open.</summary>
    public void Start()
    {
        _schedule.Start();
        foreach (var road in _roads)
            road.Start(this);
    }

    /// <summary>Fetches and delivers no more; to be called before the committer stops.</summary>
    public Task StopAsync() => Task.WhenAll([_schedule.StopAsync(), .. _roads.Select(road => road.StopAsync())]);

    public async ValueTask DisposeAsync()
    {
        foreach (var road in _roads)
            await road.DisposeAsync().ConfigureAwait(false);
        await _schedule.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Submits them all, in their order, or none: null where there is no room. What was submitted is decided even if nobody waits for the
    /// answers any more.
    /// </summary>
    internal Task<IReadOnlyList<PublicationAnswer>>? Publish(IReadOnlyList<Asked> asked, string publisher, string road)
    {
        if (asked.Count == 0)
            return Task.FromResult<IReadOnlyList<PublicationAnswer>>([]);
        var together = new PublishedTogether(asked.Count, _schedule, road, _meter);
        var inputs = new CommitInput[asked.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = asked[i].ToInput(together.Source(i), publisher, road);
            _traces?.Received(inputs[i]);
        }
        if (_committer.SubmitTogether(inputs))
            return together.Answers;
        foreach (var input in inputs)
            MessageTraces.Refused(input, HoliCode.Overloaded);
        return null;
    }

    /// <summary>So many came by a road and were no publications.</summary>
    internal void Unreadable(string road, int publications) => _meter.Count(road, PublicationResult.Refused, publications);

    /// <summary>So many came by a road and were turned away.</summary>
    internal void TurnedAway(string road, int publications) => _meter.Count(road, PublicationResult.NotTaken, publications);

    /// <summary>What waits, on each road and for its time, as far as this gateway knows of it.</summary>
    internal IEnumerable<(string Road, TimeSpan Lag)> Lags()
    {
        foreach (var road in _roads)
        {
            if (road.Lag is { } lag)
                yield return (road.Name, lag);
        }
    }

    /// <summary>As <see cref="Publish"/>, but waits for room, and for the answers as long as it takes.</summary>
    internal async Task<IReadOnlyList<PublicationAnswer>> PublishWhenPossibleAsync(
        IReadOnlyList<Asked> asked, string road, CancellationToken cancel)
    {
        while (true)
        {
            if (Publish(asked, "", road) is { } answers)
                return await answers.WaitAsync(cancel).ConfigureAwait(false);
            await Task.Delay(_limits.PublicationRoomInterval, _time, cancel).ConfigureAwait(false);
        }
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
