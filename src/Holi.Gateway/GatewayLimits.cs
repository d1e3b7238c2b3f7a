using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Ingress.Redis;
using Holi.Gateway.Ingress.Sql;
using Holi.Gateway.Notes;
using Holi.Wire;
using Holi.Wire.Lanes;

namespace Holi.Gateway;

/// <summary>
/// Every bound of this gateway, in one place: what it is, its unit, and why it has the value it has. The protocol's own limits, which
/// no deployment may change, are in <see cref="WireLimits"/>. A bound that operators may set is overridden by <c>Limits:Name</c>;
/// <c>Ops/LimitsReader.cs</c> names those and their ranges.
/// </summary>
public sealed record GatewayLimits
{
    // ---- Who may connect -------------------------------------------------------------------------------------------------------

    /// <summary>Connections of one user to this gateway, not counting other gateways. A person has a handful of devices, each with a few tabs; a leaked token must not fill the gateway.</summary>
    public int ConnectionsPerUser { get; init; } = 32;

    /// <summary>Connections in all. At 10 kB each (5 in the native build), 50,000 quiet ones are 500 MB: what a small server gives.</summary>
    public int ConnectionsMax { get; init; } = 50_000;

    /// <summary>
    /// Connections of one address that have not said a good Hello yet. A clinic behind one address (NAT) reconnects as a whole after an
    /// outage, so this is far above one household and only bounds what an unauthenticated flood may hold: 512 × 16 KiB = 8 MiB.
    /// </summary>
    public int UnauthenticatedPerAddress { get; init; } = 512;

    /// <summary>Connections in all that have not said a good Hello yet: 4,096 × 16 KiB = 64 MiB at most.</summary>
    public int UnauthenticatedMax { get; init; } = 4_096;

    /// <summary>Connections that speak plain HTTP: health checks, status, refused upgrades. For operators and their tools, not for devices.</summary>
    public int HttpConnections { get; init; } = 1_000;

    // ---- What one connection may ask -------------------------------------------------------------------------------------------

    /// <summary>Commands beyond the last Commit (§7.5). A flush of an offline queue is limited by this and the round trip; 4,096 fill a 100 ms link.</summary>
    public int CommandsInFlight { get; init; } = 4_096;

    /// <summary>Bytes of those commands' bodies: a megabyte waits in memory at most until its batch is on disk.</summary>
    public int CommandBytesInFlight { get; init; } = 1_048_576;

    /// <summary>Topics followed at a time. More are announced, and followed only when asked: 2,000 × about 200 B = 400 kB.</summary>
    public int FollowedTopics { get; init; } = 2_000;

    /// <summary>
    /// Topics whose number a connection may know at a time, left ones included: a number is not given to another topic while a device
    /// might still use it. Beyond this the connection is asked to come back, and begins with a clean table.
    /// </summary>
    public int KnownTopics { get; init; } = 20_000;

    /// <summary>Topics watched at a time. An app watches what is on the screen.</summary>
    public int WatchedTopics { get; init; } = 64;

    /// <summary>Follow, Watch or History requests waiting for the log, of each kind. The rest is answered with 4610.</summary>
    public int RequestsWaiting { get; init; } = 64;

    /// <summary>Requests (Follow, Unfollow, Watch, History, Snapshot, Token) in <see cref="MeterWindow"/>; beyond it 4106.</summary>
    public int RequestsPerWindow { get; init; } = 5_000;

    /// <summary>Signals in <see cref="MeterWindow"/> that are passed on; typing needs one in 3 s for each topic. The rest is dropped: it is ephemeral.</summary>
    public int SignalsPerWindow { get; init; } = 40;

    /// <summary>Signals in <see cref="MeterWindow"/> after which a device is not typing but flooding: 4106.</summary>
    public int SignalFloodPerWindow { get; init; } = 1_000;

    /// <summary>The window of the three limits above. The same as the protocol's for pings.</summary>
    public TimeSpan MeterWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts at topics that are not the user's, on one connection, before it is closed with 4503 and audited (Connections/ForeignAttempts.cs).</summary>
    public int ForeignAttempts { get; init; } = 20;

