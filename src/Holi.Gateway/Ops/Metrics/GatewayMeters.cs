using Holi.Gateway.Connections;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>A gateway's meters, one for each idea. They are always there and cost next to nothing until somebody listens to <see cref="HoliMeter.Name"/>.</summary>
public sealed class GatewayMeters : IDisposable
{
    private readonly HoliMeter _meter;

    public GatewayMeters(TimeProvider time)
    {
        _meter = new HoliMeter(this);
        Connections = new ConnectionMeter(_meter);
        Commits = new CommitMeter(_meter, time);
        Delivery = new DeliveryMeter(_meter);
        Ingress = new IngressMeter(_meter);
    }

    public ConnectionMeter Connections { get; }

    public CommitMeter Commits { get; }

    public DeliveryMeter Delivery { get; }

    public IngressMeter Ingress { get; }

    /// <summary>From here on, what the node counts by itself can be asked for.</summary>
    internal void Observe(GatewayNode node)
    {
        ConnectionMeter.Observe(_meter, node.Admissions);
        CommitMeter.Observe(_meter, node.Committer);
        DeliveryMeter.Observe(_meter, node);
        IngressMeter.Observe(_meter, node.Backends);
        HealthMeter.Observe(_meter, node.Health.Dependencies, node.Health.Fallbacks);
        if (node.Cluster is { } cluster)
            ClusterMeter.Observe(_meter, cluster);
    }

    public void Dispose() => _meter.Dispose();
}
