using System.Buffers;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§8.8: adding, removing, changing roles: role ≥ 2, never onto or from a role above one's own.</summary>
public sealed class MemberRulesTests
{
    private readonly Scene _scene = new();

    // actor's role, the role given, expected
    [Theory]
    [InlineData(MemberRole.Owner, MemberRole.Owner, HoliCode.None)]
    [InlineData(MemberRole.Owner, MemberRole.Observer, HoliCode.None)]
    [InlineData(MemberRole.Admin, MemberRole.Owner, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Admin, MemberRole.Admin, HoliCode.None)]
    [InlineData(MemberRole.Admin, MemberRole.Member, HoliCode.None)]
    [InlineData(MemberRole.Member, MemberRole.Observer, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Observer, MemberRole.Observer, HoliCode.RoleTooLow)]
    public void Adding(MemberRole actor, MemberRole given, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation(("ben", actor));
        devices[1].Send(topic, MessageTypes.MemberAdd, new MemberAdd("new", given)).ShouldBe(expected);
        (_scene.See("new", topic)?.Member.Role).ShouldBe(expected == HoliCode.None ? given : null);
    }

    // actor's role, the other's role, expected
    [Theory]
    [InlineData(MemberRole.Owner, MemberRole.Owner, HoliCode.None)]
    [InlineData(MemberRole.Owner, MemberRole.Member, HoliCode.None)]
    [InlineData(MemberRole.Admin, MemberRole.Owner, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Admin, MemberRole.Admin, HoliCode.None)]
    [InlineData(MemberRole.Member, MemberRole.Observer, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Observer, MemberRole.Observer, HoliCode.RoleTooLow)]
    public void Removing(MemberRole actor, MemberRole other, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation(("ben", actor), ("cai", other));
        devices[1].Send(topic, MessageTypes.MemberRemove, new MemberRemove("cai")).ShouldBe(expected);
        (_scene.See("cai", topic) is null).ShouldBe(expected == HoliCode.None);
    }

    // actor's role, the other's role before and after, expected
    [Theory]
    [InlineData(MemberRole.Owner, MemberRole.Owner, MemberRole.Observer, HoliCode.None)]
    [InlineData(MemberRole.Owner, MemberRole.Member, MemberRole.Owner, HoliCode.None)]
    [InlineData(MemberRole.Admin, MemberRole.Member, MemberRole.Owner, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Admin, MemberRole.Member, MemberRole.Admin, HoliCode.None)]
    [InlineData(MemberRole.Admin, MemberRole.Owner, MemberRole.Member, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Admin, MemberRole.Admin, MemberRole.Observer, HoliCode.None)]
    [InlineData(MemberRole.Member, MemberRole.Observer, MemberRole.Member, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Observer, MemberRole.Observer, MemberRole.Observer, HoliCode.RoleTooLow)]
    public void Changing_a_role(MemberRole actor, MemberRole before, MemberRole after, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation(("ben", actor), ("cai", before));
        devices[1].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("cai", after)).ShouldBe(expected);
        _scene.See("cai", topic)!.Member.Role.ShouldBe(expected == HoliCode.None ? after : before);
    }

    [Fact]
    public void Who_is_present_cannot_be_added_and_who_is_not_cannot_be_removed_or_changed()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member)).ShouldBe(HoliCode.Conflict);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("eve")).ShouldBe(HoliCode.NotFound);
        devices[0].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("eve", MemberRole.Member)).ShouldBe(HoliCode.NotFound);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben")).ShouldBe(HoliCode.None);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben")).ShouldBe(HoliCode.NotFound);
        devices[0].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("ben", MemberRole.Member)).ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public void Who_is_added_later_sees_the_topic_from_there_on()
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("before"));
        var outcome = _scene.Run(devices[0].Next(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member).ToBytes()));
        var ben = _scene.See("ben", topic)!;
        (ben.Members, ben.Member.Number, ben.Member.FirstOffset, ben.Member.Read, ben.Member.Delivered).ShouldBe((2, 2u, 3UL, 2UL, 2UL));
        outcome.Memberships.Select(m => (m.User, m.Present, m.Offset)).ShouldBe([("ben", true, 3UL)]);
        _scene.Events("ben", "user/ben").ShouldHaveSingleItem().Type.ShouldBe(MessageTypes.ConversationJoined);
        var added = _scene.Events("ana", topic)[2];
        (added.Type, added.Member, added.Identity.Seq).ShouldBe((MessageTypes.MemberAdd, 1u, 3UL));
    }

    [Fact]
    public void Who_comes_back_has_the_old_number_and_a_new_beginning()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Admin), ("cai", MemberRole.Member));
        devices[1].Send(topic, MessageTypes.ConversationLeave, []);
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("without ben"));
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member)).ShouldBe(HoliCode.None);
        var ben = _scene.See("ben", topic)!;
        (ben.Members, ben.Member.Number, ben.Member.Role, ben.Member.FirstOffset).ShouldBe((3, 2u, MemberRole.Member, 6UL));
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("dee", MemberRole.Member)).ShouldBe(HoliCode.None);
        _scene.See("dee", topic)!.Member.Number.ShouldBe(4u);
    }

    [Fact]
    public void Who_is_removed_is_told_and_nothing_of_the_topic_is_theirs_any_more()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        var outcome = _scene.Run(devices[0].Next(topic, MessageTypes.MemberRemove, new MemberRemove("ben").ToBytes()));
        outcome.Memberships.Select(m => (m.User, m.Present, m.Offset)).ShouldBe([("ben", false, 3UL)]);
        var left = _scene.Events("ben", "user/ben")[^1];
        ConversationLeft.TryRead(new ReadOnlySequence<byte>(left.Payload), out var payload).ShouldBeTrue();
        (left.Type, payload).ShouldBe((MessageTypes.ConversationLeft, new ConversationLeft(topic, LeftHow.Removed)));
        MemberRemoved.TryRead(new ReadOnlySequence<byte>(_scene.Events("ana", topic)[^1].Payload), out var removed).ShouldBeTrue();
        removed.ShouldBe(new MemberRemoved(2, "ben", LeftHow.Removed));
        _scene.See("ana", topic)!.Members.ShouldBe(1);
        devices[1].Send(topic, MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.NotFound);
        devices[1].Send(topic, MessageTypes.ReadMark, new ReadMark(1)).ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public void The_last_owner_cannot_step_down_but_one_of_two_can()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Admin));
        devices[0].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("ana", MemberRole.Member)).ShouldBe(HoliCode.Conflict);
        devices[0].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("ana", MemberRole.Owner)).ShouldBe(HoliCode.None);
        devices[0].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("ben", MemberRole.Owner)).ShouldBe(HoliCode.None);
        devices[0].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("ana", MemberRole.Member)).ShouldBe(HoliCode.None);
        devices[1].Send(topic, MessageTypes.MemberRole, new MemberRoleChange("ben", MemberRole.Admin)).ShouldBe(HoliCode.Conflict);
        _scene.Last.Memberships.ShouldBeEmpty();
    }
}
