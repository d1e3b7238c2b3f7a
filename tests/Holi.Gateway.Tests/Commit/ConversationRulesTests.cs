using System.Buffers;
using Holi.Gateway.Commit;
using Holi.Gateway.Tests.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§8.8: conversations come to be and are renamed.</summary>
public sealed class ConversationRulesTests
{
    private const string Room = "conversation/room";

    private readonly Scene _scene = new();

    [Fact]
    public void Who_creates_it_owns_it_and_those_named_see_it_from_its_first_event()
    {
        var ana = _scene.Connect("ana");
        ana.Send(Room, MessageTypes.ConversationCreate, Create("Ward 3", ("ben", MemberRole.Admin), ("cai", MemberRole.Observer))).ShouldBe(HoliCode.None);

        var seen = _scene.See("ana", Room)!;
        (seen.Title, seen.Members, seen.Head, seen.Epoch).ShouldBe(("Ward 3", 3, 3UL, 1UL));
        (seen.Member.Number, seen.Member.Role, seen.Member.FirstOffset, seen.Member.Read).ShouldBe((1u, MemberRole.Owner, 1UL, 3UL));
        var ben = _scene.See("ben", Room)!.Member;
        (ben.Number, ben.Role, ben.FirstOffset, ben.Read, ben.Delivered).ShouldBe((2u, MemberRole.Admin, 1UL, 0UL, 0UL));
        _scene.See("cai", Room)!.Member.Role.ShouldBe(MemberRole.Observer);

        var events = _scene.Events("ana", Room);
        events.Select(e => (e.Type, e.Member)).ShouldBe(
            [(MessageTypes.ConversationCreate, 1u), (MessageTypes.MemberAdd, 1u), (MessageTypes.MemberAdd, 1u)]);
        events.Select(e => e.Identity.Seq).ShouldBe([1UL, 0UL, 0UL], "the create is the effect, the rest its consequences");
        Read<ConversationCreated>(events[0].Payload).ShouldBe(new ConversationCreated("Ward 3", "ana"));
        Read<MemberAdded>(events[1].Payload).ShouldBe(new MemberAdded(2, "ben", MemberRole.Admin));
    }

    [Fact]
    public void Those_named_are_told_in_their_own_topic_even_if_they_never_were_here()
    {
        var ana = _scene.Connect("ana");
        var outcome = _scene.Run(ana.Next(Room, MessageTypes.ConversationCreate, Create("Ward 3", ("ben", MemberRole.Member)).ToBytes()));
        var joined = _scene.Events("ben", "user/ben").ShouldHaveSingleItem();
        (joined.Type, joined.Member).ShouldBe((MessageTypes.ConversationJoined, 0u));
        Read<ConversationJoined>(joined.Payload).ShouldBe(new ConversationJoined(Room, "Ward 3", "ana"));
        _scene.See("ben", "user/ben")!.Member.Role.ShouldBe(MemberRole.Owner);
        outcome.Memberships.Select(m => (m.User, m.Member, m.Role, m.Present, m.Offset)).ShouldBe(
            [("ana", 1u, MemberRole.Owner, true, 1UL), ("ben", 2u, MemberRole.Member, true, 1UL)]);
        outcome.Memberships.ShouldAllBe(m => m.TopicId == _scene.See("ana", Room)!.TopicId);
    }

    [Fact]
    public void Whoever_creates_it_is_told_in_their_own_topic_for_the_sake_of_their_other_devices_and_has_read_it()
    {
        var ana = _scene.Connect("ana");
        ana.Send(Room, MessageTypes.ConversationCreate, Create("Ward 3")).ShouldBe(HoliCode.None);
        var joined = _scene.Events("ana", "user/ana").ShouldHaveSingleItem();
        (joined.Type, joined.Member).ShouldBe((MessageTypes.ConversationJoined, 1u));
        Read<ConversationJoined>(joined.Payload).ShouldBe(new ConversationJoined(Room, "Ward 3", "ana"));
        _scene.See("ana", "user/ana")!.Member.Read.ShouldBe(1ul);
    }

    [Fact]
    public void What_follows_the_create_in_the_same_batch_finds_it()
    {
        var ana = _scene.Connect("ana");
        _scene.Run(ana.Next(Room, MessageTypes.ConversationCreate, Create(null).ToBytes()), ana.Post(Room, "first"));
        ana.Refusals.ShouldBeEmpty();
        _scene.See("ana", Room)!.Head.ShouldBe(2UL);
    }

