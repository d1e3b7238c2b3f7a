using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// What becomes of a publication (backends.md §4, §5).
/// <code>
/// key             asked   target        time                   then
/// --------------  ------  ------------  ---------------------  -----------------------------------
/// known           same                                         answered again, applied nothing
/// known           other                                        4607
/// unknown                 not there                            refused; nothing is remembered
/// unknown                               deliverAt is to come   scheduled
/// unknown                               expires is over        expired
/// unknown                               else                   appended
///
/// scheduled, due                        the clock went back    left as it is
/// scheduled, due                        expires is over        expired
/// scheduled, due          not there                            refused, and remembered
/// scheduled, due                        else                   appended
/// </code>
/// What is remembered is a row of the same transaction as the effect: so a key takes effect once.
/// </summary>
internal static class PublicationRules
{
    public static void Submit(BatchDraft draft, SubmitPublication asked)
    {
        if (draft.State.Publications.TryGetValue(asked.Key, out var known))
        {
            if (known.Digest == asked.Digest)
                Answer(draft, asked, Again(known));
            else
                Refuse(draft, asked, HoliCode.Conflict);
            return;
        }
        var code = Judge(draft, asked.Key.Tenant, asked.TopicName, asked.Type, asked.Payload);
        if (asked.Payload.Length > draft.Limits.PayloadBytesMax)
            code = HoliCode.RefusedTooLarge;
        if (asked.DeliverAtMs - draft.NowMs > (long)draft.Limits.ScheduledAheadMax.TotalMilliseconds)
            code = HoliCode.RefusedPayload;
        if (code != HoliCode.None)
        {
            Refuse(draft, asked, code);
            return;
        }
        var content = new ScheduledContent(
            asked.DeliverAtMs ?? draft.NowMs, asked.Type, asked.Payload, asked.ExpiresMs, asked.Origin.Publisher, asked.Origin.Road);
        var added = new PublicationState { Key = asked.Key, Digest = asked.Digest, TopicName = asked.TopicName, IsNew = true, Changed = true };
        draft.State.Publications.Add(asked.Key, added);
        Answer(draft, asked, content.DueMs > draft.NowMs ? Schedule(draft, added, content) : Settle(draft, added, content));
    }

    public static void Deliver(BatchDraft draft, DeliverScheduled due)
    {
        var found = draft.State.Publications.GetValueOrDefault(due.Waiting.Key);
        if (found?.Scheduled is not { } content || content.DueMs > draft.NowMs)
        {
            // Cancelled, or delivered by another node; or the clock went back since it was looked at.
            draft.Answer(due.Source, default);
            return;
        }
        var code = Judge(draft, found.Key.Tenant, found.TopicName, content.Type, content.Payload);
        if (code == HoliCode.None || IsOver(draft, content))
        {
            draft.Answer(due.Source, Settle(draft, found, content));
            return;
        }
        found.Code = code;
        End(draft, found, PublicationStage.Refused);
        draft.Audit(found, content, AuditActions.PublicationRefused, AuditActions.Refusal(code, found.TopicName));
        draft.Answer(due.Source, Again(found));
    }

    public static void Cancel(BatchDraft draft, CancelPublication cancel)
    {
        var answer = Cancelled(draft, cancel);
        draft.Answer(cancel.Source, answer);
        Consume(draft, cancel.Origin.OutboxRow, answer, isCancellation: true);
    }

    public static void PutAside(BatchDraft draft, PutOutboxRowAside aside)
    {
        draft.Outbox.Add(new OutboxRowEnd(aside.OutboxRow, aside.Code, aside.Reason));
        draft.Answer(aside.Source, new PublicationAnswer(PublicationResult.Refused, Code: aside.Code));
    }

    private static PublicationAnswer Cancelled(BatchDraft draft, CancelPublication cancel)
    {
        if (!draft.State.Publications.TryGetValue(cancel.Key, out var known))
            return new PublicationAnswer(PublicationResult.Refused, Code: HoliCode.NotFound);
        if (known.Stage == PublicationStage.Scheduled)
        {
            End(draft, known, PublicationStage.Cancelled);
            draft.Audit(new AuditEntry(
                draft.NowMs, known.Key.Tenant, cancel.Origin.Publisher, cancel.Origin.Road, AuditActions.PublicationCancelled, known.TopicName));
        }
        return known.Stage == PublicationStage.Appended
            ? new PublicationAnswer(PublicationResult.Refused, known.TopicName, known.Offset, Code: HoliCode.Conflict)
            : Again(known);
    }

