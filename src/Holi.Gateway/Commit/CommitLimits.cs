using Holi.Wire;

namespace Holi.Gateway.Commit;

/// <summary>The bounds of the committer and what it plans. The defaults suit one small machine.</summary>
public sealed record CommitLimits
{
    /// <summary>Inputs waiting for a batch; beyond it Submit says no and the connection closes with 4100.</summary>
    public int QueueInputsMax { get; init; } = 65_536;
    /// <summary>Payload bytes waiting for a batch.</summary>
    public long QueueBytesMax { get; init; } = 64L << 20;
    /// <summary>
    /// How long an input may wait for its batch while more is offered than can be committed: with the batch that is on its way it is committed well within
    /// 100 ms. Beyond that a device is told to come back (<see cref="StandingQueue"/>).
    /// </summary>
    public TimeSpan QueueDelayMax { get; init; } = TimeSpan.FromMilliseconds(30);
    /// <summary>How long that must last, without the queue getting shorter, before it counts; and even then each device may have one command waiting, so a crowd that says a word each passes.</summary>
    public TimeSpan QueueDelayPatience { get; init; } = TimeSpan.FromMilliseconds(50);
    /// <summary>As many may wait however slow the disk is: fewer would make batches small and everything slower.</summary>
    public int QueueDelayInputsLeast { get; init; } = 256;
    /// <summary>Commands of a connection in flight, or bytes of its message, from which it counts as flushing: it waits its turn instead of being told to come back.</summary>
    public int FlushCommands { get; init; } = 8;
    /// <inheritdoc cref="FlushCommands"/>
    public int FlushBytes { get; init; } = 4_096;
    /// <summary>How long a flush may be held back at a time; well below the silence after which a connection is closed.</summary>
    public TimeSpan HeldBackMost { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>Inputs of one batch: about 50 ms of SQLite at most, so that nobody waits long behind a burst.</summary>
    public int BatchInputsMax { get; init; } = 1_024;
    /// <summary>Payload bytes of one batch.</summary>
    public long BatchBytesMax { get; init; } = 4L << 20;
    /// <summary>
    /// Batches begin no closer together than this while inputs come so fast that they may share one (<see cref="BatchPace"/>). What it adds to a message
    /// is less than what a commit takes on many disks; a machine with 2,000 messages a second commits 500 times instead of 2,000.
    /// </summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromMilliseconds(2);
    /// <summary>So many are a batch worth cutting at once: the commit itself is a small part of it.</summary>
    public int BatchInputsEnough { get; init; } = 64;
    /// <summary>
    /// How long delivered positions gather after the last batch that carried some. They need no haste (a device's cursors tell them again at
    /// its next Hello), and one row per member and interval costs little where one per message would cost more than the message.
    /// </summary>
    public TimeSpan DeliveredInterval { get; init; } = TimeSpan.FromMilliseconds(200);
    /// <summary>Devices that a user may ever have had.</summary>
    public int DevicesPerUserMax { get; init; } = 256;
    /// <summary>Present members of a conversation.</summary>
    public int MembersMax { get; init; } = WireLimits.MembersMax;
    /// <summary>Bytes of a command's payload: its event, header included, must fit into one frame.</summary>
    public int PayloadBytesMax { get; init; } = WireLimits.FrameBytesMax - 1_024;
    /// <summary>
    /// How long the key of a publication is remembered after it was decided (backends.md §4.4). A backend that sends again after a month is
    /// not repeating itself; ten publications a second are 26 million small rows by then.
    /// </summary>
    public TimeSpan KeysRemembered { get; init; } = TimeSpan.FromDays(30);
    /// <summary>How far ahead a publication may be scheduled (backends.md §5.1): the appointment of next year.</summary>
    public TimeSpan ScheduledAheadMax { get; init; } = TimeSpan.FromDays(400);
    /// <summary>First wait after the store failed; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromMilliseconds(50);
    /// <summary>Longest wait between attempts while the store fails.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(2);
}
