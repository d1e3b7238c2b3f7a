using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Commit;

/// <summary>
/// Whoever submitted a publication: one for each input. Called by the committer's loop after the batch is on disk, in order; must return at once.
/// </summary>
public interface IPublicationSource
{
    /// <summary>What became of it. Called once.</summary>
    void Answered(in PublicationAnswer answer);
}

/// <summary>What became of a publication (backends.md §6.2).</summary>
public enum PublicationResult : byte
{
    /// <summary>Nobody can say: it was turned away before it was decided. The same may be sent again.</summary>
    NotTaken,
    /// <summary>Its event is in the log.</summary>
    Committed,
    /// <summary>It is written, and waits for its time.</summary>
    Scheduled,
    /// <summary>It was committed or scheduled before, under this key.</summary>
    Duplicate,
    /// <summary>Its time was over.</summary>
    Expired,
    /// <summary>It was taken back.</summary>
    Cancelled,
    /// <summary>It cannot be done; <see cref="PublicationAnswer.Code"/> says why.</summary>
    Refused,
}

/// <summary>The answer to a publication, or to its cancellation.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="TopicName">Where it was or will be appended; null where nowhere.</param>
/// <param name="Offset">Its event's; 0 where there is none.</param>
/// <param name="DueMs">When it will be appended, ms since 1970; null but while it is scheduled.</param>
/// <param name="Code">Why it was refused, expired, cancelled or not taken; else None.</param>
public readonly record struct PublicationAnswer(
    PublicationResult Result, string? TopicName = null, ulong Offset = 0, long? DueMs = null, HoliCode Code = HoliCode.None)
{
    /// <summary>It was turned away.</summary>
    public static PublicationAnswer NotTaken => new(PublicationResult.NotTaken, Code: HoliCode.Overloaded);
}

/// <summary>Where a publication comes from.</summary>
/// <param name="Publisher">The backend; empty where its road does not say.</param>
/// <param name="Road">One of <see cref="PublicationRoads"/>.</param>
/// <param name="OutboxRow">The row of the outbox table that goes with the decision; 0 where there is none.</param>
public readonly record struct PublicationOrigin(string Publisher, string Road, long OutboxRow = 0);

/// <summary>How publications come.</summary>
public static class PublicationRoads
{
    public const string Http = "http";
    public const string Redis = "redis";
    public const string Sql = "sql";
}

/// <summary>One publication of a backend, checked but for what only the log knows.</summary>
/// <param name="Source">Is told what became of it.</param>
/// <param name="Key">Its key.</param>
/// <param name="Digest">Of everything that was asked.</param>
/// <param name="Origin">Who it comes from.</param>
/// <param name="TopicName">Where it is to be appended: a conversation, or a person's own or alert topic.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Payload">The event's payload, checked.</param>
/// <param name="DeliverAtMs">Not before then; null: at once.</param>
/// <param name="ExpiresMs">Not from then on; null: never too late.</param>
public sealed record SubmitPublication(
    IPublicationSource Source, PublicationKey Key, UInt128 Digest, PublicationOrigin Origin, string TopicName, ushort Type, byte[] Payload,
    long? DeliverAtMs, long? ExpiresMs) : CommitInput
{
    public override int PayloadBytes => Payload.Length;

    public override void TurnAway() => Source.Answered(PublicationAnswer.NotTaken);
}

/// <summary>Takes a scheduled publication back, if it is in time.</summary>
public sealed record CancelPublication(IPublicationSource Source, PublicationKey Key, PublicationOrigin Origin) : CommitInput
{
    public override void TurnAway() => Source.Answered(PublicationAnswer.NotTaken);
}

/// <summary>A row of the outbox table is no publication.</summary>
public sealed record PutOutboxRowAside(IPublicationSource Source, long OutboxRow, HoliCode Code, string Reason) : CommitInput
{
    public override void TurnAway() => Source.Answered(PublicationAnswer.NotTaken);
}

/// <summary>A scheduled publication has come due. Where it is not there any more, nothing happens.</summary>
/// <param name="Source">Is told that it was decided, whatever that came to.</param>
/// <param name="Waiting">Which.</param>
public sealed record DeliverScheduled(IPublicationSource Source, WaitingPublication Waiting) : CommitInput
{
    // Read from the log with its batch.
    public override int PayloadBytes => Waiting.PayloadBytes;

    public override void TurnAway() => Source.Answered(PublicationAnswer.NotTaken);
}
