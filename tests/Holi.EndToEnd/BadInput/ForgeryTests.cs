using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>Who somebody is comes from their token and from nothing that they say: forged devices, identities, senders and own topics.</summary>
public sealed class ForgeryTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _mallory = SharedGateway.Somebody("mallory");
    private readonly string _topic = TopicName.Conversation(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task Another_person_s_device_is_neither_fenced_nor_continued_by_who_names_it()
    {
        await using var ana = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await ana.HelloAsync(fixture.Gateway.Tokens.For(_ana));
        var generation = (await ana.WelcomeAsync()).Generation;
        await ana.CreateAsync(1, _topic);
        await ana.CommittedAsync(1);

        await using (var forged = await RawPeer.OpenAsync(fixture.Gateway.Endpoint))
        {
            await forged.HelloAsync(fixture.Gateway.Tokens.For(_mallory), ana.Device, generation, known: 1, lastAssigned: 1);
            (await forged.ClosedAsync()).ShouldBe(HoliCode.GenerationUnknown);
        }
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, _mallory, ana.Device);
        await mallory.PostAsync(1, _topic, "as ana's device");
        (await mallory.CommittedAsync(1)).Refusals.ShouldBe([new Refusal(1, HoliCode.NotFound)]);

        await ana.PingAsync();
        await ana.PostAsync(2, _topic, "still me");
        (await ana.CommittedAsync(2)).Refusals.ShouldBeEmpty();
        (await TextsAsync(_ana)).ShouldBe(["still me"]);
    }

    [Fact]
    public async Task The_sender_of_an_event_is_who_the_token_names_whatever_the_payload_says()
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, _ana);
        await ana.CreateAsync(1, _topic, _mallory);
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, _mallory);
        await ana.CommittedAsync(1);
        // [text, nil, nil, nil] as it should be, then everything that a careless reader might take for a sender.
        var user = Encoding.UTF8.GetBytes(_ana);
        byte[] payload = [0x98, 0xA1, (byte)'x', 0xC0, 0xC0, 0xC0, 0x01, 0xD9, (byte)user.Length, .. user, 0x01, 0x01];
        await mallory.CommandAsync(1, _topic, MessageTypes.MessagePost, payload);
        (await mallory.CommittedAsync(1)).Refusals.ShouldBeEmpty();

        while (true)
        {
            EventFrame.TryRead(new(await ana.NextAsync(FrameKind.Event)), 0, out var happened, out _).ShouldBeTrue();
            if (happened.Type != MessageTypes.MessagePost)
                continue;
            // Ana made the conversation: she is member 1.
            happened.Member.ShouldBe(2u);
            break;
        }
    }

    [Fact]
    public async Task Another_s_message_is_neither_edited_nor_deleted()
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, _ana);
        await ana.CreateAsync(1, _topic, _mallory);
        await ana.PostAsync(2, _topic, "ana's");
        await ana.CommittedAsync(2);
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, _mallory);
        // Whichever offset it has, it is not mallory's.
        for (var offset = 1UL; offset <= 3; offset++)
        {
            await mallory.CommandAsync((2 * offset) - 1, _topic, MessageTypes.MessageEdit, new MessageEdit(offset, "forged").ToBytes());
            await mallory.CommandAsync(2 * offset, _topic, MessageTypes.MessageDelete, new MessageDelete(offset).ToBytes());
        }
        var refusals = (await mallory.CommittedAsync(6)).Refusals;
        refusals.Select(refusal => refusal.Seq).ShouldBe([1UL, 2, 3, 4, 5, 6]);
        refusals.ShouldAllBe(refusal => refusal.Code == HoliCode.RoleTooLow || refusal.Code == HoliCode.NotFound);
        (await TextsAsync(_ana)).ShouldBe(["ana's"]);
    }

    [Fact]
    public async Task Section_7_2_a_first_identity_of_another_s_device_hides_nothing()
    {
        await using var ana = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await ana.HelloAsync(fixture.Gateway.Tokens.For(_ana));
        var generation = (await ana.WelcomeAsync()).Generation;
        await ana.CreateAsync(1, _topic, _mallory);
        await ana.PostAsync(2, _topic, "twice");
        await ana.CommittedAsync(2);
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, _mallory, ana.Device);
        await mallory.SendAsync(output => new CommandFrame(
            1, generation, 2, 0, new(Encoding.UTF8.GetBytes(_topic)), MessageTypes.MessagePost, new(new MessagePost("twice").ToBytes())).Write(output));
        (await mallory.CommittedAsync(1)).Refusals.ShouldBeEmpty();
        // Two people said the same: two messages.
        (await TextsAsync(_ana)).ShouldBe(["twice", "twice"]);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("alert")]
    [InlineData("patient")]
    [InlineData("copilot")]
    public async Task Another_s_own_topic_is_answered_as_one_that_is_absent(string kind)
    {
        await using var ana = await RawPeer.WelcomedAsync(fixture.Gateway, _ana);
        await using var mallory = await RawPeer.WelcomedAsync(fixture.Gateway, _mallory);
        var answers = new List<(HoliCode, HoliCode)>();
        foreach (var (n, name) in new[] { $"{kind}/{_ana}", $"{kind}/{SharedGateway.Somebody("nobody")}" }.Index())
        {
            await mallory.SendAsync(new FollowFrame(0, new(Encoding.UTF8.GetBytes(name)), 0, 0, 10).Write);
            var followed = (await mallory.ErrorAsync()).Code;
            await mallory.PostAsync((ulong)n + 1, name, "let me in");
            answers.Add((followed, (await mallory.CommittedAsync((ulong)n + 1)).Refusals.Single().Code));
        }
        answers[0].ShouldBe(answers[1]);
        answers[0].Item1.ShouldBe(HoliCode.NotFound);
        await ana.PingAsync();
    }

    private async Task<List<string>> TextsAsync(string user)
    {
        await using var reader = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await reader.HelloAsync(fixture.Gateway.Tokens.For(user), backlog: 1_000);
        await reader.WelcomeAsync();
        return await reader.TextsAsync(_topic);
    }
}
