using System.Diagnostics.Metrics;
using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Ingress;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>What a gateway has for publications, without its sockets: a store, the committer before it, and the backends' side before that.</summary>
internal sealed class IngressNode : IAsyncDisposable, ICommitListener
{
    private readonly GatewayMeters _meters = new(TimeProvider.System);

    public IngressNode(ILogStore store, GatewayLimits limits, TimeProvider time)
    {
        Store = new FaultyLogStore(store);
        Committer = new Committer(Store, this, limits.Commits, time, NullLogger<Committer>.Instance);
        Backends = new Backends(Store, Committer, limits, time, NullLoggerFactory.Instance, _meters.Ingress);
    }

    public FaultyLogStore Store { get; }
    public Committer Committer { get; }
    public Backends Backends { get; }

    /// <summary>Of its one road that is fetched from.</summary>
    public TimeSpan? Lag => Backends.Lags().Select(each => (TimeSpan?)each.Lag).FirstOrDefault();

    public async Task StartAsync()
    {
        await Store.OpenAsync(TestContext.Current.CancellationToken);
        Committer.Start();
        Backends.Start();
    }

    /// <summary>Publishes a notification to ana whose title is its key.</summary>
    public async Task<PublicationAnswer> NotifyAsync(string key, long? deliverAt = null)
    {
        var fields = new PublicationFields
        {
            Tenant = Scene.Tenant, Key = key, Target = "user/ana", Kind = "notification", DeliverAtMs = deliverAt,
            Content = Encoding.UTF8.GetBytes($$"""{"title": "{{key}}"}"""),
        };
        var asked = PublicationReader.Read(fields).Asked.ShouldNotBeNull();
        var answers = await Backends.Publish([asked], "clinic", PublicationRoads.Http).ShouldNotBeNull();
        return answers[0];
    }

    /// <summary>What was counted: road, result and how many.</summary>
    public IReadOnlyList<string> Counts()
    {
        var seen = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, _meters) && instrument.Name == "holi.ingress.publications")
                    own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => seen.Add($"{tags[0].Value} {tags[1].Value} {count}"));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    public async ValueTask DisposeAsync()
    {
        await Backends.DisposeAsync();
        await Committer.DisposeAsync();
        await Store.DisposeAsync();
        _meters.Dispose();
    }

    void ICommitListener.Committed(BatchOutcome outcome)
    {
    }
}
