using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Log;

/// <summary>An event as the log has it, with the identity of the command that it is the effect of.</summary>
/// <param name="Stored">What readers see.</param>
/// <param name="Origin">Whose command; null where there was none.</param>
/// <param name="First">The identity it first travelled under; the command's own where it travelled once.</param>
/// <param name="Target">The earlier event that it edits, deletes or reacts to.</param>
public sealed record LogEvent(StoredEvent Stored, DeviceKey? Origin, FirstIdentity? First, ulong Target);

/// <summary>A topic in the log.</summary>
public sealed class LogTopic
{
    public required long Id { get; init; }
    public required TopicKey Key { get; init; }
    public ulong Epoch { get; set; }
    public string? Title { get; set; }
    public uint LastMember { get; set; }
    public int MemberCount { get; set; }
    public Dictionary<string, StoredMember> Members { get; init; } = [];
    public List<LogEvent> Events { get; init; } = [];
    public ulong Head => (ulong)Events.Count;

    public LogTopic Clone() => new()
    {
        Id = Id, Key = Key, Epoch = Epoch, Title = Title, LastMember = LastMember, MemberCount = MemberCount,
        Members = new(Members), Events = [.. Events],
    };
}

/// <summary>A device in the log.</summary>
public sealed record LogDevice(long Id, DeviceKey Key, uint Generation, ulong Committed, CommandDigest Digest, ulong Fence, ulong Opening);

/// <summary>A publication in the log.</summary>
public sealed record LogPublication(
    UInt128 Digest, string TopicName, PublicationStage Stage, ulong Offset, HoliCode Code, long? DecidedMs, ScheduledContent? Scheduled);
