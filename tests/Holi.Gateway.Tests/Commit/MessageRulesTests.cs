using System.Buffers;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§8.8: who may post, reply, react, edit and delete, and what is left of a deleted message.</summary>
public sealed class MessageRulesTests
{
    private readonly Scene _scene = new();

    // In a room of ana (owner, posted 6), ben (admin, 7), cai (member, 8) and dee (observer); 2 to 4 are member.add, 5 is member.role.
    [Theory]
    [InlineData("post", "ana", HoliCode.None)]
    [InlineData("post", "cai", HoliCode.None)]
    [InlineData("post", "dee", HoliCode.RoleTooLow)]
    [InlineData("post", "eve", HoliCode.NotFound)]
    [InlineData("reply 6", "cai", HoliCode.None)]
    [InlineData("reply 1", "cai", HoliCode.None)]
    [InlineData("reply 9", "cai", HoliCode.NotFound)]
    [InlineData("reply 6", "dee", HoliCode.RoleTooLow)]
    [InlineData("react 6", "cai", HoliCode.None)]
    [InlineData("react 6", "dee", HoliCode.RoleTooLow)]
    [InlineData("react 6", "eve", HoliCode.NotFound)]
    [InlineData("react 5", "cai", HoliCode.NotFound)]
    [InlineData("react 9", "cai", HoliCode.NotFound)]
    [InlineData("react 999999", "cai", HoliCode.NotFound)]
    [InlineData("edit 8", "cai", HoliCode.None)]
    [InlineData("edit 6", "cai", HoliCode.RoleTooLow)]
    [InlineData("edit 8", "ana", HoliCode.RoleTooLow)]
    [InlineData("edit 8", "dee", HoliCode.RoleTooLow)]
    [InlineData("edit 8", "eve", HoliCode.NotFound)]
    [InlineData("edit 9", "cai", HoliCode.NotFound)]
    [InlineData("edit 4", "cai", HoliCode.NotFound)]
    [InlineData("delete 8", "cai", HoliCode.None)]
    [InlineData("delete 8", "ben", HoliCode.None)]
    [InlineData("delete 6", "ben", HoliCode.None)]
    [InlineData("delete 6", "cai", HoliCode.RoleTooLow)]
    [InlineData("delete 6", "dee", HoliCode.RoleTooLow)]
    [InlineData("delete 6", "eve", HoliCode.NotFound)]
    [InlineData("delete 9", "ben", HoliCode.NotFound)]
    [InlineData("delete 1", "ana", HoliCode.NotFound)]
    public void Roles_decide(string what, string who, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Admin), ("cai", MemberRole.Member), ("dee", MemberRole.Observer));
        _scene.Run(devices[0].Next(topic, MessageTypes.MemberRole, new MemberRoleChange("dee", MemberRole.Observer).ToBytes()));
        _scene.Run(devices[0].Post(topic, "ana's"), devices[1].Post(topic, "ben's"), devices[2].Post(topic, "cai's"));
        var actor = devices.SingleOrDefault(d => d.Key.User == who) ?? _scene.Connect(who);
        var head = _scene.See("ana", topic)!.Head;

        Do(actor, topic, what).ShouldBe(expected);

        _scene.See("ana", topic)!.Head.ShouldBe(expected == HoliCode.None ? head + 1 : head);
    }

    [Theory]
    [InlineData("reply 2")]
    [InlineData("react 2")]
    [InlineData("edit 2")]
    [InlineData("delete 2")]
    public void What_was_said_before_one_came_is_absent(string what)
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Admin));
        // ben posted 3, left and came back: even his own is not there for him any more.
        devices[1].Send(topic, MessageTypes.MessagePost, new MessagePost("ben's"));
        devices[1].Send(topic, MessageTypes.ConversationLeave, []);
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Admin)).ShouldBe(HoliCode.None);
        Do(devices[1], topic, what.Replace('2', '3')).ShouldBe(HoliCode.NotFound);
        Do(devices[1], topic, what).ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public void An_event_has_the_bytes_that_were_sent_with_fields_of_a_later_version()
    {
        var (topic, devices) = _scene.Conversation();
        byte[] later = [0x95, 0xA1, (byte)'x', 0xC0, 0xC0, 0xC0, 0xC3];
        devices[0].Send(topic, MessageTypes.MessagePost, later).ShouldBe(HoliCode.None);
        _scene.Events("ana", topic)[^1].Payload.ShouldBe(later);
    }

    [Fact]
    public void A_deleted_message_and_its_edits_are_erased_from_the_log_and_the_rest_stays()
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        var posted = new MessagePost("secret").ToBytes();
        _scene.Run(devices[0].Next(topic, MessageTypes.MessagePost, posted), devices[0].Post(topic, "other"));
        _scene.Run(devices[0].Next(topic, MessageTypes.MessageEdit, new MessageEdit(3, "secret too").ToBytes()));
        _scene.Run(devices[0].Next(topic, MessageTypes.MessageEdit, new MessageEdit(4, "other too").ToBytes()));
        var outcome = _scene.Run(
            devices[0].Next(topic, MessageTypes.MessageEdit, new MessageEdit(3, "secret three").ToBytes()),
            devices[0].Next(topic, MessageTypes.MessageDelete, new MessageDelete(3).ToBytes()));

        outcome.Erased.Select(e => e.Offset).ShouldBe([3UL, 5UL], ignoreOrder: true);
        _scene.Events("ana", topic).Skip(2).Select(e => e.Type).ShouldBe(
        [
            MessageTypes.MessageErased, MessageTypes.MessagePost, MessageTypes.MessageErased, MessageTypes.MessageEdit,
            MessageTypes.MessageErased, MessageTypes.MessageDelete,
        ]);
        _scene.Events("ana", topic).ShouldAllBe(e => !System.Text.Encoding.UTF8.GetString(e.Payload).Contains("secret"));
        foreach (var what in new[] { "react 3", "edit 3", "delete 3", "delete 5" })
            Do(devices[0], topic, what).ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public void A_message_posted_and_deleted_in_one_batch_is_never_seen()
    {
        var (topic, devices) = _scene.Conversation();
        var outcome = _scene.Run(
            devices[0].Post(topic, "secret"),
            devices[0].Next(topic, MessageTypes.MessageReact, new MessageReact(2, "+", true).ToBytes()),
            devices[0].Next(topic, MessageTypes.MessageDelete, new MessageDelete(2).ToBytes()),
            devices[0].Next(topic, MessageTypes.MessageReact, new MessageReact(2, "+", false).ToBytes()));
        outcome.Erased.ShouldBeEmpty();
        var events = outcome.Appended.Single(a => a.Topic.Name == topic).Events;
        events.Select(e => e.Type).ShouldBe([MessageTypes.MessageErased, MessageTypes.MessageReact, MessageTypes.MessageDelete]);
        events[0].Payload.ShouldBe([0x90]);
        devices[0].Refusals.Select(r => r.Code).ShouldBe([HoliCode.NotFound]);
    }

    [Fact]
    public void Deleting_twice_in_one_batch_deletes_once()
    {
        var (topic, devices) = _scene.Conversation();
        _scene.Run(devices[0].Post(topic, "x"));
        var delete = new MessageDelete(2).ToBytes();
        var outcome = _scene.Run(
            devices[0].Next(topic, MessageTypes.MessageDelete, delete), devices[0].Next(topic, MessageTypes.MessageDelete, delete));
        outcome.Erased.Count.ShouldBe(1);
        devices[0].Refusals.Select(r => r.Code).ShouldBe([HoliCode.NotFound]);
    }

    [Fact]
    public void A_persons_own_topic_takes_read_marks_and_nothing_else()
    {
        var (_, devices) = _scene.Conversation(("ben", MemberRole.Member));
        foreach (var what in new[] { "post", "react 1", "edit 1", "delete 1" })
        {
            Do(devices[1], "user/ben", what).ShouldBe(HoliCode.Unsupported);
            Do(devices[1], "user/ana", what).ShouldBe(HoliCode.NotFound);
        }
        devices[1].Send("user/ben", MessageTypes.ReadMark, new ReadMark(1)).ShouldBe(HoliCode.None);
        devices[1].Send("user/ana", MessageTypes.ReadMark, new ReadMark(1)).ShouldBe(HoliCode.NotFound);
        devices[1].Send("user/ben", MessageTypes.ConversationLeave, []).ShouldBe(HoliCode.Unsupported);
        devices[1].Send("user/ben", MessageTypes.MemberAdd, new MemberAdd("eve", MemberRole.Owner)).ShouldBe(HoliCode.Unsupported);
        devices[1].Send("user/ben", MessageTypes.ConversationRename, new ConversationRename("x")).ShouldBe(HoliCode.Unsupported);
    }

    private static HoliCode Do(Device actor, string topic, string what)
    {
        var words = what.Split(' ');
        var offset = words.Length > 1 ? ulong.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        return words[0] switch
        {
            "post" => actor.Send(topic, MessageTypes.MessagePost, new MessagePost("x")),
            "reply" => actor.Send(topic, MessageTypes.MessagePost, new MessagePost("x", ReplyTo: offset)),
            "react" => actor.Send(topic, MessageTypes.MessageReact, new MessageReact(offset, "+1", true)),
            "edit" => actor.Send(topic, MessageTypes.MessageEdit, new MessageEdit(offset, "y")),
            _ => actor.Send(topic, MessageTypes.MessageDelete, new MessageDelete(offset)),
        };
    }
}
