using Holi.Gateway.Ops.Traces;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Storage;

/// <summary>A device of a user of a tenant: the same device id under another user is another device.</summary>
public readonly record struct DeviceKey(string Tenant, string User, string Device);

/// <summary>A topic's name within its tenant.</summary>
public readonly record struct TopicKey(string Tenant, string Name);

/// <summary>A command's identity for the lifetime of its effect.</summary>
public readonly record struct CommandIdentity(long DeviceId, uint Generation, ulong Seq);

/// <summary>
/// The identity under which a command first travelled, as CommandAgain names it (§7.2), with the first 8 bytes of the check that it had then: two
/// copies of a device may have given one seq to different commands, and only the same command is applied once.
/// </summary>
public readonly record struct FirstIdentity(DeviceKey Device, uint Generation, ulong Seq, long Check);

/// <summary>One event of the log.</summary>
/// <param name="TopicId">The store's own key of the topic.</param>
/// <param name="Offset">Dense from 1.</param>
/// <param name="TimeMs">Gateway time of the commit, ms since 1970.</param>
/// <param name="Member">The sender's member number; 0 is the system.</param>
/// <param name="Type">One of <see cref="MessageTypes"/>, or a later one.</param>
/// <param name="Payload">MessagePack array, checked.</param>
/// <param name="Identity">The command it is the effect of; default where there is none (device 0).</param>
/// <param name="Check">First 8 bytes of that command's check.</param>
public sealed record StoredEvent(
    long TopicId, ulong Offset, long TimeMs, uint Member, ushort Type, byte[] Payload, CommandIdentity Identity, long Check)
{
    /// <summary>Not stored. Null but for a new event whose command is traced; on other nodes, for one whose wake-up says so.</summary>
    public MessageTrace? Trace { get; init; }
}

/// <summary>A member of a topic. Numbers are dense from 1 in the order of first joining and never reused.</summary>
public sealed record StoredMember(
    long TopicId, uint Number, string User, MemberRole Role, bool Present, ulong FirstOffset, ulong Delivered, ulong Read);

/// <summary>A topic as one member sees it.</summary>
public sealed record Membership(
    long TopicId, string Name, ulong Epoch, ulong Head, string? Title, int Members, StoredMember Member);
