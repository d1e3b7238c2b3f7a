namespace Holi.Client;

/// <summary>
/// What a device keeps: who it is, its outbox, its replica of topics. One file per user; SQLite in an app, memory with
/// separate written and synced states in the simulator. What <see cref="Write"/> returned from is written, whole: the end of the process, however it
/// ends, does not undo it. What it threw from is not there. What was written before a transaction that <see cref="StoreWrite.NeedsSync"/>, and that
/// transaction, also survives a power cut, as does all that is there when a store is opened; what was written since may be gone after one: from its end, transaction by transaction, never from its middle.
/// Called by one writer at a time; reads may run beside it from any thread.
/// </summary>
public interface IDeviceStore : IDisposable
{
    /// <summary>
    /// Who this device is and how far it got. The identity (a random device id) is made with the file.
    /// The generation reads 0 after damage that makes its seqs untrustworthy, until <see cref="StartGeneration"/>: ask for a new one.
    /// </summary>
    DeviceIdentity ReadIdentity();

    /// <summary>
    /// One transaction: all of <paramref name="writes"/>, in order, or none. Fsynced before it returns where any of them <see cref="StoreWrite.NeedsSync"/>.
    /// Throws <see cref="DeviceStoreException"/> (disk full, damaged): nothing of the batch happened and a later call may work.
    /// Throws <see cref="ArgumentException"/> where a write contradicts the store (a seq out of order, a topic never put): a bug in the caller, nothing happened.
    /// </summary>
    void Write(IReadOnlyList<StoreWrite> writes);

    /// <summary>
    /// Queued commands with seq &gt; <paramref name="after"/>, ascending; at most so many and so many payload bytes (at least one if there is one).
    /// Dense, unless a command was damaged: then its seq is missing here, named in <see cref="Damage"/>, and only a new generation closes the hole.
    /// </summary>
    IReadOnlyList<OutboxCommand> ReadOutbox(ulong after, int countMax, int bytesMax);

    /// <summary>How many commands and payload bytes are queued. Does not read the queue.</summary>
    (long Count, long Bytes) ReadOutboxSize();

    /// <summary>Every topic known, with its cursor.</summary>
    IReadOnlyList<ReplicaTopic> ReadTopics();

    /// <summary>Stored events with offset &gt; <paramref name="after"/>, ascending. Offsets that a Skip covered are absent. A topic never put has none.</summary>
    IReadOnlyList<ReplicaEvent> ReadEvents(string topic, ulong after, int countMax);

    /// <summary>The newest stored events with offset &lt; <paramref name="before"/> (0: from the end), ascending.</summary>
    IReadOnlyList<ReplicaEvent> ReadEventsBack(string topic, ulong before, int countMax);

    /// <summary>What was found damaged, at opening or by a read since; empty when all is well. Look again after a read.</summary>
    StoreDamage Damage { get; }
}
