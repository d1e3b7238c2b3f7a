using System.Text.Json;
using System.Text.Json.Serialization;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>
/// §8.8: what does not exist and what is not yours are refused alike. For each command two worlds are compared, one with and one without
/// the conversation: what is asked of the store, what the sender's outcome is, what is written to the sender's topic and to the audit trail.
/// </summary>
public sealed class NotFoundTests
{
    private const string Room = "conversation/room";

    public static TheoryData<string> Commands =>
    [
        "post", "reply", "read", "react", "edit", "delete", "create", "rename", "leave", "add", "remove", "remove self", "role", "role self",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Absent_and_not_yours_look_the_same(string command)
    {
        var strangers = Told(command, scene => scene.Conversation(("ben", MemberRole.Admin)));
        strangers.ShouldContain("4604");
        if (command != "create")
            Told(command, _ => { }).ShouldBe(strangers);
        Told(command, scene => scene.Connect("ana", tenant: "other").Send(Room, MessageTypes.ConversationCreate, new ConversationCreate(null, [])), otherwise: command == "create")
            .ShouldBe(command == "create" ? Told(command, _ => { }, otherwise: true) : strangers);
        Told(command, Removed).ShouldBe(strangers);
    }

    // eve was there and is not any more.
    private static void Removed(Scene scene)
    {
        var (topic, devices) = scene.Conversation(("ben", MemberRole.Admin), ("eve", MemberRole.Admin));
        devices[2].Send(topic, MessageTypes.MessagePost, new MessagePost("eve's"));
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("eve")).ShouldBe(HoliCode.None);
    }

    private static string Told(string command, Action<Scene> world, bool otherwise = false)
    {
        var scene = new Scene();
        world(scene);
        scene.NowMs = 50_000;
        var eve = scene.Connect("eve", "fresh");
        var audited = scene.Memory.Audit.Count;
        var before = scene.See("eve", "user/eve")!.Head;
        var (type, payload) = Payload(command);
        var submitted = eve.Next(Room, type, payload);
        var keys = CommitPlanner.Keys([submitted]);
        var outcome = scene.Run(submitted);
        (eve.Refusals.Count == 0).ShouldBe(otherwise);
        return JsonSerializer.Serialize(
            new
            {
                keys.Topics.Count,
                Members = keys.Members.Count,
                Events = keys.Events.Count,
                Rosters = keys.WholeRosters.Count,
                outcome.Committed.Single().Committed,
                outcome.Committed.Single().Refusals,
                Refused = outcome.Refused.Count,
                Appended = outcome.Appended.Select(a => (a.Topic, Events: a.Events.Select(e => (e.Offset - before, e.TimeMs, e.Member, e.Type, Convert.ToHexString(e.Payload))))),
                Erased = outcome.Erased.Count,
                Memberships = outcome.Memberships.Count,
                Positions = outcome.Positions.Count,
                Audit = scene.Memory.Audit.Skip(audited),
            },
            Options);
    }

    private static readonly JsonSerializerOptions Options = new() { IncludeFields = true, Converters = { new JsonStringEnumConverter<MemberRole>() } };

    private static (ushort Type, byte[] Payload) Payload(string command) => command switch
    {
        "post" => (MessageTypes.MessagePost, new MessagePost("x").ToBytes()),
        "reply" => (MessageTypes.MessagePost, new MessagePost("x", ReplyTo: 1).ToBytes()),
        "read" => (MessageTypes.ReadMark, new ReadMark(1).ToBytes()),
        "react" => (MessageTypes.MessageReact, new MessageReact(1, "+", true).ToBytes()),
        "edit" => (MessageTypes.MessageEdit, new MessageEdit(4, "y").ToBytes()),
        "delete" => (MessageTypes.MessageDelete, new MessageDelete(4).ToBytes()),
        "create" => (MessageTypes.ConversationCreate, new ConversationCreate("mine", []).ToBytes()),
        "rename" => (MessageTypes.ConversationRename, new ConversationRename("mine").ToBytes()),
        "leave" => (MessageTypes.ConversationLeave, []),
        "add" => (MessageTypes.MemberAdd, new MemberAdd("zoe", MemberRole.Member).ToBytes()),
        "remove" => (MessageTypes.MemberRemove, new MemberRemove("ben").ToBytes()),
        "remove self" => (MessageTypes.MemberRemove, new MemberRemove("eve").ToBytes()),
        "role" => (MessageTypes.MemberRole, new MemberRoleChange("ben", MemberRole.Observer).ToBytes()),
        _ => (MessageTypes.MemberRole, new MemberRoleChange("eve", MemberRole.Owner).ToBytes()),
    };
}
