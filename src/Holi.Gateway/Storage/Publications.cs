using Holi.Wire;

namespace Holi.Gateway.Storage;

/// <summary>What a backend calls one publication, unique within its tenant (backends.md §4).</summary>
public readonly record struct PublicationKey(string Tenant, string Key);

/// <summary>
/// How far a publication has come. Stored as these numbers.
/// <code>
///              due              cancelled
/// Scheduled ──────▶ Appended       │
///     │    └──────▶ Expired        │        what is not scheduled begins at Appended or Expired; nothing leaves the right side
///     │    └──────▶ Refused        │
///     └────────────────────────▶ Cancelled
/// </code>
/// </summary>
public enum PublicationStage : byte
{
    /// <summary>It waits for its time; its content is in the row.</summary>
    Scheduled = 0,
    /// <summary>Its event is in the log.</summary>
    Appended = 1,
    /// <summary>Its time was over before it could be appended.</summary>
    Expired = 2,
    /// <summary>When it came due its target would not take it.</summary>
    Refused = 3,
    /// <summary>Its backend took it back in time.</summary>
    Cancelled = 4,
}

/// <summary>
/// What is remembered of a publication: its idempotency record, and while it waits for its time, its content, too. As loaded or added in this
/// batch; changed by the planner.
/// </summary>
public sealed class PublicationState
{
    public required PublicationKey Key { get; init; }
    /// <summary>Of everything that was asked: the same key with another digest is another publication, and a mistake.</summary>
    public required UInt128 Digest { get; init; }
    /// <summary>Where it goes, or went.</summary>
    public required string TopicName { get; init; }
    public PublicationStage Stage { get; set; }
    /// <summary>Its event's; 0 where there is none.</summary>
    public ulong Offset { get; set; }
    /// <summary>Why it was refused when it came due; else None.</summary>
    public HoliCode Code { get; set; }
    /// <summary>When it left <see cref="PublicationStage.Scheduled"/>, ms since 1970: from then on it is remembered. Null before.</summary>
    public long? DecidedMs { get; set; }
    /// <summary>What is to be appended when; null but while it is scheduled.</summary>
    public ScheduledContent? Scheduled { get; set; }
    /// <summary>Added in this batch: there is no row yet.</summary>
    public bool IsNew { get; set; }
    public bool Changed { get; set; }
}

/// <summary>What a scheduled publication will append.</summary>
/// <param name="DueMs">When, ms since 1970.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Payload">MessagePack array, checked.</param>
/// <param name="ExpiresMs">From when on it is of no use; null: never.</param>
/// <param name="Publisher">Who published it, for the audit trail; empty where that is not known.</param>
/// <param name="Road">How it came, for the audit trail.</param>
public sealed record ScheduledContent(long DueMs, ushort Type, byte[] Payload, long? ExpiresMs, string Publisher, string Road);

/// <summary>The end of a row of the outbox table.</summary>
/// <param name="Id">Which.</param>
/// <param name="Code">None where its publication was done; else why it is put aside.</param>
/// <param name="Reason">For people; never contains content.</param>
public readonly record struct OutboxRowEnd(long Id, HoliCode Code, string Reason);

/// <summary>What is scheduled, as a scheduler needs it.</summary>
/// <param name="First">Those that come due first, by their time and then in the order in which they were committed.</param>
/// <param name="TimeMs">What <see cref="BatchState.TimeMs"/> would be now.</param>
public sealed record ScheduledPublications(IReadOnlyList<WaitingPublication> First, long? TimeMs);

/// <summary>A scheduled publication as a scheduler needs it: which, where, when and how large.</summary>
public readonly record struct WaitingPublication(PublicationKey Key, string TopicName, long DueMs, int PayloadBytes);
