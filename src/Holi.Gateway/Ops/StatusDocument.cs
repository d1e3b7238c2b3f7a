using System.Text.Json.Serialization;
using Holi.Gateway.Cluster;
using Holi.Gateway.Notes;
using Holi.Gateway.Ops.Health;

namespace Holi.Gateway.Ops;

/// <summary>What <c>/v1/status</c> says. Counts only: nothing about a person, a topic's name or content.</summary>
internal sealed record StatusDocument(
    string Version, long UptimeSeconds, string State, string? Reason, DateTimeOffset? Since,
    IReadOnlyList<DependencyStatus> Dependencies, IReadOnlyList<string> Fallbacks, int Connections, int Unauthenticated, int Users, int Topics,
    CommitStatus Commits, LaneStatus LanesBytes, MemoryStatus Memory, ReadStatus Reads, ClusterStatus? Cluster, NotesStatus Notes);

/// <summary>What <c>/healthz/ready</c> says.</summary>
/// <param name="State">ready, failing, failed or draining; all but the first come with 503.</param>
/// <param name="Reason">Why not; null where it is ready.</param>
/// <param name="Since">Since when not; null where it is ready, or nobody noted it.</param>
/// <param name="Dependencies">The log first.</param>
/// <param name="Fallbacks">The slower ways in force.</param>
/// <param name="Cluster">The other gateways; null where there are none.</param>
internal sealed record ReadyDocument(
    string State, string? Reason, DateTimeOffset? Since, IReadOnlyList<DependencyStatus> Dependencies, IReadOnlyList<string> Fallbacks,
    ReadyCluster? Cluster)
{
    public static ReadyDocument Of(in Readiness readiness, GatewayHealth health, ClusterNode? cluster) => new(
        readiness.State, readiness.Reason, readiness.Since, DependencyStatus.Of(health), health.Fallbacks.Active, ReadyCluster.Of(cluster));
}

/// <summary>What readiness says of the other gateways.</summary>
/// <param name="Nodes">How many are heard.</param>
/// <param name="Line">"up", "down" or "none".</param>
internal sealed record ReadyCluster(int Nodes, string Line)
{
    public static ReadyCluster? Of(ClusterNode? cluster) => cluster is null ? null : new ReadyCluster(cluster.Counts.Nodes, LineOf(cluster.Health));

    public static string LineOf(LineHealth health) => !health.Exists ? "none" : health.IsHealthy ? "up" : "down";
}

/// <summary>One thing that the gateway leans on.</summary>
/// <param name="Name">Which.</param>
/// <param name="Required">True where the gateway is not ready without it.</param>
/// <param name="State">up; failing where it is required; degraded where it is not.</param>
/// <param name="Since">Since when it is not up.</param>
/// <param name="Reason">Why.</param>
/// <param name="LagMs">How long its last answer took.</param>
internal sealed record DependencyStatus(string Name, bool Required, string State, DateTimeOffset? Since, string? Reason, double? LagMs)
{
    public static IReadOnlyList<DependencyStatus> Of(GatewayHealth health) => [.. health.Dependencies().Select(Of)];

    private static DependencyStatus Of(DependencyHealth health)
    {
        var state = health.FailingSince is null ? "up" : health.IsRequired ? "failing" : "degraded";
        var lag = health.Lag is { } answered ? Math.Round(answered.TotalMilliseconds, 3) : (double?)null;
        return new DependencyStatus(health.Name, health.IsRequired, state, health.FailingSince, health.Reason, lag);
    }
}

/// <param name="Batches">On disk since start.</param>
/// <param name="Inputs">Commands, openings and positions in them.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Failures">Attempts that the store failed.</param>
/// <param name="Waiting">Inputs waiting for a batch.</param>
internal sealed record CommitStatus(long Batches, long Inputs, long Events, long Failures, int Waiting);

/// <summary>Bytes waiting in each lane, over all connections.</summary>
internal sealed record LaneStatus(long Control, long Urgent, long Interactive, long Audio, long Bulk);

/// <param name="RssBytes">What the operating system counts.</param>
/// <param name="HeapBytes">Managed heap after the last collection.</param>
/// <param name="CommittedBytes">What the managed heap holds of the operating system's memory, free parts included.</param>
/// <param name="TailBytes">Shared tails of topics.</param>
internal sealed record MemoryStatus(long RssBytes, long HeapBytes, long CommittedBytes, long TailBytes);

/// <param name="Waiting">Reads of the log waiting for their turn.</param>
internal sealed record ReadStatus(int Waiting);

/// <param name="Node">This life of this gateway.</param>
/// <param name="Nodes">Other gateways that are heard.</param>
/// <param name="Line">"up", "down" or "none".</param>
/// <param name="LineSinceMs">Since when, ms since 1970.</param>
/// <param name="LagMs">How long the last heartbeat took to come back.</param>
/// <param name="Sent">Messages handed to the line.</param>
/// <param name="Heard">Messages of others taken in.</param>
/// <param name="Dropped">Messages that could not be read.</param>
/// <param name="Waiting">Batches and messages that wait to be told.</param>
/// <param name="Unsent">Those that were not told: others find them in the log.</param>
/// <param name="Comparisons">Rounds of comparing with the log.</param>
/// <param name="EventsFromLog">Events that nobody had told of in time.</param>
internal sealed record ClusterStatus(
    string Node, int Nodes, string Line, long LineSinceMs, double? LagMs, long Sent, long Heard, long Dropped, int Waiting, long Unsent, long Comparisons, long EventsFromLog);

/// <summary>What is posted to <c>/v1/revoke</c>.</summary>
/// <param name="Jti">The token's id.</param>
/// <param name="ExpiresMs">When the token would have expired, ms since 1970; absent: it is remembered for 30 days.</param>
internal sealed record RevokeRequest(string? Jti, long? ExpiresMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(RevokeRequest))]
internal sealed partial class OpsJson : JsonSerializerContext;
