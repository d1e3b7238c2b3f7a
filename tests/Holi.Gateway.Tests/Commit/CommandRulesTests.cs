using System.Buffers;
using Holi.Gateway.Commit;
using Holi.Gateway.Tests.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§7: what becomes of a command by its seq, its first identity, and what is left of a refused one.</summary>
public sealed class CommandRulesTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void Seqs_are_consumed_in_order_and_the_digest_rolls_over_each()
    {
        var (topic, devices) = _scene.Conversation();
        _scene.Run(devices[0].Post(topic, "1"), devices[0].Next(topic, 999, []), devices[0].Post(topic, "2"));
        devices[0].CommittedSeq.ShouldBe(4UL);
        devices[0].Refusals.ShouldBe([new Refusal(3, HoliCode.Unsupported)]);
        devices[0].Open(1).ShouldBe(HoliCode.None, "the device's own digest is the gateway's");
    }

    [Fact]
    public void A_committed_seq_is_answered_again_and_applied_never()
    {
        var (topic, devices) = _scene.Conversation();
        var post = devices[0].Post(topic, "once");
        _scene.Run(post, post);
        _scene.Run(post);
        devices[0].CommittedSeq.ShouldBe(2UL);
        devices[0].Refusals.ShouldBeEmpty();
        devices[0].Closed.ShouldBe(HoliCode.None);
        _scene.See("ana", topic)!.Head.ShouldBe(2UL);
    }

    [Fact]
    public void A_gap_is_told_where_to_resume_and_nothing_behind_it_is_taken()
    {
        var (topic, devices) = _scene.Conversation();
        var missing = devices[0].Post(topic, "missing");
        var (third, fourth) = (devices[0].Post(topic, "3"), devices[0].Post(topic, "4"));
        _scene.Run(third, fourth);
        (devices[0].CommittedSeq, devices[0].Closed).ShouldBe((1UL, HoliCode.SeqGap));
        _scene.Run(missing, third, fourth);
        devices[0].CommittedSeq.ShouldBe(4UL);
        _scene.See("ana", topic)!.Head.ShouldBe(4UL);
    }

    [Fact]
    public void A_device_that_the_store_does_not_know_must_ask_for_a_generation()
    {
        var elsewhere = new Scene();
        var device = elsewhere.Connect("ana");
        _scene.Run(device.Post("conversation/room", "x"));
        device.Closed.ShouldBe(HoliCode.GenerationUnknown);
    }

    [Fact]
    public void A_refused_command_leaves_a_word_of_it_in_the_persons_own_topic()
    {
        var ana = _scene.Connect("ana");
        ana.Send("conversation/none", MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.NotFound);
        var rejected = _scene.Events("ana", "user/ana").ShouldHaveSingleItem();
        (rejected.Type, rejected.Member).ShouldBe((MessageTypes.CommandRejected, 0u));
        (rejected.Identity.DeviceId, rejected.Identity.Generation, rejected.Identity.Seq).ShouldBe((ana.Opening.DeviceId, 1u, 1UL));
        CommandRejected.TryRead(new ReadOnlySequence<byte>(rejected.Payload), out var payload).ShouldBeTrue();
        payload.ShouldBe(new CommandRejected(1, 1, HoliCode.NotFound, "conversation/none", MessageTypes.MessagePost));
        _scene.See("ana", "user/ana")!.Member.Read.ShouldBe(0UL, "it is unread");
    }

    [Theory]
    [InlineData(MessageTypes.MessageErased)]
    [InlineData(MessageTypes.RecordChange)]
    [InlineData(MessageTypes.CommandRejected)]
    [InlineData(MessageTypes.ConversationJoined)]
    [InlineData(MessageTypes.ConversationLeft)]
    [InlineData(MessageTypes.Notification)]
    [InlineData(MessageTypes.NotificationAccept)]
    [InlineData(MessageTypes.TranscriptSegment)]
    [InlineData(MessageTypes.NoteDraft)]
    [InlineData((ushort)7)]
    [InlineData(ushort.MaxValue)]
    public void What_is_no_command_here_is_unsupported_wherever_it_is_sent(ushort type)
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, type, []).ShouldBe(HoliCode.Unsupported);
        devices[0].Send("conversation/none", type, []).ShouldBe(HoliCode.Unsupported);
    }

    [Theory]
    [InlineData(MessageTypes.MessagePost)]
    [InlineData(MessageTypes.MessageReact)]
    [InlineData(MessageTypes.MessageEdit)]
    [InlineData(MessageTypes.MessageDelete)]
    [InlineData(MessageTypes.ReadMark)]
    [InlineData(MessageTypes.ConversationCreate)]
    [InlineData(MessageTypes.ConversationRename)]
    [InlineData(MessageTypes.ConversationLeave)]
    [InlineData(MessageTypes.MemberAdd)]
    [InlineData(MessageTypes.MemberRemove)]
    [InlineData(MessageTypes.MemberRole)]
    public void A_payload_that_breaks_a_rule_is_refused_before_anything_is_looked_up(ushort type)
    {
        var (topic, devices) = _scene.Conversation();
        byte[] bad = [0x92, 0xC1];
        devices[0].Send(topic, type, bad).ShouldBe(HoliCode.RefusedPayload);
        devices[0].Send("conversation/none", type, bad).ShouldBe(HoliCode.RefusedPayload);
        _scene.See("ana", topic)!.Head.ShouldBe(1UL);
    }

    [Fact]
    public void Too_much_is_told_apart_from_malformed()
    {
        var (topic, devices) = _scene.Conversation();
        var large = new MessagePost(new string('x', WireLimits.TextBytesMax + 1)).ToBytes();
        devices[0].Send(topic, MessageTypes.MessagePost, large).ShouldBe(HoliCode.RefusedTooLarge);
        var huge = new MessagePost(new string('x', WireLimits.FrameBytesMax)).ToBytes();
        devices[0].Send(topic, MessageTypes.MessagePost, huge).ShouldBe(HoliCode.RefusedTooLarge);
    }

    [Fact]
    public void A_command_sent_again_under_its_first_identity_takes_effect_once()
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("once")).ShouldBe(HoliCode.None);
        var payload = new MessagePost("once").ToBytes();
        devices[0].Open(generation: 0);
        _scene.Run(devices[0].Next(topic, MessageTypes.MessagePost, payload, firstGeneration: 1, firstSeq: 2));
        (devices[0].CommittedSeq, devices[0].Refusals.Count).ShouldBe((1UL, 0));
        _scene.See("ana", topic)!.Head.ShouldBe(2UL);
        devices[0].Open(2).ShouldBe(HoliCode.None, "the digest rolled over it all the same");
    }

    [Fact]
    public void A_command_whose_first_identity_never_arrived_is_applied_once_over_any_number_of_generations()
    {
        var (topic, devices) = _scene.Conversation();
        var payload = new MessagePost("late").ToBytes();
        for (var generation = 2u; generation <= 4; generation++)
        {
            devices[0].Open(generation: 0);
            devices[0].Generation.ShouldBe(generation);
            // Twice in one generation, too, and twice in one batch.
            _scene.Run(
                devices[0].Next(topic, MessageTypes.MessagePost, payload, firstGeneration: 1, firstSeq: 9),
                devices[0].Next(topic, MessageTypes.MessagePost, payload, firstGeneration: 1, firstSeq: 9));
            devices[0].CommittedSeq.ShouldBe(2UL);
        }
        _scene.Events("ana", topic).Count(e => e.Type == MessageTypes.MessagePost).ShouldBe(1);
    }

    [Fact]
    public void Section_7_2_two_copies_of_a_device_gave_one_seq_to_different_commands_and_neither_is_lost()
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("the one copy's")).ShouldBe(HoliCode.None);
        var other = new MessagePost("the other copy's").ToBytes();
        for (var generation = 2u; generation <= 3; generation++)
        {
            devices[0].Open(generation: 0);
            _scene.Run(devices[0].Next(topic, MessageTypes.MessagePost, other, firstGeneration: 1, firstSeq: 2));
            devices[0].CommittedSeq.ShouldBe(1UL);
        }
        _scene.Events("ana", topic).Count(e => e.Type == MessageTypes.MessagePost).ShouldBe(2, "each once");
    }

    [Fact]
    public void A_command_refused_under_its_first_identity_stays_refused()
    {
        var ana = _scene.Connect("ana");
        var payload = new MessagePost("x").ToBytes();
        ana.Send("conversation/room", MessageTypes.MessagePost, payload).ShouldBe(HoliCode.NotFound);
        ana.Send("conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
        for (var times = 0; times < 2; times++)
        {
            ana.Open(generation: 0);
            ana.Refusals.Clear();
            _scene.Run(ana.Next("conversation/room", MessageTypes.MessagePost, payload, firstGeneration: 1, firstSeq: 1));
            ana.Refusals.ShouldBe([new Refusal(1, HoliCode.NotFound)]);
            Scene.Await(_scene.Store.ReadRefusalsAsync(ana.Opening.DeviceId, ana.Generation, 0, 1, CancellationToken.None))
                .ShouldBe([new Refusal(1, HoliCode.NotFound)]);
        }
        _scene.See("ana", "conversation/room")!.Head.ShouldBe(1UL);
    }

    [Fact]
    public void A_first_identity_of_another_device_is_not_mine()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("ana's")).ShouldBe(HoliCode.None);
        devices[1].Open(generation: 0);
        _scene.Run(devices[1].Next(topic, MessageTypes.MessagePost, new MessagePost("ben's").ToBytes(), firstGeneration: 1, firstSeq: 2));
        devices[1].CommittedSeq.ShouldBe(1UL);
        _scene.Events("ana", topic).Count(e => e.Type == MessageTypes.MessagePost).ShouldBe(2);
    }

    [Fact]
    public void One_batch_answers_each_source_once()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        var outcome = _scene.Run(
            devices[0].Post(topic, "1"), devices[1].Post(topic, "2"), devices[0].Next(topic, 999, []), devices[1].Post(topic, "3"));
        outcome.Committed.Select(c => (c.Source, c.Committed, c.Refusals.Count))
            .ShouldBe([(devices[0], 3UL, 1), (devices[1], 2UL, 0)]);
        outcome.Appended.Single(a => a.Topic.Name == topic).Events.Select(e => (e.Offset, e.Member))
            .ShouldBe([(3UL, 1u), (4UL, 2u), (5UL, 2u)]);
    }
}
