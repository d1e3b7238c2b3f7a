using Holi.Gateway.Commit;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Topics;

/// <summary>
/// How events get into a topic, from wherever they come. One rule keeps it whole and its removals in time: what continues the head is published, what is
/// at or below it is known, and what lies beyond is a hole, which the log fills.
/// <code>
/// first offset     from this gateway's batch, or another's wake-up     from the log, asked for what is after the head
/// head + 1         published                                           published
/// ≤ head           ignored up to the head                              the same: somebody was quicker
/// beyond           ignored; the log is asked                           published: the log no longer has what lies between
/// </code>
/// Whatever is published brings the memberships with it that it changes: the users are told and those removed are limited before the head moves.
/// So it does not matter which wake-ups were lost, came twice, late or in another order. All of it under the hub's lock.
/// </summary>
internal sealed class TopicIntake(People people, Tails tails, Holes holes)
{
    /// <summary>Events as another gateway or the log tells them. Returns how many of them were published.</summary>
    public int Take(HubTopic topic, IReadOnlyList<StoredEvent> events, TimeSpan now, bool fromLog = false)
    {
        var from = 0;
        while (from < events.Count && events[from].Offset <= topic.Head)
            from++;
        if (from == events.Count)
            return 0;
        if (!fromLog && events[from].Offset != topic.Head + 1)
        {
            holes.Expect(topic, events[^1].Offset);
            return 0;
        }
        for (var i = from; i < events.Count; i++)
            Apply(topic, events[i]);
        Publish(topic, events, from, now);
        return events.Count - from;
    }

    /// <summary>Events that continue the head and whose memberships were applied.</summary>
    public void Publish(HubTopic topic, IReadOnlyList<StoredEvent> events, int from, TimeSpan now)
    {
        for (var i = from; i < events.Count; i++)
            tails.Append(topic, events[i], now);
        topic.LastAppend = now;
        topic.Publish(events[^1].Offset);
        foreach (var late in topic.TakeLate())
            Move(topic, late);
        holes.Look(topic);
    }

    /// <summary>
    /// A member's positions. Beyond the head they wait for it: they would show who is not removed here yet what came after their removal. False where nobody
    /// here has that number yet: the log knows.
    /// </summary>
    public static bool Move(HubTopic topic, in LatePosition position)
    {
        if (topic.Room is not { } room)
            return true;
        if (position.Furthest > topic.Head)
        {
            topic.Wait(position);
            return true;
        }
        if (position.User is not { } user)
            return room.TryMove(position.Member, position.Delivered, position.Read);
        room.Move(position.Member, user, position.Delivered, position.Read);
        return true;
    }

    /// <summary>A membership of the topic changed: its user is told, its room, and if it ended, whoever followed by it is limited.</summary>
    public void Apply(HubTopic topic, in MembershipChange change)
    {
        people.Note(change);
        topic.Room?.Change(change);
        if (change.Present)
            return;
        foreach (var follower in topic.Followers)
        {
            // Who was removed and came back follows by the later membership.
            if (follower.Marks.User != change.User || follower.Limit <= change.Offset || follower.First > change.Offset)
                continue;
            follower.Limit = change.Offset;
            follower.Marks.Mark(follower);
        }
    }

    /// <summary>Who may see this topic is not known any more: its followers come back and read their memberships.</summary>
    public static void Distrust(HubTopic topic)
    {
        foreach (var follower in topic.Followers)
            follower.Marks.Close(HoliCode.GoingAway);
    }

    private void Apply(HubTopic topic, StoredEvent stored)
    {
        var change = EventChange.Of(topic.Key, stored);
        switch (change.Kind)
        {
            case EventChangeKind.Joined or EventChangeKind.Left:
                Apply(topic, new MembershipChange(
                    topic.TopicId, topic.Key, change.User, change.Member, change.Role, change.Kind == EventChangeKind.Joined, stored.Offset));
                break;
            case EventChangeKind.Role:
                ApplyRole(topic, change, stored.Offset);
                break;
            case EventChangeKind.Invited:
                people.Note(MembershipChange.Invitation(new TopicKey(topic.Key.Tenant, change.TopicName), change.User));
                break;
            case EventChangeKind.Erased:
                tails.Clear(topic);
                break;
            case EventChangeKind.Unreadable:
                Distrust(topic);
                foreach (var follower in topic.Followers)
                    follower.Limit = Math.Min(follower.Limit, stored.Offset);
                break;
        }
    }

    // The event names a number. Whose it is, those know who follow by it; nobody else here needs to.
    private void ApplyRole(HubTopic topic, in EventChange change, ulong offset)
    {
        topic.Room?.ChangeRole(change.Member, change.Role);
        foreach (var follower in topic.Followers)
        {
            if (follower.Member != change.Member || follower.IsLimited)
                continue;
            people.Note(new MembershipChange(
                topic.TopicId, topic.Key, follower.Marks.User, change.Member, change.Role, Present: true, offset));
            return;
        }
    }
}
