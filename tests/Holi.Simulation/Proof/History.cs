using Holi.Client;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Simulation.Proof;

/// <summary>Something that an actor did or saw. The checker reads them in order, after the run.</summary>
public abstract record Fact;

/// <summary>A batch is on disk.</summary>
public sealed record BatchCommitted(IReadOnlyList<NewEvent> Events, IReadOnlyList<(TopicState Topic, ulong Offset)> Erasures, BatchState State) : Fact;

/// <summary>An older backup took the log's place.</summary>
public sealed record LogRestored(Log.LogData Data) : Fact;

/// <summary>Batches that were answered for are gone (a planted bug).</summary>
public sealed record BatchesLost(Log.LogData Data) : Fact;

/// <summary>An app was told that its command is on the device's disk.</summary>
public sealed record CommandKept(string Copy, int Command) : Fact;

/// <summary>An app was told that its command is committed, or refused with a code.</summary>
public sealed record CommandAnswered(string Copy, DeviceKey Key, int Command, HoliCode Code) : Fact;

/// <summary>A device took a command out of its outbox, because a Commit had covered it.</summary>
public sealed record CommandForgotten(string Copy, uint Generation, OutboxCommand Command) : Fact;

/// <summary>A device stored events and moved its cursor.</summary>
public sealed record EventsKept(string Copy, string Topic, ulong Epoch, ulong After, ulong Cursor, IReadOnlyList<ReplicaEvent> Events) : Fact;

/// <summary>A device stored a page of older events.</summary>
public sealed record HistoryStored(string Copy, string Topic, ulong Epoch, IReadOnlyList<ReplicaEvent> Events) : Fact;

/// <summary>A device stored what it knows of a topic.</summary>
public sealed record TopicPut(string Copy, string Topic, ulong Epoch, ulong Cursor, ulong EpochBefore, bool Gone) : Fact;

/// <summary>A device's disk is another one now: an older copy of itself, or of another device's.</summary>
public sealed record DeviceReplaced(string Copy, Device.DeviceDisk Disk) : Fact;

/// <summary>The gateway put an event of a topic on the wire to a user.</summary>
public readonly record struct WireEvent(string Tenant, string User, TopicKey Topic, ulong Epoch, ulong Offset);

/// <inheritdoc cref="WireEvent"/>
public sealed record EventSent(WireEvent Event) : Fact;

/// <summary>A gateway told a user how far a topic has come, or how far somebody has it: that it is so far is seen, too.</summary>
public sealed record PositionSent(WireEvent Event, string What) : Fact;

/// <summary>A gateway told a user who belongs to a topic.</summary>
public sealed record RosterSent(WireEvent Topic, IReadOnlyList<string> Users) : Fact;

/// <summary>A member typed at a gateway that had published the topic through an offset.</summary>
public sealed record TypedAt(WireEvent Typed, uint Member) : Fact;

/// <summary>A gateway showed somebody that a member types.</summary>
public sealed record TypingSent(WireEvent Topic, uint Member) : Fact;

/// <summary>All facts of a run, and a hash over them: two runs of one scenario have the same.</summary>
public sealed class History
{
    public List<Fact> Facts { get; } = [];

    public ulong Hash { get; private set; } = 14695981039346656037UL;

    public void Add(Fact fact)
    {
        Facts.Add(fact);
        Mix((ulong)fact.GetType().Name.Length);
    }

    public void Mix(ulong value) => Hash = (Hash ^ value) * 1099511628211UL;

    public void Mix(ReadOnlySpan<byte> bytes)
    {
        Mix((ulong)bytes.Length);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            Mix(BitConverter.ToUInt64(bytes));
        foreach (var rest in bytes)
            Mix(rest);
    }

}