    [Fact]
    public void A_name_that_is_taken_is_not_found_and_ones_own_is_a_conflict()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        var eve = _scene.Connect("eve");
        eve.Send(topic, MessageTypes.ConversationCreate, Create(null)).ShouldBe(HoliCode.NotFound);
        devices[1].Send(topic, MessageTypes.ConversationCreate, Create(null)).ShouldBe(HoliCode.Conflict);
        devices[1].Send(topic, MessageTypes.ConversationLeave, []);
        devices[1].Send(topic, MessageTypes.ConversationCreate, Create(null)).ShouldBe(HoliCode.NotFound);
        _scene.Connect("eve", tenant: "other").Send(topic, MessageTypes.ConversationCreate, Create(null)).ShouldBe(HoliCode.None);
    }

    [Theory]
    [InlineData("user/ana")]
    [InlineData("user/zoe")]
    [InlineData("alert/ana")]
    [InlineData("patient/1")]
    [InlineData("copilot/1")]
    [InlineData("conversation/")]
    [InlineData("conversation/a b")]
    [InlineData("nothing")]
    [InlineData("")]
    public void Only_a_conversations_name_can_be_created(string name)
    {
        var ana = _scene.Connect("ana");
        ana.Send(name, MessageTypes.ConversationCreate, Create(null)).ShouldBe(HoliCode.NotFound);
        ana.Send(name, MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(name == "user/ana" ? HoliCode.Unsupported : HoliCode.NotFound);
    }

    [Fact]
    public void Whoever_is_named_twice_makes_it_malformed_and_naming_oneself_changes_nothing()
    {
        var ana = _scene.Connect("ana");
        ana.Send(Room, MessageTypes.ConversationCreate, Create(null, ("ben", MemberRole.Member), ("ben", MemberRole.Admin)))
            .ShouldBe(HoliCode.RefusedPayload);
        ana.Send(Room, MessageTypes.ConversationCreate, Create(null, ("ana", MemberRole.Observer))).ShouldBe(HoliCode.None);
        (_scene.See("ana", Room)!.Members, _scene.See("ana", Room)!.Member.Role).ShouldBe((1, MemberRole.Owner));
    }

    [Fact]
    public void It_has_a_bounded_number_of_members_from_the_start_and_later()
    {
        var scene = new Scene(new MemoryLogStore(), new CommitLimits { MembersMax = 3 });
        var ana = scene.Connect("ana");
        var four = Create(null, ("b", MemberRole.Member), ("c", MemberRole.Member), ("d", MemberRole.Member));
        ana.Send(Room, MessageTypes.ConversationCreate, four).ShouldBe(HoliCode.LimitReached);
        scene.See("ana", Room).ShouldBeNull();
        ana.Send(Room, MessageTypes.ConversationCreate, four with { Members = [.. four.Members.Take(2)] }).ShouldBe(HoliCode.None);
        ana.Send(Room, MessageTypes.MemberAdd, new MemberAdd("d", MemberRole.Member)).ShouldBe(HoliCode.LimitReached);
        ana.Send(Room, MessageTypes.MemberRemove, new MemberRemove("b")).ShouldBe(HoliCode.None);
        ana.Send(Room, MessageTypes.MemberAdd, new MemberAdd("d", MemberRole.Member)).ShouldBe(HoliCode.None);
        ana.Send(Room, MessageTypes.MemberAdd, new MemberAdd("b", MemberRole.Member)).ShouldBe(HoliCode.LimitReached);
    }

    [Fact]
    public void The_protocols_own_limit_counts_the_creator()
    {
        var ana = _scene.Connect("ana");
        var members = Enumerable.Range(0, WireLimits.MembersMax).Select(i => ($"user{i}", MemberRole.Member)).ToArray();
        ana.Send(Room, MessageTypes.ConversationCreate, Create(null, members)).ShouldBe(HoliCode.LimitReached);
        ana.Send(Room, MessageTypes.ConversationCreate, Create(null, members[1..])).ShouldBe(HoliCode.None);
        _scene.See("ana", Room)!.Members.ShouldBe(WireLimits.MembersMax);
    }

    [Theory]
    [InlineData(MemberRole.Owner, HoliCode.None)]
    [InlineData(MemberRole.Admin, HoliCode.None)]
    [InlineData(MemberRole.Member, HoliCode.RoleTooLow)]
    [InlineData(MemberRole.Observer, HoliCode.RoleTooLow)]
    public void Renaming_takes_role_two(MemberRole role, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation(("ben", role));
        devices[1].Send(topic, MessageTypes.ConversationRename, new ConversationRename("New")).ShouldBe(expected);
        _scene.See("ana", topic)!.Title.ShouldBe(expected == HoliCode.None ? "New" : null);
    }

    private static ConversationCreate Create(string? title, params (string User, MemberRole Role)[] members) =>
        new(title, [.. members.Select(m => new NewMember(m.User, m.Role))]);

    private static T Read<T>(byte[] payload)
        where T : IPayload<T>
    {
        T.TryRead(new ReadOnlySequence<byte>(payload), out var value).ShouldBeTrue();
        return value!;
    }
}
