using System.Buffers;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§8.8: anyone may leave; the last owner's place passes to the longest-standing member of the highest role.</summary>
public sealed class LeaveRulesTests
{
    private readonly Scene _scene = new();

    [Theory]
    [InlineData(MemberRole.Observer)]
    [InlineData(MemberRole.Member)]
    [InlineData(MemberRole.Admin)]
    [InlineData(MemberRole.Owner)]
    public void Anyone_may_leave(MemberRole role)
    {
        var (topic, devices) = _scene.Conversation(("ben", role));
        var outcome = _scene.Run(devices[1].Next(topic, MessageTypes.ConversationLeave, []));
        outcome.Memberships.Select(m => (m.User, m.Present, m.Offset)).ShouldBe([("ben", false, 3UL)]);
        var left = _scene.Events("ana", topic)[^1];
        MemberRemoved.TryRead(new ReadOnlySequence<byte>(left.Payload), out var removed).ShouldBeTrue();
        (left.Type, left.Member, removed).ShouldBe((MessageTypes.MemberRemove, 2u, new MemberRemoved(2, "ben", LeftHow.Left)));
        ConversationLeft.TryRead(new ReadOnlySequence<byte>(_scene.Events("ben", "user/ben")[^1].Payload), out var told).ShouldBeTrue();
        told.ShouldBe(new ConversationLeft(topic, LeftHow.Left));
        devices[1].Send(topic, MessageTypes.ConversationLeave, []).ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public void Removing_oneself_is_leaving()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ana")).ShouldBe(HoliCode.None);
        _scene.See("ben", topic)!.Member.Role.ShouldBe(MemberRole.Owner);
    }

    // roles of ben, cai, dee in the order in which they stand; who owns it after ana
    [Theory]
    [InlineData(MemberRole.Member, MemberRole.Admin, MemberRole.Admin, "cai")]
    [InlineData(MemberRole.Member, MemberRole.Member, MemberRole.Member, "ben")]
    [InlineData(MemberRole.Observer, MemberRole.Observer, MemberRole.Member, "dee")]
    [InlineData(MemberRole.Observer, MemberRole.Observer, MemberRole.Observer, "ben")]
    public void The_last_owners_place_passes_on(MemberRole ben, MemberRole cai, MemberRole dee, string heir)
    {
        var (topic, devices) = _scene.Conversation(("ben", ben), ("cai", cai), ("dee", dee));
        var outcome = _scene.Run(devices[0].Next(topic, MessageTypes.ConversationLeave, []));
        outcome.Memberships.Select(m => (m.User, m.Role, m.Present, m.Offset))
            .ShouldBe([("ana", MemberRole.Owner, false, 5UL), (heir, MemberRole.Owner, true, 6UL)]);
        var changed = _scene.Events(heir, topic)[^1];
        MemberRoleChanged.TryRead(new ReadOnlySequence<byte>(changed.Payload), out var payload).ShouldBeTrue();
        (changed.Type, changed.Member, payload)
            .ShouldBe((MessageTypes.MemberRole, 0u, new MemberRoleChanged(_scene.See(heir, topic)!.Member.Number, MemberRole.Owner)));
    }

    [Fact]
    public void Standing_counts_from_the_latest_coming()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member), ("cai", MemberRole.Member));
        devices[1].Send(topic, MessageTypes.ConversationLeave, []);
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member));
        devices[0].Send(topic, MessageTypes.ConversationLeave, []);
        _scene.See("cai", topic)!.Member.Role.ShouldBe(MemberRole.Owner);
        _scene.See("ben", topic)!.Member.Role.ShouldBe(MemberRole.Member);
    }

    [Fact]
    public void With_another_owner_there_nothing_passes_on()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Owner), ("cai", MemberRole.Admin));
        _scene.Run(devices[0].Next(topic, MessageTypes.ConversationLeave, [])).Memberships.Count.ShouldBe(1);
        _scene.See("cai", topic)!.Member.Role.ShouldBe(MemberRole.Admin);
    }

    [Fact]
    public void All_may_leave_in_one_batch_and_the_log_stays()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        var outcome = _scene.Run([.. devices.Select(d => d.Next(topic, MessageTypes.ConversationLeave, []))]);
        outcome.Committed.ShouldAllBe(c => c.Refusals.Count == 0);
        outcome.Memberships.Select(m => (m.User, m.Present)).ShouldBe([("ana", false), ("ben", true), ("ben", false)]);
        _scene.See("ben", topic).ShouldBeNull();
        _scene.Connect("eve").Send(topic, MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.NotFound);
    }
}