    /// <summary>Replayed commands compared with the log at a time; a device that resends what is committed learns that from one Commit anyway.</summary>
    public int ReplayChecksWaiting { get; init; } = 64;

    // ---- What waits in memory --------------------------------------------------------------------------------------------------

    /// <summary>Bytes of one outgoing message. The protocol's largest: fewer system calls under load.</summary>
    public int MessageBytes { get; init; } = WireLimits.MessageBytesMax;

    /// <summary>
    /// Bytes that may wait in one lane of one connection. It must take the largest single thing that is put into a lane at once: a page
    /// (<see cref="PageBytes"/> plus one message text), or a roster of 1,000 members at about 120 B.
    /// </summary>
    public int LaneBytes { get; init; } = 192 * 1024;

    /// <summary>
    /// True: what travels in bulk and audio is fitted to each device's link by the credit that comes back (holi.v1.md §5.4), so that an alert waits for a moment on
    /// the slowest link. False only where devices are not there to give credit back.
    /// </summary>
    public bool PacesLinks { get; init; } = true;

    /// <summary>Of live events, this much is put into a lane ahead of one message; the rest stays in the shared tail, at the cost of a cursor.</summary>
    public int LiveBytes { get; init; } = 48 * 1024;

    /// <summary>Payload bytes of one page read from the log for catch-up or history: one message's worth.</summary>
    public int PageBytes { get; init; } = 64 * 1024;

    /// <summary>Events of one page read for catch-up.</summary>
    public int PageEvents { get; init; } = 512;

    /// <summary>Events of one topic's shared tail. Live followers are at most a few messages behind; who is further reads the log.</summary>
    public int TailEvents { get; init; } = 1_024;

    /// <summary>Bytes of one topic's shared tail.</summary>
    public int TailBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes of all tails. Beyond it each topic keeps its newest event only until the quiet ones were swept.</summary>
    public long TailBytesInAll { get; init; } = 64L * 1024 * 1024;

    /// <summary>After this long without a new event a topic's tail is dropped. Longer than a blip, so that a short reconnect needs no read.</summary>
    public TimeSpan TailIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Heads of topics that nobody follows, remembered so that a follow begun before an append cannot miss it (Topics/RecentHeads.cs).</summary>
    public int RecentHeads { get; init; } = 16_384;

    /// <summary>Membership changes that may wait for one connection. Beyond it the connection is asked to come back.</summary>
    public int MembershipNotes { get; init; } = 256;

    /// <summary>People whose last-seen time is remembered after they left. In memory only: after a restart it is unknown.</summary>
    public int LastSeenPeople { get; init; } = 10_000;

    /// <summary>Revoked tokens remembered. An entry goes when its token has expired; 100,000 are about 10 MB.</summary>
    public int RevokedTokens { get; init; } = 100_000;