    // Whether the target will take it, as far as the log knows.
    private static HoliCode Judge(BatchDraft draft, string tenant, string topicName, ushort type, byte[] payload)
    {
        if (!TopicName.TryParse(topicName, out var kind, out _))
            return HoliCode.RefusedPayload;
        if (kind != TopicKind.Conversation)
            return kind is TopicKind.User or TopicKind.Alert ? HoliCode.None : HoliCode.Unsupported;
        if (!draft.State.Topics.TryGetValue(new TopicKey(tenant, topicName), out var topic))
            return HoliCode.NotFound;
        return type == MessageTypes.MessagePost && MessageRules.ReplyTo(payload) > topic.Head ? HoliCode.NotFound : HoliCode.None;
    }

    private static PublicationAnswer Schedule(BatchDraft draft, PublicationState added, ScheduledContent content)
    {
        added.Stage = PublicationStage.Scheduled;
        added.Scheduled = content;
        draft.Audit(added, content, AuditActions.PublicationScheduled, added.TopicName);
        return new PublicationAnswer(PublicationResult.Scheduled, added.TopicName, DueMs: content.DueMs);
    }

    private static PublicationAnswer Settle(BatchDraft draft, PublicationState publication, ScheduledContent content)
    {
        if (IsOver(draft, content))
        {
            End(draft, publication, PublicationStage.Expired);
            draft.Audit(publication, content, AuditActions.PublicationExpired, publication.TopicName);
            return Again(publication);
        }
        var topic = draft.State.Topics.GetValueOrDefault(new TopicKey(publication.Key.Tenant, publication.TopicName)) ?? PersonsTopic(draft, publication);
        publication.Offset = draft.Append(topic, null, content.Type, content.Payload);
        End(draft, publication, PublicationStage.Appended);
        draft.Audit(publication, content, AuditActions.Publication, AuditActions.Event(topic.Key, publication.Offset));
        return new PublicationAnswer(PublicationResult.Committed, publication.TopicName, publication.Offset);
    }

    private static bool IsOver(BatchDraft draft, ScheduledContent content) => content.ExpiresMs <= draft.NowMs;

    // Only a person's topic is made by what is published to it. That an alert topic is, is told in the person's own, so that whoever reads the
    // log learns of it, wherever they are connected.
    private static TopicState PersonsTopic(BatchDraft draft, PublicationState publication)
    {
        var user = publication.TopicName[(publication.TopicName.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var own = draft.OwnTopic(publication.Key.Tenant, user);
        if (own.Key.Name == publication.TopicName)
            return own;
        var topic = draft.CreateTopic(new TopicKey(publication.Key.Tenant, publication.TopicName), null);
        var owner = BatchDraft.AddMember(topic, user, MemberRole.Owner, firstOffset: 1);
        draft.Memberships.Add(MemberRules.Change(topic, owner, owner.FirstOffset));
        draft.Append(own, null, MessageTypes.ConversationJoined, new ConversationJoined(topic.Key.Name, null, user).ToBytes());
        return topic;
    }

    private static void End(BatchDraft draft, PublicationState publication, PublicationStage stage)
    {
        publication.Stage = stage;
        publication.DecidedMs = draft.NowMs;
        publication.Scheduled = null;
        publication.Changed = true;
    }

    // What a key that is known is answered with.
    private static PublicationAnswer Again(PublicationState known) => known.Stage switch
    {
        PublicationStage.Scheduled => new(PublicationResult.Duplicate, known.TopicName, DueMs: known.Scheduled?.DueMs),
        PublicationStage.Appended => new(PublicationResult.Duplicate, known.TopicName, known.Offset),
        PublicationStage.Expired => new(PublicationResult.Expired, Code: HoliCode.Expired),
        PublicationStage.Cancelled => new(PublicationResult.Cancelled, Code: HoliCode.Cancelled),
        _ => new(PublicationResult.Refused, Code: known.Code),
    };

    private static void Refuse(BatchDraft draft, SubmitPublication asked, HoliCode code)
    {
        draft.Audit(new AuditEntry(
            draft.NowMs, asked.Key.Tenant, asked.Origin.Publisher, asked.Origin.Road, AuditActions.PublicationRefused,
            AuditActions.Refusal(code, asked.TopicName)));
        Answer(draft, asked, new PublicationAnswer(PublicationResult.Refused, Code: code));
    }

    private static void Answer(BatchDraft draft, SubmitPublication asked, in PublicationAnswer answer)
    {
        draft.Answer(asked.Source, answer);
        Consume(draft, asked.Origin.OutboxRow, answer, isCancellation: false);
    }

    // The row that asked goes with the decision: done, or put aside with its reason.
    private static void Consume(BatchDraft draft, long outboxRow, in PublicationAnswer answer, bool isCancellation)
    {
        if (outboxRow == 0)
            return;
        var isDone = PublicationReasons.IsDone(answer, isCancellation);
        draft.Outbox.Add(isDone ? new OutboxRowEnd(outboxRow, HoliCode.None, "") : new OutboxRowEnd(outboxRow, answer.Code, PublicationReasons.Of(answer) ?? ""));
    }
}
