namespace Holi.Gateway.Cluster;

/// <summary>The bounds of what gateways of a cluster say to each other. None of it is needed for anything but speed, so whatever is beyond one is dropped.</summary>
public sealed record ClusterLimits
{
    // ---- What is sent ----------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Names that wake-ups are spread over. Few enough that a batch of a thousand events is few messages, and that coming back after an outage is few
    /// subscriptions; many enough that a Redis cluster's servers share them. A node hears only those that hold a topic it knows.
    /// </summary>
    public const int Shards = 64;

    /// <summary>Bytes of one message. What does not fit goes into a next one, or is told by its head alone.</summary>
    public int MessageBytesMax { get; init; } = 64 * 1024;

    /// <summary>Bytes of events of one topic that travel in a wake-up. Who needs more reads the log, in pages of this size.</summary>
    public int InlineBytesMax { get; init; } = 32 * 1024;

    /// <summary>Batches and signals that wait to be told to others. At 1,000 batches a second, seconds of an outage that is not noticed yet.</summary>
    public int OutboxMax { get; init; } = 4_096;

    /// <summary>Bytes of those. Without it four thousand of the largest batches would be 16 GB.</summary>
    public long OutboxBytesMax { get; init; } = 32L << 20;

    /// <summary>Messages handed to the line and not answered yet: 8 MiB at most. One round trip's worth; a line that hangs holds no more.</summary>
    public int InFlightMax { get; init; } = 128;

    // ---- What is heard ---------------------------------------------------------------------------------------------------------

    /// <summary>Messages that came and were not looked at yet. Each takes microseconds, so a longer queue is a node in trouble.</summary>
    public int InboxMax { get; init; } = 8_192;

    /// <summary>Other gateways. A message of one more is not about anybody here.</summary>
    public int NodesMax { get; init; } = 256;

    /// <summary>People connected to other gateways, in all: about 150 B each.</summary>
    public int PeopleMax { get; init; } = 500_000;

    // ---- Time ------------------------------------------------------------------------------------------------------------------

    /// <summary>How often a gateway says that it is there, how far its roll is, and hears itself say so.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A line on which a gateway has not heard itself for this long does not work: two heartbeats lost, and some.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// A gateway that was not heard for this long is gone, and its people are offline unless another has them. Longer than a restart of Redis and a
    /// pause of a loaded machine; with the sweep, people of a killed gateway are shown offline after 5 to 8 s.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long changes of presence gather before they are told: people come back by thousands after an outage.</summary>
    public TimeSpan PresenceInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A gateway's whole roll is asked for at most this often: the answer may be on its way.</summary>
    public TimeSpan AskInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A shard in which no topic is known is heard for so much longer: people come back.</summary>
    public TimeSpan ShardLinger { get; init; } = TimeSpan.FromSeconds(60);

    // ---- Comparing with the log ------------------------------------------------------------------------------------------------

    /// <summary>How often the log is compared while the line works: what a lost wake-up costs.</summary>
    public TimeSpan CompareInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often it is compared while the line does not work: then this is how messages travel.</summary>
    public TimeSpan CompareIntervalAlone { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Topics, or devices, in one question to the log.</summary>
    public int CompareSlice { get; init; } = 2_000;

    /// <summary>Topics, and as many devices, compared in one round; with more, a round takes several turns. An index look-up each.</summary>
    public int ComparePerRound { get; init; } = 20_000;

    /// <summary>Watched topics whose positions are compared in one round. Each is a whole roster, so these are few.</summary>
    public int RoomsPerRound { get; init; } = 32;
}