    /// <summary>Reads of the log running at a time. SQLite reads are computing, not waiting: more than the cores would only queue elsewhere.</summary>
    public int StoreReads { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>
    /// Topics whose missing events are read from the log at a time. One round trip each, and then everybody who follows has them: a few keep up
    /// with any loss that is not an outage.
    /// </summary>
    public int HoleReads { get; init; } = 4;

    /// <summary>Credit for a device's audio and bulk lanes (§5.3). Neither is used yet, and one piece must fit.</summary>
    public int ReceiveCreditBytes { get; init; } = 2 * LaneSets.PieceBytesMax;

    // ---- What backends publish (backends.md) -----------------------------------------------------------------------------------

    /// <summary>Requests to publish of one backend at a time. Each may carry 500 publications; what has no room is sent again.</summary>
    public int PublicationRequestsPerBackend { get; init; } = 16;

    /// <summary>Requests to publish in all, at a time: 64 × <see cref="PublicationBodyBytes"/> is all that they hold.</summary>
    public int PublicationRequestsMax { get; init; } = 64;

    /// <summary>Bytes of one request to publish. The longest message fits, however it is escaped, and so do 500 notifications of 2 kB.</summary>
    public int PublicationBodyBytes { get; init; } = 1 << 20;

    /// <summary>Publications of one request: as many as half a batch of the committer.</summary>
    public int PublicationItems { get; init; } = 500;

    /// <summary>How long a request waits for its batch to be on disk, before its backend is told to ask again. Its batch may come later all the same.</summary>
    public TimeSpan PublicationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often whoever fetches publications asks whether the committer has room for them: a batch takes about as long.</summary>
    public TimeSpan PublicationRoomInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The road over Redis.</summary>
    public RoadLimits RedisRoad { get; init; } = new();

    /// <summary>The road over SQL.</summary>
    public OutboxLimits Outbox { get; init; } = new();

    /// <summary>Scheduled publications taken from the log at a time: a quarter of the committer's batch, so that others get into it, too.</summary>
    public int ScheduledPerLook { get; init; } = 256;

    /// <summary>
    /// While something is scheduled, how often the gateway's clock is looked at: it may have been set. Half of the second within which what is due is
    /// delivered.
    /// </summary>
    public TimeSpan ScheduleClockInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a log that other nodes write, too, is looked at for what they scheduled: half of that second, again.</summary>
    public TimeSpan ScheduleLookInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>When the log is looked at again after it could not be read, or after another node was delivering what is due.</summary>
    public TimeSpan ScheduleRetry { get; init; } = TimeSpan.FromMilliseconds(100);

    // ---- Notes ------------------------------------------------------------------------------------------------------------------

    /// <summary>What may be asked of the writer of notes.</summary>
    public NotesLimits Notes { get; init; } = new();

    // ---- What is committed -----------------------------------------------------------------------------------------------------

    /// <summary>The committer's own bounds: its queue, its batches, and when they begin.</summary>
    public CommitLimits Commits { get; init; } = new();

    // ---- Several gateways ------------------------------------------------------------------------------------------------------

    /// <summary>Bounds of what gateways of a cluster say to each other. A single gateway uses none of it.</summary>
    public ClusterLimits Cluster { get; init; } = new();

    // ---- Time ------------------------------------------------------------------------------------------------------------------

    /// <summary>How long a request's head may take from the first byte of a connection. The same as the protocol's for Hello.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = WireLimits.HelloTimeout;

    /// <summary>A device sends something at least this often (§11.1). Below the 30 s after which some mobile networks forget a quiet connection.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>A message that could not be written for this long closes the connection with 4105. 64 KiB take 8 s at 64 kbit/s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the close handshake may take before the socket is cut. Well inside the 5 s within which a revoked token must be out.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often deadlines are looked at, for all connections by one timer. The protocol's shortest stated time is 5 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the log is asked whether it is there. As often as the sweep comes: one read that finds nothing.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After this long without an answer the log counts as failing: a hung server is noticed in seconds.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A person is shown offline this long after their last connection closed; with the sweep between 3 and 4 s (§9.3: 2 to 5).</summary>
    public TimeSpan PresenceGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long "typing" lasts at a receiver (§9.3).</summary>
    public TimeSpan TypingTtl { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Wait before missing events are asked for again from a log that failed. As the committer's first wait: about a reconnect.</summary>
    public TimeSpan HoleRetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How far a token's times may be off: the clocks of two servers, not of two days.</summary>
    public TimeSpan TokenSkew { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told to a device at a drain: when to come back, at the earliest. A restart takes about that long.</summary>
    public TimeSpan DrainRetryAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Told to a device at a drain: over how long to spread. 10,000 devices in 3 s are 3,300 openings a second.</summary>
    public TimeSpan DrainSpread { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Told to a device whose command found no room (4100): when to come back, at the earliest. Ten times what a queue of commits is allowed to be late.</summary>
    public TimeSpan OverloadRetryAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Told to the same device: over how long to spread. Where half of 20,000 devices are sent away, 5,000 come back in a second: what openings cost stays below the work they make room for.</summary>
    public TimeSpan OverloadSpread { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A stop from signal to exit. The protocol's drain is 5 s; the rest is for the committer's last batch.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(9);
}
