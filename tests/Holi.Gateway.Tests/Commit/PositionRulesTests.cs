using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§8.4, §8.8, §9.2: delivered and read positions grow, never pass the head, and follow one's own events.</summary>
public sealed class PositionRulesTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void A_read_mark_grows_never_passes_the_head_and_takes_delivered_along()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Observer));
        _scene.Run(devices[0].Post(topic, "3"), devices[0].Post(topic, "4"));
        Positions("ben").ShouldBe((0UL, 0UL));
        Mark(3).ShouldBe((3UL, 3UL));
        Mark(2).ShouldBe((3UL, 3UL));
        Mark(1).ShouldBe((3UL, 3UL));
        Mark(999).ShouldBe((4UL, 4UL));

        (ulong Delivered, ulong Read) Mark(ulong offset)
        {
            devices[1].Send(topic, MessageTypes.ReadMark, new ReadMark(offset)).ShouldBe(HoliCode.None);
            return Positions("ben");
        }
    }

    [Fact]
    public void Delivered_grows_never_passes_the_head_and_leaves_read_alone()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        _scene.Run(devices[0].Post(topic, "3"), devices[0].Post(topic, "4"));
        Deliver("ben", 3).ShouldBe((3UL, 0UL));
        Deliver("ben", 2).ShouldBe((3UL, 0UL));
        Deliver("ben", 999).ShouldBe((4UL, 0UL));
        _scene.Last.Positions.ShouldBe([new PositionChange(_scene.See("ben", topic)!.TopicId, new TopicKey(Scene.Tenant, topic), 2, "ben", 4, 0)]);
        _scene.Run(Delivered("ben", 4)).Positions.ShouldBeEmpty();

        (ulong Delivered, ulong Read) Deliver(string user, ulong offset)
        {
            _scene.Run(Delivered(user, offset));
            return Positions(user);
        }
    }

    [Fact]
    public void Positions_of_who_is_not_there_are_nobodys()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        devices[1].Send(topic, MessageTypes.ConversationLeave, []);
        var outcome = _scene.Run(
            Delivered("ben", 1), Delivered("eve", 1), new SubmitDelivered(new TopicKey(Scene.Tenant, "conversation/none"), "ana", 1),
            new SubmitDelivered(new TopicKey("other", topic), "ana", 1));
        outcome.Positions.ShouldBeEmpty();
    }

    [Fact]
    public void Ones_own_event_is_read_if_everything_before_it_was()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        Positions("ana").ShouldBe((2UL, 2UL));
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("3"));
        Positions("ana").ShouldBe((3UL, 3UL));
        devices[1].Send(topic, MessageTypes.MessagePost, new MessagePost("4"));
        Positions("ben").ShouldBe((0UL, 0UL), "he has not read 1 to 3");
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("5"));
        Positions("ana").ShouldBe((3UL, 3UL), "she has not read 4");
        _scene.Run(Delivered("ana", 5));
        devices[0].Send(topic, MessageTypes.MessageReact, new MessageReact(4, "+", true));
        Positions("ana").ShouldBe((6UL, 3UL), "delivered goes along where nothing was undelivered");
        devices[0].Send(topic, MessageTypes.ReadMark, new ReadMark(6));
        _scene.Last.Positions.ShouldHaveSingleItem().Read.ShouldBe(6UL);
    }

    [Fact]
    public void A_batch_tells_each_members_positions_once_as_they_are_after_it()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        var outcome = _scene.Run(devices[0].Post(topic, "3"), devices[0].Post(topic, "4"), Delivered("ben", 3), Delivered("ben", 4));
        outcome.Positions.Select(p => (p.User, p.Delivered, p.Read)).ShouldBe([("ana", 4UL, 4UL), ("ben", 4UL, 0UL)], ignoreOrder: true);
    }

    private static SubmitDelivered Delivered(string user, ulong offset) =>
        new(new TopicKey(Scene.Tenant, "conversation/room"), user, offset);

    private (ulong Delivered, ulong Read) Positions(string user)
    {
        var member = _scene.See(user, "conversation/room")!.Member;
        return (member.Delivered, member.Read);
    }
}
