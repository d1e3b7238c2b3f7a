using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>
/// What a device keeps: who it is, its outbox, its replica of topics. One file per user; SQLite in an app, memory with
/// separate written and synced states in the simulator. What <see cref="Write"/> returned from is on disk, whole; what it threw from is not there.
/// Called by one writer at a time; reads may run beside it from any thread.
/// </summary>
public interface IDeviceStore : IDisposable
{
    /// <summary>Who this device is and how far it got. Creates the identity (a random device id) at first use.</summary>
    DeviceIdentity ReadIdentity();

    /// <summary>
    /// One transaction, fsynced: all of <paramref name="writes"/>, in order, or none.
    /// Throws <see cref="DeviceStoreException"/> (disk full, locked, damaged): nothing of the batch happened.
    /// </summary>
    void Write(IReadOnlyList<StoreWrite> writes);

    /// <summary>Queued commands with seq &gt; <paramref name="after"/>, ascending, dense; at most so many and so many payload bytes (at least one if there is one).</summary>
    IReadOnlyList<OutboxCommand> ReadOutbox(ulong after, int countMax, int bytesMax);

    /// <summary>How many commands and payload bytes are queued.</summary>
    (long Count, long Bytes) ReadOutboxSize();

    /// <summary>Every topic known, with its cursor.</summary>
    IReadOnlyList<ReplicaTopic> ReadTopics();

    /// <summary>Stored events with offset &gt; <paramref name="after"/>, ascending. Offsets that a Skip covered are absent.</summary>
    IReadOnlyList<ReplicaEvent> ReadEvents(string topic, ulong after, int countMax);

    /// <summary>The newest stored events with offset &lt; <paramref name="before"/> (0: from the end), ascending.</summary>
    IReadOnlyList<ReplicaEvent> ReadEventsBack(string topic, ulong before, int countMax);

    /// <summary>What was found damaged when the store was opened, and what could be saved; empty when all is well.</summary>
    StoreDamage Damage { get; }
}

/// <summary>A device's identity and how far its commands got.</summary>
/// <param name="Device">Random, kept for the life of the store.</param>
/// <param name="Generation">0 until a gateway has given one.</param>
/// <param name="LastAssigned">Highest seq given to a queued command.</param>
/// <param name="Known">Highest seq known to be committed.</param>
/// <param name="Digest">The rolling digest at <paramref name="Known"/> (§6.3).</param>
/// <param name="SendFloor">Commands up to here may have been sent: they are never rewritten (§7.7).</param>
public sealed record DeviceIdentity(string Device, uint Generation, ulong LastAssigned, ulong Known, CommandDigest Digest, ulong SendFloor);

/// <summary>A queued command. First* are 0 unless it was re-queued after a generation change.</summary>
public sealed record OutboxCommand(ulong Seq, uint FirstGeneration, ulong FirstSeq, string Topic, ushort Type, byte[] Payload, long QueuedAtMs);

/// <summary>A topic as this device holds it.</summary>
/// <param name="Cursor">Everything through here is stored or skipped.</param>
/// <param name="Gone">The user no longer belongs to it.</param>
public sealed record ReplicaTopic(
    string Name, ulong Epoch, ulong Cursor, ulong Head, ulong First, ulong Read, MemberRole Role, uint Member, string? Title, int Members,
    ulong CompleteThrough, long CompleteAtMs, bool Gone);

/// <summary>A stored event.</summary>
public sealed record ReplicaEvent(string Topic, ulong Offset, long TimeMs, uint Member, ushort Type, byte[] Payload);

/// <summary>One change within a transaction.</summary>
public abstract record StoreWrite;

/// <summary>Queues a command under the next seq; the writer has assigned it (LastAssigned + 1, dense).</summary>
public sealed record QueueCommand(OutboxCommand Command) : StoreWrite;

/// <summary>Replaces the payload of a command that was never sent (seq &gt; SendFloor).</summary>
public sealed record RewriteCommand(ulong Seq, byte[] Payload) : StoreWrite;

/// <summary>From now on, commands up to here may have been sent.</summary>
public sealed record RaiseSendFloor(ulong Seq) : StoreWrite;

/// <summary>Commands through <paramref name="Known"/> are committed: they leave the outbox.</summary>
public sealed record DropCommitted(ulong Known, CommandDigest Digest) : StoreWrite;

/// <summary>A new generation: queued commands are renumbered from 1 and keep their first identity; known and digest start at 0.</summary>
public sealed record StartGeneration(uint Generation) : StoreWrite;

/// <summary>Inserts or replaces what is known of a topic. If the epoch differs from the stored one its events are dropped.</summary>
public sealed record PutTopic(ReplicaTopic Topic) : StoreWrite;

/// <summary>Appends events (ascending, each offset beyond the cursor) and moves the cursor to <paramref name="Cursor"/>.</summary>
public sealed record AppendEvents(string Topic, ulong Cursor, IReadOnlyList<ReplicaEvent> Events) : StoreWrite;

/// <summary>Older events from a history page: stored beside, the cursor does not move. Existing offsets are left alone.</summary>
public sealed record AddHistory(string Topic, IReadOnlyList<ReplicaEvent> Events) : StoreWrite;

/// <summary>A deleted message: its payload is destroyed, its type becomes message.erased.</summary>
public sealed record EraseEvent(string Topic, ulong Offset) : StoreWrite;

/// <summary>The topic was complete through an offset as of a time.</summary>
public sealed record MarkComplete(string Topic, ulong Through, long AtMs) : StoreWrite;

/// <summary>What was damaged. Counts, never content.</summary>
/// <param name="LostCommands">Seqs of queued commands that could not be read back: their content is gone and the app must tell the person.</param>
/// <param name="TopicsToRefetch">Topics whose events were damaged: dropped, and fetched again from the gateway.</param>
/// <param name="FileReplaced">The file itself was unreadable: what could be saved was copied to a new one.</param>
public sealed record StoreDamage(IReadOnlyList<ulong> LostCommands, IReadOnlyList<string> TopicsToRefetch, bool FileReplaced)
{
    /// <summary>Nothing was damaged.</summary>
    public static StoreDamage None { get; } = new([], [], false);

    /// <summary>True where something was lost or must be fetched again.</summary>
    public bool Any => LostCommands.Count > 0 || TopicsToRefetch.Count > 0 || FileReplaced;
}

/// <summary>The device's store could not do it. The message says what and what to do; never content.</summary>
public sealed class DeviceStoreException(DeviceStoreFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What went wrong.</summary>
    public DeviceStoreFailure Failure { get; } = failure;
}

/// <summary>Why a device store failed.</summary>
public enum DeviceStoreFailure
{
    /// <summary>No space left on the device.</summary>
    DiskFull,
    /// <summary>Another process has it open.</summary>
    InUse,
    /// <summary>The key does not open this file, or it belongs to another user or device.</summary>
    WrongKey,
    /// <summary>The file is damaged beyond what could be saved.</summary>
    Damaged,
    /// <summary>Any other failure of the disk.</summary>
    Failed,
}
