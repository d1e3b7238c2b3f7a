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
    public HashSet<CommandIdentity> FirstIdentities { get; } = [];
    /// <summary>Topics whose whole member list is needed (leave by an owner).</summary>
    public HashSet<TopicKey> WholeRosters { get; } = [];
}

/// <summary>A device as loaded; changed by the planner.</summary>
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
    public ulong FirstOffset { get; set; }
    public ulong Delivered { get; set; }
    public ulong Read { get; set; }
    public bool Changed { get; set; }
}

/// <summary>What the keys named and the store found.</summary>
public sealed class BatchState
{
    /// <summary>Epoch given to topics created now.</summary>
    public ulong Epoch { get; init; } = 1;
    public Dictionary<DeviceKey, DeviceState> Devices { get; } = [];
    public Dictionary<TopicKey, TopicState> Topics { get; } = [];
    public Dictionary<(TopicKey Topic, ulong Offset), StoredEvent> Events { get; } = [];
    /// <summary>Those of the asked first identities that already took effect.</summary>
    public HashSet<CommandIdentity> Applied { get; } = [];
}

/// <summary>An event that the batch appends; its topic may have been created in the same batch.</summary>
public sealed record NewEvent(
    TopicState Topic, ulong Offset, long TimeMs, uint Member, ushort Type, byte[] Payload, DeviceState? Device, uint Generation, ulong Seq, long Check);

/// <summary>A row of the hash-chained audit trail, committed with its effect. Never contains content.</summary>
public sealed record AuditEntry(long TimeMs, string Tenant, string User, string Device, string Action, string Subject);

/// <summary>
/// Everything that one transaction writes. Devices, topics and members with <c>Changed</c> are upserted from the state;
/// the store sets <see cref="DeviceState.DeviceId"/> and <see cref="TopicState.TopicId"/> of new ones before it returns.
/// </summary>
public sealed class BatchWrites
{
    public List<NewEvent> Events { get; } = [];
    /// <summary>Deleted messages: the row keeps its offset, time and sender and becomes message.erased with an empty payload.</summary>
    public List<(TopicState Topic, ulong Offset)> Erasures { get; } = [];
    public List<AuditEntry> Audit { get; } = [];
    public bool IsEmpty { get; set; }
}
