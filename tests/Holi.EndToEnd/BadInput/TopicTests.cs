using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>Invariant X: nobody reaches what is not theirs, and cannot even tell whether it exists.</summary>
public sealed class TopicTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly string _suffix = Guid.NewGuid().ToString("N");

    private string Secret => TopicName.Conversation("secret-" + _suffix);
    private string Absent => TopicName.Conversation("absent-" + _suffix);

    public static TheoryData<ushort, string> Commands => new()
    {
        { MessageTypes.MessagePost, Hex(new MessagePost("let me in").ToBytes()) },
        { MessageTypes.ReadMark, Hex(new ReadMark(1).ToBytes()) },
        { MessageTypes.MessageReact, Hex(new MessageReact(1, "+1", true).ToBytes()) },
        { MessageTypes.MessageEdit, Hex(new MessageEdit(1, "x").ToBytes()) },
        { MessageTypes.MessageDelete, Hex(new MessageDelete(1).ToBytes()) },
        { MessageTypes.MemberAdd, Hex(new MemberAdd("mallory", MemberRole.Owner).ToBytes()) },
        { MessageTypes.MemberRemove, Hex(new MemberRemove("ana").ToBytes()) },
        { MessageTypes.MemberRole, Hex(new MemberRoleChange("mallory", MemberRole.Owner).ToBytes()) },
        { MessageTypes.ConversationLeave, "90" },
        { MessageTypes.ConversationRename, Hex(new ConversationRename("mine now").ToBytes()) },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_on_another_s_conversation_is_refused_exactly_as_on_an_absent_one(ushort type, string payload)
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, "ana-" + _suffix);
        await ana.CreateAsync(1, Secret);
        await ana.CommittedAsync(1);

        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, "mallory-" + _suffix);
        var bytes = Convert.FromHexString(payload);
        await mallory.CommandAsync(1, Secret, type, bytes);
        await mallory.CommandAsync(2, Absent, type, bytes);
        var (_, refusals) = await mallory.CommittedAsync(2);
        refusals.ShouldBe([new Refusal(1, HoliCode.NotFound), new Refusal(2, HoliCode.NotFound)]);
    }

    [Fact]
    public async Task Following_another_s_conversation_is_answered_exactly_as_an_absent_one()
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, "ana-" + _suffix);
        await ana.CreateAsync(1, Secret);
        await ana.CommittedAsync(1);

        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, "mallory-" + _suffix);
        await FollowAsync(mallory, Secret);
        var forbidden = await mallory.ErrorAsync();
        await FollowAsync(mallory, Absent);
        var absent = await mallory.ErrorAsync();
        forbidden.ShouldBe(absent);
        absent.Code.ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public async Task Another_tenant_s_conversation_is_absent()
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, "ana-" + _suffix);
        await ana.CreateAsync(1, Secret);
        await ana.CommittedAsync(1);

        // The same user name, the same device, elsewhere.
        await using var namesake = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await namesake.HelloAsync(fixture.Gateway.Tokens.For("ana-" + _suffix, tenant: "elsewhere"), ana.Device);
        (await namesake.WelcomeAsync()).Committed.ShouldBe(0UL);
        await namesake.PostAsync(1, Secret, "hello");
        await namesake.PostAsync(2, Absent, "hello");
        (await namesake.CommittedAsync(2)).Refusals.ShouldBe([new Refusal(1, HoliCode.NotFound), new Refusal(2, HoliCode.NotFound)]);
        await FollowAsync(namesake, Secret);
        var elsewhere = await namesake.ErrorAsync();
        await FollowAsync(namesake, Absent);
        elsewhere.ShouldBe(await namesake.ErrorAsync());

        // The name is free there, and what is written under it stays there.
        await namesake.CreateAsync(3, Secret);
        await namesake.PostAsync(4, Secret, "theirs");
        (await namesake.CommittedAsync(4)).Refusals.ShouldBeEmpty();
        await ana.PostAsync(2, Secret, "ours");
        await ana.CommittedAsync(2);
        foreach (var (tenant, text) in new[] { ("dev", "ours"), ("elsewhere", "theirs") })
        {
            await using var reader = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
            await reader.HelloAsync(fixture.Gateway.Tokens.For("ana-" + _suffix, tenant), backlog: 100);
            await reader.WelcomeAsync();
            (await reader.TextsAsync(Secret)).ShouldBe([text]);
        }
    }

    [Fact]
    public async Task Repeated_commands_at_what_is_not_theirs_close_with_4503_too()
    {
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, "mallory-" + _suffix);
        for (var n = 0; n < 200 && mallory.Socket.State == System.Net.WebSockets.WebSocketState.Open; n++)
            await mallory.PostAsync((ulong)n + 1, TopicName.Conversation($"guess-{n}-{_suffix}"), "let me in");
        (await mallory.ClosedAsync()).ShouldBe(HoliCode.TooManyViolations);
        await AuditTrail.HasAsync(fixture.Gateway, "mallory-" + _suffix, "connection.closed", "4503");
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Repeated_attempts_at_what_is_not_theirs_close_with_4503()
    {
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, "mallory-" + _suffix);
        for (var n = 0; n < 200 && mallory.Socket.State == System.Net.WebSockets.WebSocketState.Open; n++)
            await FollowAsync(mallory, TopicName.Conversation($"guess-{n}-{_suffix}"));
        (await mallory.ClosedAsync()).ShouldBe(HoliCode.TooManyViolations);
        await AuditTrail.HasAsync(fixture.Gateway, "mallory-" + _suffix, "connection.closed", "4503");
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task A_topic_number_that_was_never_announced_here_closes_with_4413_though_it_exists()
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, "ana-" + _suffix);
        await ana.CreateAsync(1, Secret);
        var number = (await ana.TopicAsync(Secret)).Number;

        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, "mallory-" + _suffix);
        await mallory.SendAsync(new CommandFrame(1, number, MessageTypes.MessagePost, new(new MessagePost("x").ToBytes())).Write);
        (await mallory.ClosedAsync()).ShouldBe(HoliCode.UnknownTopicNumber);
    }

    [Fact]
    public async Task A_removed_member_gets_no_later_byte_not_even_by_history()
    {
        var marker = "after-removal-" + _suffix;
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, "ana-" + _suffix);
        await using var ben = await RawPeer.WelcomedAsync(fixture.Gateway, "ben-" + _suffix);
        await ana.CreateAsync(1, Secret, "ben-" + _suffix);
        var topic = await ben.TopicAsync(Secret);
        await ana.CommandAsync(2, Secret, MessageTypes.MemberRemove, new MemberRemove("ben-" + _suffix).ToBytes());
        await ana.PostAsync(3, Secret, marker);
        await ana.CommittedAsync(3);

        TopicGoneFrame.TryRead(new(await ben.NextAsync(FrameKind.TopicGone)), out var gone, out _).ShouldBeTrue();
        gone.Code.ShouldBe(HoliCode.Removed);
        // A frame that names the topic now is either refused or answered as for an absent one; no page comes.
        await FollowAsync(ben, Secret);
        (await ben.ErrorAsync()).Code.ShouldBe(HoliCode.NotFound);

        await using var again = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await again.HelloAsync(fixture.Gateway.Tokens.For("ben-" + _suffix), backlog: 1000, cursors: [new TopicCursor(Secret, topic.Epoch, topic.Head)]);
        var welcome = await again.WelcomeAsync();
        for (var n = 0; n < welcome.Topics; n++)
        {
            TopicFrame.TryRead(new(await again.NextAsync(FrameKind.Topic)), out var announced, out _).ShouldBeTrue();
            announced!.Name.ShouldNotBe(Secret);
        }
    }

    private static Task FollowAsync(RawPeer peer, string topic) =>
        peer.SendAsync(new FollowFrame(0, new(Encoding.UTF8.GetBytes(topic)), 0, 0, 10).Write);

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
