using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>What a committed batch means for those who are connected; made by the planner, published by the committer after the commit.</summary>
public sealed class BatchOutcome
{
    /// <summary>Answers to openings.</summary>
    public List<(ICommitSource Source, DeviceOpened Opened)> Opened { get; } = [];
    /// <summary>One entry per source: how far it is committed, what was refused.</summary>
    public List<(ICommitSource Source, ulong Committed, IReadOnlyList<Refusal> Refusals)> Committed { get; } = [];
    /// <summary>Sources that must close.</summary>
    public List<(ICommitSource Source, HoliCode Code)> Refused { get; } = [];
    /// <summary>Answers to publications.</summary>
    public List<(IPublicationSource Source, PublicationAnswer Answer)> Published { get; } = [];
    /// <summary>New events, grouped by topic, ascending.</summary>
    public List<AppendedEvents> Appended { get; } = [];
    /// <summary>Deleted messages.</summary>
    public List<(long TopicId, ulong Offset)> Erased { get; } = [];
    /// <summary>Who joined, left or changed role.</summary>
    public List<MembershipChange> Memberships { get; } = [];
    /// <summary>Receipts that moved.</summary>
    public List<PositionChange> Positions { get; } = [];
    /// <summary>The rows of the audit trail that went with it.</summary>
    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];
}

/// <summary>Events of one topic in offset order, dense.</summary>
public sealed record AppendedEvents(long TopicId, TopicKey Topic, IReadOnlyList<StoredEvent> Events);

/// <summary>A membership changed at <paramref name="Offset"/>: if <paramref name="Present"/> is false, the user sees nothing from that offset on.</summary>
public readonly record struct MembershipChange(long TopicId, TopicKey Topic, string User, uint Member, MemberRole Role, bool Present, ulong Offset)
{
    /// <summary>True where only the person's own topic told of it, which knows neither number nor role: the log does.</summary>
    public bool IsInvitation => Member == 0;

    /// <summary>A user belongs to <paramref name="topic"/> now, as their own topic says.</summary>
    public static MembershipChange Invitation(TopicKey topic, string user) => new(0, topic, user, 0, default, Present: true, 0);
}

/// <summary>A member's delivered and read positions after the batch.</summary>
public readonly record struct PositionChange(long TopicId, TopicKey Topic, uint Member, string User, ulong Delivered, ulong Read);

/// <summary>Where inputs go. The committer is one loop; it answers through <see cref="ICommitSource"/>.</summary>
public interface ICommitter
{
    /// <summary>Queues an input. Never blocks. False where the queue's bound is reached or the committer is closing: the connection closes with 4100.</summary>
    bool Submit(CommitInput input);
}

/// <summary>Hears every committed batch, in commit order, on the committer's loop. Must return at once.</summary>
public interface ICommitListener
{
    /// <summary>A batch is on disk; its sources were not answered yet.</summary>
    void Committed(BatchOutcome outcome);

    /// <summary>Its sources were answered, too.</summary>
    void Told()
    {
    }
}
