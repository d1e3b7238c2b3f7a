using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>One change within a transaction.</summary>
public abstract record StoreWrite
{
    /// <summary>
    /// True for what somebody is promised to be on disk once it is written: the whole transaction, and all before it, is then fsynced. What
    /// the gateway can send again needs no fsync of its own before it is shown; it does before it is acknowledged: see <see cref="Sync"/>.
    /// </summary>
    public virtual bool NeedsSync => true;
}

/// <summary>Changes nothing; with it in a transaction everything written so far is fsynced.</summary>
public sealed record Sync : StoreWrite;

/// <summary>Queues a command under the next seq; the writer has assigned it (LastAssigned + 1, dense).</summary>
public sealed record QueueCommand(OutboxCommand Command) : StoreWrite;

/// <summary>Replaces the payload of a command that was never sent (seq &gt; SendFloor).</summary>
public sealed record RewriteCommand(ulong Seq, byte[] Payload) : StoreWrite;

/// <summary>From now on, commands up to here may have been sent. Never goes down.</summary>
public sealed record RaiseSendFloor(ulong Seq) : StoreWrite;

/// <summary>Commands through <paramref name="Known"/> are committed: they leave the outbox. The send floor is then at least there.</summary>
public sealed record DropCommitted(ulong Known, CommandDigest Digest) : StoreWrite
{
    /// <summary>Forgotten in a power cut, the gateway says it again.</summary>
    public override bool NeedsSync => false;
}

/// <summary>From now on, sockets up to this number may have been said to a gateway. Never goes down.</summary>
public sealed record ReserveOpenings(ulong Through) : StoreWrite;

/// <summary>
/// A new generation: queued commands are renumbered from 1, holes closed, and keep their first identity; known, digest and send floor start at 0.
/// That of commands queued before there was any generation is in one of the store's own (§6.4).
/// </summary>
public sealed record StartGeneration(uint Generation) : StoreWrite;

/// <summary>
/// Inserts or replaces what is known of a topic. If the epoch differs from the stored one its events are dropped;
/// so epoch 0 and cursor 0 empty a topic that must be fetched again.
/// </summary>
public sealed record PutTopic(ReplicaTopic Topic) : StoreWrite
{
    /// <summary>Forgotten in a power cut, the gateway announces it again.</summary>
    public override bool NeedsSync => false;
}

/// <summary>Appends events (ascending, each offset beyond the cursor) and moves the cursor to <paramref name="Cursor"/>.</summary>
public sealed record AppendEvents(string Topic, ulong Cursor, IReadOnlyList<ReplicaEvent> Events) : StoreWrite
{
    /// <summary>Forgotten in a power cut before they were acknowledged, the gateway sends them again.</summary>
    public override bool NeedsSync => false;
}

/// <summary>
/// Older events from a history page: stored beside, the cursor does not move. Existing offsets are left alone;
/// offsets beyond the cursor are left out, for they will come in their order.
/// </summary>
public sealed record AddHistory(string Topic, IReadOnlyList<ReplicaEvent> Events) : StoreWrite
{
    /// <summary>Forgotten in a power cut, it can be asked for again.</summary>
    public override bool NeedsSync => false;
}

/// <summary>A deleted message: its payload is destroyed, its type becomes message.erased. Nothing happens where it is not stored.</summary>
public sealed record EraseEvent(string Topic, ulong Offset) : StoreWrite;

/// <summary>The topic was complete through an offset as of a time.</summary>
public sealed record MarkComplete(string Topic, ulong Through, long AtMs) : StoreWrite
{
    /// <summary>Forgotten in a power cut, the replica seems older than it is, which does no harm.</summary>
    public override bool NeedsSync => false;
}
