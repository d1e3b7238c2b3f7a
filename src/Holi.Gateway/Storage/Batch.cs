using Holi.Gateway.Ops.Traces;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Storage;

/// <summary>What a batch needs to see before it can be planned. Collected from the inputs; loaded and locked by the store at once.</summary>
public sealed class BatchKeys
{
    /// <summary>Devices whose commands or openings are in the batch.</summary>
    public HashSet<DeviceKey> Devices { get; } = [];
    /// <summary>Topics that may be written.</summary>
    public HashSet<TopicKey> Topics { get; } = [];
    /// <summary>Memberships that decide (sender, and those a command names). Present or not.</summary>
    public HashSet<(TopicKey Topic, string User)> Members { get; } = [];
    /// <summary>Earlier events that a command names: edit, delete, react.</summary>
    public HashSet<(TopicKey Topic, ulong Offset)> Events { get; } = [];
    /// <summary>First identities of commands that travel again after a generation change.</summary>
    public HashSet<FirstIdentity> FirstIdentities { get; } = [];
    /// <summary>Messages about to be deleted: their edits hold what they said, too.</summary>
    public HashSet<(TopicKey Topic, ulong Offset)> Edited { get; } = [];
    /// <summary>Users who may be about to get another device.</summary>
    public HashSet<(string Tenant, string User)> DeviceCounts { get; } = [];
    /// <summary>Topics whose whole member list is needed (leave by an owner).</summary>
    public HashSet<TopicKey> WholeRosters { get; } = [];
    /// <summary>Publications that are submitted or cancelled. Locked against other nodes whether or not there is a row yet.</summary>
    public HashSet<PublicationKey> Publications { get; } = [];
    /// <summary>
    /// Topics that publications go to; they are among <see cref="Topics"/>, too. Locked like every topic that is written, though members who do not
    /// belong there may be asked about in the same batch.
    /// </summary>
    public HashSet<TopicKey> Targets { get; } = [];
    /// <summary>Scheduled publications that have come due, to be claimed: one that another node has claimed may be absent from the state.</summary>
    public HashSet<PublicationKey> Due { get; } = [];
}

/// <summary>A device as loaded or opened for the first time in this batch; changed by the planner.</summary>
public sealed class DeviceState
{
    /// <summary>0 until the store has given it one (a new device within the batch).</summary>
    public long DeviceId { get; set; }
    public required DeviceKey Key { get; init; }
    public uint Generation { get; set; }
    public ulong Committed { get; set; }
    public CommandDigest Digest { get; set; }
    /// <summary>Counts openings; a command from an earlier opening is refused (fencing).</summary>
    public ulong Fence { get; set; }
    /// <summary>The highest opening that was accepted, by the device's own count (§6.5); 0 where it does not count.</summary>
    public ulong Opening { get; set; }
    public bool Changed { get; set; }
}

/// <summary>A topic as loaded or created in this batch; changed by the planner.</summary>
public sealed class TopicState
{
    /// <summary>0 until the store has given it one (created in this batch).</summary>
    public long TopicId { get; set; }
    public required TopicKey Key { get; init; }
    public ulong Epoch { get; init; }
    public ulong Head { get; set; }
    public string? Title { get; set; }
    public uint LastMember { get; set; }
    public int MemberCount { get; set; }
    public bool Changed { get; set; }
    /// <summary>Loaded members by user (those the keys named, or all).</summary>
    public Dictionary<string, MemberState> Members { get; } = [];
}

/// <summary>A member as loaded or added in this batch; changed by the planner.</summary>
public sealed class MemberState
{
    public required string User { get; init; }
    public uint Number { get; init; }
    public MemberRole Role { get; set; }
    public bool Present { get; set; }
    /// <summary>Added in this batch: there is no row yet.</summary>
    public bool IsNew { get; set; }
    public ulong FirstOffset { get; set; }
    public ulong Delivered { get; set; }
    public ulong Read { get; set; }
    public bool Changed { get; set; }
}

