using Holi.Wire;

namespace Holi.Gateway.Commit;

/// <summary>The bounds of the committer and what it plans. The defaults suit one small machine.</summary>
public sealed record CommitLimits
{
    /// <summary>Inputs waiting for a batch; beyond it Submit says no and the connection closes with 4100.</summary>
    public int QueueInputsMax { get; init; } = 65_536;
    /// <summary>Payload bytes waiting for a batch.</summary>
    public long QueueBytesMax { get; init; } = 64L << 20;
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
