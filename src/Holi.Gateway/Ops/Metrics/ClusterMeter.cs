using System.Diagnostics.Metrics;
using Holi.Gateway.Cluster;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>What several gateways say to each other, and how often they look for themselves. A gateway that has its log to itself shows none of it.</summary>
internal static class ClusterMeter
{
    public static void Observe(HoliMeter meter, ClusterNode cluster)
    {
        meter.Totals(
            "holi.cluster.messages", "{message}", "Messages between gateways, by what became of them.",
            () => Messages(cluster.Counts));
        meter.Level("holi.cluster.waiting", "{message}", "Batches and messages that wait to be told to other gateways.", () => cluster.Counts.Waiting);
        meter.Level("holi.cluster.nodes", "{node}", "Other gateways that are heard.", () => cluster.Counts.Nodes);
        meter.Total("holi.cluster.comparisons", "{round}", "Rounds of comparing with the log.", () => cluster.Counts.Comparisons);
    }

    private static Measurement<long>[] Messages(in ClusterCounts counts) =>
        [Of("sent", counts.Sent), Of("unsent", counts.Unsent), Of("heard", counts.Heard), Of("dropped", counts.Dropped)];

    private static Measurement<long> Of(string result, long count) => new(count, new KeyValuePair<string, object?>("holi.cluster.result", result));
}
