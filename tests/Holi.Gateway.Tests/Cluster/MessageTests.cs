using CsCheck;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Tests.Cluster;

public sealed class MessageTests
{
    private static readonly NodeId Self = new(1), Other = new(2);
    private static readonly ClusterLimits Limits = new();

    private static readonly Gen<StoredEvent> AnyEvent = Gen.Select(
        Gen.Long[0, 1L << 45], Gen.UInt, Gen.UShort, Gen.Byte.Array[0, 300],
        (time, member, type, payload) => new StoredEvent(0, 0, time, member, type, payload, default, 0) { Trace = TraceOf(payload) });

    [Fact]
    public void A_wake_up_says_of_each_topic_what_the_batch_appended() =>
        Gen.Select(Gen.Long[1, 5_000], Gen.ULong[1, 1ul << 40], AnyEvent.Array[1, 40]).Array[1, 80].Sample(topics =>
        {
            var outcome = new BatchOutcome();
            foreach (var (topicId, first, events) in topics.DistinctBy(t => t.Item1))
            {
                outcome.Appended.Add(new AppendedEvents(
                    topicId, default, [.. events.Select((e, i) => e with { TopicId = topicId, Offset = first + (ulong)i })]));
                outcome.Positions.Add(new PositionChange(topicId, default, 7, "ana", first, first - 1));
            }
            var heard = new Dictionary<long, (ulong Head, List<StoredEvent> Events)>();
            var moved = new HashSet<long>();
            foreach (var (shard, message) in Write(outcome))
                Read(shard, message, heard, moved);
            moved.ShouldBe(outcome.Positions.Select(p => p.TopicId), ignoreOrder: true);
            heard.Count.ShouldBe(outcome.Appended.Count);
            foreach (var appended in outcome.Appended)
                ShouldBe(heard[appended.TopicId], appended.Events);
        }, iter: 300);

    [Fact]
    public void What_is_too_large_to_travel_is_told_by_its_head()
    {
        var outcome = new BatchOutcome();
        outcome.Appended.Add(new AppendedEvents(3, default, [new StoredEvent(3, 9, 1, 1, 0, new byte[Limits.InlineBytesMax], default, 0)]));
        var heard = new Dictionary<long, (ulong Head, List<StoredEvent> Events)>();
        Read(3, Write(outcome).ShouldHaveSingleItem().Message, heard, []);
        (heard[3].Head, heard[3].Events.Count).ShouldBe((9ul, 0));
    }

    [Fact]
    public void No_message_is_larger_than_its_bound_whatever_the_batch()
    {
        var outcome = new BatchOutcome();
        for (var topic = 1; topic <= 2_000; topic++)
            outcome.Appended.Add(new AppendedEvents(topic, default, [new StoredEvent(topic, 1, 1, 1, 0, new byte[3_000], default, 0)]));
        var messages = Write(outcome);
        messages.Max(m => m.Message.Length).ShouldBeLessThanOrEqualTo(Limits.MessageBytesMax);
        messages.Count.ShouldBeInRange(ClusterLimits.Shards, 200);
    }

    [Fact]
    public void Whatever_comes_is_taken_or_dropped_and_breaks_nothing()
    {
        var intake = Intake(out _, out var hub);
        var valid = Valid();
        Gen.Select(Gen.Int[0, valid.Count - 1], Gen.Int[0, 2_000], Gen.Byte, Gen.Int[0, 2_000], Gen.Byte.Array[0, 20]).Sample((which, at, value, cut, tail) =>
        {
            byte[] message = [.. valid[which].Take(Math.Max(10, cut)), .. tail];
            message[at % message.Length] = value;
            intake.Take(message, default, out _);
        }, iter: 50_000, threads: 1);
        Gen.Byte.Array[0, 200].Sample(message => intake.Take(message, default, out _), iter: 20_000, threads: 1);
        intake.Dropped.ShouldBeGreaterThan(0);
        hub.Topics.ShouldBe(1);
    }

    [Fact]
    public void A_count_or_length_that_lies_costs_no_memory()
    {
        var writer = new MessageWriter();
        writer.Begin(MessageKind.Wakeup, Other);
        writer.Number(1ul << 40);
        var message = writer.ToArray();
        var intake = Intake(out _, out _);
        intake.Take(message, default, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            intake.Take(message, default, out _);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * 200);
        intake.Dropped.ShouldBe(101);
    }

    [Fact]
    public void What_a_gateway_says_of_a_history_before_a_restore_is_not_taken_for_this_one_and_what_it_says_of_tokens_is()
    {
        var intake = Intake(out _, out var hub);
        intake.Self = intake.Self with { Epoch = 7 };
        var writer = new MessageWriter();
        foreach (var kind in Enum.GetValues<MessageKind>().Except([MessageKind.Ask, MessageKind.Revoked]))
        {
            writer.Begin(kind, Other);
            intake.Take(writer.ToArray(), default, out _).ShouldBe(MessageReply.None);
        }
        (intake.Heard, intake.Dropped).ShouldBe((0, 6));
        writer.Begin(MessageKind.Ask, Other);
        intake.Take(writer.ToArray(), default, out _).ShouldBe(MessageReply.TellAll);
        writer.Begin(MessageKind.Revoked, Other);
        RevokedMessage.Add(writer, new RevokedToken("a token", 1));
        intake.Take(writer.ToArray(), default, out _);
        intake.Heard.ShouldBe(2);
    }

