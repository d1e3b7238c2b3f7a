using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>Everything in the engine that could grow has its bound here.</summary>
internal sealed record EngineLimits
{
    /// <summary>Queued commands; one more is refused with <see cref="OutboxFullException"/>.</summary>
    public long OutboxCommandsMax { get; init; } = 2_000_000;
    /// <summary>Payload bytes of the queued commands.</summary>
    public long OutboxBytesMax { get; init; } = 1L << 30;

    /// <summary>Commands that wait for the store while it writes a batch: the next batch.</summary>
    public int GatheredCommandsMax { get; init; } = 4_096;
    /// <summary>Their payload bytes.</summary>
    public int GatheredBytesMax { get; init; } = 4 << 20;

    /// <summary>Commands read from the outbox in one go.</summary>
    public int PageCommands { get; init; } = 512;
    /// <summary>Their payload bytes: this and one command more is what the engine holds of an outbox of any size.</summary>
    public int PageBytes { get; init; } = 256 << 10;
    /// <summary>How far ahead the send floor is raised (one fsync for so many commands of a flush). Twice a gateway's usual window.</summary>
    public int FloorStep { get; init; } = 8_192;

    /// <summary>Sockets that are counted ahead with one write: more than any life of an app opens, so that it is one write for each. At least 2.</summary>
    public int OpeningsReserved { get; init; } = 1_000_000;

    /// <summary>Commands right behind the first Hello of a run, when the gateway's window is not known yet: no sensible one is smaller.</summary>
    public int CommandsBehindHello { get; init; } = 64;

    /// <summary>Event bytes received and not yet stored; beyond it the socket is not read, so TCP holds the gateway back.</summary>
    public int UnstoredBytesMax { get; init; } = 4 << 20;
    /// <summary>Bytes waiting in one lane for the socket.</summary>
    public int LaneBytesMax { get; init; } = 512 << 10;
    /// <summary>Commands are handed to the lane only while less than this waits there, so that an urgent thing is never far behind.</summary>
    public int CommandLaneBytes { get; init; } = WireLimits.MessageBytesMax;
    /// <summary>What the gateway may send in the bulk lane before we have stored it. From <see cref="Wire.Lanes.LaneSets.PieceBytesMax"/> on.</summary>
    public long BulkWindowBytes { get; init; } = 1 << 20;

    /// <summary>Acks in one frame: at most two varints each, well below a part's size.</summary>
    public int AcksPerFrame { get; init; } = 512;
    /// <summary>History requests on their way.</summary>
    public int HistoriesMax { get; init; } = 16;
    /// <summary>Gaps in a topic within a minute that are answered by saying Hello at once; further ones wait as after a 44xx.</summary>
    public int QuickRepairsMax { get; init; } = 3;

    /// <summary>
    /// How long what is written may wait for its fsync, where nobody was promised more: it is shown already, and acknowledged only after. Many
    /// events share one fsync so, and the sender's second tick is late by this at most.
    /// </summary>
    public TimeSpan SyncWithin { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>After a sync that failed, the next one waits so long.</summary>
    public TimeSpan SyncAgainAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the echo of what this device itself said may wait for a batch to ride with. It is on the gateway's disk and nobody
    /// waits for its ack; a batch of its own would be a third of all transactions in a conversation of two. What others say is never kept waiting.
    /// </summary>
    public TimeSpan EchoWithin { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Committed commands that leave the outbox with a batch of their own; fewer ride with the next batch.</summary>
    public int DropCommandsAtOnce { get; init; } = 1_024;
    /// <summary>Or after this time. A crash before only means that the gateway says it again.</summary>
    public TimeSpan DropWithin { get; init; } = TimeSpan.FromMilliseconds(500);
}