/// <summary>What the keys named and the store found.</summary>
public sealed class BatchState
{
    /// <summary>Epoch given to topics created now. New with each store and each restored backup.</summary>
    public ulong Epoch { get; init; } = 1;
    /// <summary>How many batches this store object's writer has committed: tells whether a batch whose COMMIT went unanswered is on disk.</summary>
    public ulong LastBatch { get; init; }
    /// <summary>
    /// The time of the store's own clock, ms since 1970, by which a batch goes where several nodes write: so that no node's clock makes something come
    /// due, or expire, before others. Null where the one node's clock is as good.
    /// </summary>
    public long? TimeMs { get; init; }
    public Dictionary<DeviceKey, DeviceState> Devices { get; } = [];
    public Dictionary<TopicKey, TopicState> Topics { get; } = [];
    public Dictionary<(TopicKey Topic, ulong Offset), StoredEvent> Events { get; } = [];
    /// <summary>Those of the asked first identities that were decided: None where they took effect, else the code they were refused with.</summary>
    public Dictionary<FirstIdentity, HoliCode> Decided { get; } = [];
    /// <summary>Offsets of the edits of each message asked for.</summary>
    public Dictionary<(TopicKey Topic, ulong Offset), IReadOnlyList<ulong>> Edits { get; } = [];
    /// <summary>How many devices each of the asked users has.</summary>
    public Dictionary<(string Tenant, string User), int> DeviceCounts { get; } = [];
    /// <summary>What is remembered of the publications asked for, and those that this batch adds.</summary>
    public Dictionary<PublicationKey, PublicationState> Publications { get; } = [];
}

/// <summary>
/// An event that the batch appends; its topic may have been created in the same batch. At most one event carries a command's identity.
/// </summary>
/// <param name="Topic">Where it is appended.</param>
/// <param name="Offset">Dense.</param>
/// <param name="TimeMs">Gateway time, ms since 1970.</param>
/// <param name="Member">Who caused it; 0 is the system.</param>
/// <param name="Type">One of <see cref="MessageTypes"/>.</param>
/// <param name="Payload">MessagePack array, checked.</param>
/// <param name="Target">The offset of the earlier event that it edits, deletes or reacts to; else 0.</param>
/// <param name="Command">The command it is the effect of; null where there is none.</param>
public sealed record NewEvent(
    TopicState Topic, ulong Offset, long TimeMs, uint Member, ushort Type, byte[] Payload, ulong Target, AppliedCommand? Command)
{
    /// <summary>Not stored: goes along with the event to those who are connected.</summary>
    public MessageTrace? Trace { get; init; }
}

/// <summary>A command's identity as it is stored with its effect.</summary>
/// <param name="Device">Whose.</param>
/// <param name="Generation">The generation it was committed in.</param>
/// <param name="Seq">Its seq there.</param>
/// <param name="Check">First 8 bytes of its check.</param>
/// <param name="FirstGeneration">With <paramref name="FirstSeq"/> the identity it first travelled under; 0 where that is its own.</param>
/// <param name="FirstSeq">See <paramref name="FirstGeneration"/>.</param>
/// <param name="FirstCheck">The check it had then; 0 where that is its own.</param>
public sealed record AppliedCommand(
    DeviceState Device, uint Generation, ulong Seq, long Check, uint FirstGeneration, ulong FirstSeq, long FirstCheck);

/// <summary>A row of the hash-chained audit trail, committed with its effect. Never contains content.</summary>
public sealed record AuditEntry(long TimeMs, string Tenant, string User, string Device, string Action, string Subject);

/// <summary>
/// Everything that one transaction writes. Devices, topics, members and publications with <c>Changed</c> are upserted from the state;
/// the store sets <see cref="DeviceState.DeviceId"/> and <see cref="TopicState.TopicId"/> of new ones before it asks for the COMMIT, so that
/// they are known even where its answer is lost.
/// </summary>
public sealed class BatchWrites
{
    public List<NewEvent> Events { get; } = [];
    /// <summary>Deleted messages: the row keeps its offset, time and sender and becomes message.erased with an empty payload.</summary>
    public List<(TopicState Topic, ulong Offset)> Erasures { get; } = [];
    public List<AuditEntry> Audit { get; } = [];
    /// <summary>Rows of the outbox table whose publications are decided; only where there is such a table.</summary>
    public List<OutboxRowEnd> Outbox { get; } = [];
    /// <summary>Publications decided before this time, ms since 1970, may be forgotten, those decided first before others.</summary>
    public long ForgetDecidedBeforeMs { get; set; }
    /// <summary>How many of them at most; the rest stays for later batches. 0: none.</summary>
    public int ForgetMax { get; set; }
    public bool IsEmpty { get; set; }
}