    [Fact]
    public void A_message_that_is_too_large_or_of_another_version_or_kind_is_counted_and_dropped()
    {
        var intake = Intake(out _, out _);
        var writer = new MessageWriter();
        writer.Begin(MessageKind.Ask, Other);
        var message = writer.ToArray();
        intake.Take(message, default, out var origin).ShouldBe(MessageReply.TellAll);
        origin.ShouldBe(Other);
        intake.Take([.. message, .. new byte[Limits.MessageBytesMax]], default, out _).ShouldBe(MessageReply.None);
        intake.Take([2, .. message[1..]], default, out _).ShouldBe(MessageReply.None);
        intake.Take([1, 99, .. message[2..]], default, out _).ShouldBe(MessageReply.None);
        (intake.Heard, intake.Dropped).ShouldBe((1, 3));
    }

    [Fact]
    public void Fields_that_a_later_version_adds_behind_are_ignored()
    {
        var intake = Intake(out var follow, out _);
        var writer = new MessageWriter();
        new TypingMessage(1, 1, 1, true).Write(writer, Other);
        writer.Number(77);
        intake.Take(writer.Written, default, out _);
        (intake.Heard, intake.Dropped).ShouldBe((1, 0));
        follow.Topic.Head.ShouldBe(1ul);
    }

    // Every third or so.
    private static MessageTrace? TraceOf(byte[] payload) =>
        payload.Length % 3 == 0 ? MessageTrace.Read([.. payload.Append((byte)1).Concat(Enumerable.Repeat((byte)1, 24)).Take(24)]) : null;

    private static List<(int Shard, byte[] Message)> Write(BatchOutcome outcome)
    {
        var messages = new List<(int, byte[])>();
        new WakeupWriter(Other, Limits).Write(outcome, (shard, message) => messages.Add((shard, message)));
        return messages;
    }

    private static void Read(int shard, byte[] message, Dictionary<long, (ulong Head, List<StoredEvent> Events)> heard, HashSet<long> moved)
    {
        message.Length.ShouldBeLessThanOrEqualTo(Limits.MessageBytesMax);
        MessageEnvelope.TryRead(message, Limits.MessageBytesMax, out var envelope).ShouldBeTrue();
        (envelope.Kind, envelope.Origin).ShouldBe((MessageKind.Wakeup, Other));
        var reader = new WakeupReader(envelope.Body, Limits.MessageBytesMax);
        while (reader.TryNext(out var entry))
        {
            WakeupWriter.ShardOf(entry.TopicId).ShouldBe(shard);
            if (entry.Kind == WakeupPart.Position)
            {
                (entry.Member, entry.Read).ShouldBe((7u, entry.Delivered - 1));
                moved.Add(entry.TopicId);
                continue;
            }
            entry.TryReadEvents(out var events).ShouldBeTrue();
            heard.Add(entry.TopicId, (entry.Head, events));
        }
        reader.IsBad.ShouldBeFalse();
    }

    // All of them, or as many from the first as fit; the head in any case.
    private static void ShouldBe((ulong Head, List<StoredEvent> Events) heard, IReadOnlyList<StoredEvent> appended)
    {
        heard.Head.ShouldBe(appended[^1].Offset);
        if (appended.Sum(e => e.Payload.Length + 64) <= Limits.InlineBytesMax)
            heard.Events.Count.ShouldBe(appended.Count);
        foreach (var (was, now) in appended.Zip(heard.Events))
        {
            (now.TopicId, now.Offset, now.TimeMs, now.Member, now.Type).ShouldBe((was.TopicId, was.Offset, was.TimeMs, was.Member, was.Type));
            now.Payload.ShouldBe(was.Payload);
            now.Trace?.Context.TraceId.ShouldBe(was.Trace!.Context.TraceId);
            now.Trace?.Context.SpanId.ShouldBe(was.Trace!.Context.SpanId);
            (now.Trace is null).ShouldBe(was.Trace is null);
        }
    }

    private static List<byte[]> Valid()
    {
        var outcome = new BatchOutcome();
        outcome.Appended.Add(new AppendedEvents(1, default, [new StoredEvent(1, 2, 5, 1, 0, [0x90], default, 0), new StoredEvent(1, 3, 5, 1, 0, [0x90], default, 0)]));
        outcome.Positions.Add(new PositionChange(1, default, 1, "ana", 2, 1));
        var valid = Write(outcome).ConvertAll(m => m.Message);
        var roll = new OwnRoll(Other, Limits);
        roll.Change(new RollChange(new PersonKey("clinic", "ana"), true, 0));
        roll.TellNews(valid.Add);
        roll.TellAll(valid.Add);
        var writer = new MessageWriter();
        new TypingMessage(1, 1, 1, true).Write(writer, Other);
        valid.Add(writer.ToArray());
        writer.Begin(MessageKind.Fences, Other);
        FencesMessage.Add(writer, 1, 2);
        valid.Add(writer.ToArray());
        writer.Begin(MessageKind.Revoked, Other);
        RevokedMessage.Add(writer, new RevokedToken("jti", 9));
        valid.Add(writer.ToArray());
        return valid;
    }

    private static MessageIntake Intake(out Follower follow, out TopicHub hub)
    {
        var limits = new GatewayLimits();
        var people = new People(limits, TimeProvider.System);
        hub = new TopicHub(limits, people, TimeProvider.System, 0, isShared: true);
        var membership = new Membership(
            1, "conversation/room", 1, 1, null, 1, new StoredMember(1, 1, "ben", Wire.Payloads.MemberRole.Member, true, 1, 0, 0));
        hub.TryFollow(membership, "clinic", 0, topic => new Follow(topic, new ConnectionMarks("clinic", "ben", 10, () => { })), out var made).ShouldBeTrue();
        follow = made!;
        return new MessageIntake(
            Self, limits, hub, new OtherRolls(Limits, limits.PresenceGrace, people), new LocalDevices(), new RevokedTokens(10));
    }

    private sealed class Follow(HubTopic topic, ConnectionMarks marks) : Follower(topic, marks, 1, 1);
}
