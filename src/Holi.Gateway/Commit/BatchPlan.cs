using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>An opening as decided; the device's key in the store may be known only once it is written.</summary>
internal readonly record struct PlannedOpening(
    ICommitSource Source, DeviceState? Device, HoliCode Code, uint Generation, ulong Committed, CommandDigest Digest, ulong Fence);

/// <summary>A membership as changed, with the values it had at that moment of the batch.</summary>
internal readonly record struct PlannedMembership(
    TopicState Topic, string User, uint Member, MemberRole Role, bool Present, ulong Offset);

/// <summary>What a batch will write, and what it will mean once that is on disk.</summary>
public sealed class BatchPlan
{
    private readonly BatchDraft _draft;

    internal BatchPlan(BatchDraft draft)
    {
        _draft = draft;
        foreach (var events in draft.Appended.Values)
            Writes.Events.AddRange(events);
        Writes.Erasures.AddRange(draft.Erased);
        Writes.Audit.AddRange(draft.AuditEntries);
        Writes.Outbox.AddRange(draft.Outbox);
        Forget(draft);
        Writes.IsEmpty = Writes.Outbox.Count == 0 && Writes.Events.Count == 0 && Writes.Erasures.Count == 0 && Writes.Audit.Count == 0 && !AnyChanged(draft.State);
    }

    /// <summary>For the store.</summary>
    public BatchWrites Writes { get; } = new();

    /// <summary>For everyone else; to be called once the store has committed, because the store's own keys are known only then.</summary>
    public BatchOutcome ToOutcome()
    {
        var outcome = new BatchOutcome { Audit = Writes.Audit };
        foreach (var opening in _draft.Openings)
        {
            outcome.Opened.Add((opening.Source, new DeviceOpened(
                opening.Code, opening.Device?.DeviceId ?? 0, opening.Generation, opening.Committed, opening.Digest, opening.Fence)));
        }
        _draft.Answers.CopyTo(outcome);
        outcome.Published.AddRange(_draft.Published);
        foreach (var (topic, events) in _draft.Appended)
            outcome.Appended.Add(new AppendedEvents(topic.TopicId, topic.Key, events.ConvertAll(e => Stored(topic, e))));
        foreach (var (topic, offset) in _draft.Erased)
            outcome.Erased.Add((topic.TopicId, offset));
        foreach (var change in _draft.Memberships)
        {
            outcome.Memberships.Add(new MembershipChange(
                change.Topic.TopicId, change.Topic.Key, change.User, change.Member, change.Role, change.Present, change.Offset));
        }
        foreach (var (member, topic) in _draft.Moved)
        {
            outcome.Positions.Add(new PositionChange(
                topic.TopicId, topic.Key, member.Number, member.User, member.Delivered, member.Read));
        }
        return outcome;
    }

    private static StoredEvent Stored(TopicState topic, NewEvent e) =>
        new(
            topic.TopicId,
            e.Offset,
            e.TimeMs,
            e.Member,
            e.Type,
            e.Payload,
            e.Command is { } command ? new CommandIdentity(command.Device.DeviceId, command.Generation, command.Seq) : default,
            e.Command?.Check ?? 0)
        { Trace = e.Trace };

    // For each key that is added two may go: so the table stays as large as what is to be remembered, and no batch does much for it.
    private void Forget(BatchDraft draft)
    {
        const int each = 2;
        foreach (var publication in draft.State.Publications.Values)
        {
            if (publication.IsNew)
                Writes.ForgetMax += each;
        }
        Writes.ForgetDecidedBeforeMs = draft.NowMs - (long)draft.Limits.KeysRemembered.TotalMilliseconds;
    }

    private static bool AnyChanged(BatchState state)
    {
        foreach (var publication in state.Publications.Values)
        {
            if (publication.Changed)
                return true;
        }
        foreach (var device in state.Devices.Values)
        {
            if (device.Changed)
                return true;
        }
        foreach (var topic in state.Topics.Values)
        {
            if (topic.Changed)
                return true;
            foreach (var member in topic.Members.Values)
            {
                if (member.Changed)
                    return true;
            }
        }
        return false;
    }
}
