using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>Seqs, acknowledgements and payloads that are not what they should be.</summary>
public sealed class CommandTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly string _topic = TopicName.Conversation(Guid.NewGuid().ToString("N"));
    private readonly string _user = "cmd-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Section_7_4_a_replayed_seq_with_the_same_content_is_answered_again_and_applied_once()
    {
        await using var peer = await ReadyAsync();
        await peer.PostAsync(2, _topic, "once");
        await peer.CommittedAsync(2);
        await peer.PostAsync(2, _topic, "once");
        (await peer.CommittedAsync(2)).Refusals.ShouldBeEmpty();
        await peer.PostAsync(3, _topic, "twice");
        await peer.CommittedAsync(3);
        (await TextsAsync()).ShouldBe(["once", "twice"]);
    }

    [Fact]
    public async Task Section_7_4_a_replayed_seq_with_other_content_closes_with_4414_and_changes_nothing()
    {
        await using var peer = await ReadyAsync();
        await peer.PostAsync(2, _topic, "mine");
        await peer.CommittedAsync(2);
        await peer.PostAsync(2, _topic, "forged");
        (await peer.ClosedAsync()).ShouldBe(HoliCode.SeqReused);
        (await TextsAsync()).ShouldBe(["mine"]);
        await AuditTrail.HasAsync(fixture.Gateway, _user, "command.seq.reused", "4414");
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_7_4_a_seq_from_the_future_is_told_where_to_resume()
    {
        await using var peer = await ReadyAsync();
        await peer.PostAsync(9, _topic, "too early");
        (await peer.ErrorAsync()).Code.ShouldBe(HoliCode.SeqGap);
        (await peer.CommittedAsync(1)).Committed.ShouldBe(1UL);
        await peer.PostAsync(2, _topic, "in turn");
        (await peer.CommittedAsync(2)).Committed.ShouldBe(2UL);
        (await TextsAsync()).ShouldBe(["in turn"]);
    }

    [Fact]
    public async Task Section_8_4_an_acknowledgement_beyond_what_was_sent_closes_with_4415()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var topic = await CreateAsync(peer);
        await peer.SendAsync(output => AckFrame.Write(output, [new AckEntry(topic.Number, 1_000_000)]));
        (await peer.ClosedAsync()).ShouldBe(HoliCode.AckBeyondSent);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_8_4_an_acknowledgement_that_goes_back_is_ignored()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var topic = await CreateAsync(peer);
        await peer.PostAsync(2, topic.Name, "stored");
        await peer.NextAsync(FrameKind.Event);
        await peer.CommittedAsync(2);
        await peer.SendAsync(output => AckFrame.Write(output, [new AckEntry(topic.Number, 2)]));
        await peer.SendAsync(output => AckFrame.Write(output, [new AckEntry(topic.Number, 1)]));
        await peer.SendAsync(output => AckFrame.Write(output, [new AckEntry(topic.Number, 2), new AckEntry(topic.Number, 1)]));
        await peer.PingAsync();

        // What was said to be delivered stays delivered, for whoever asks the log.
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var again = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
                await again.HelloAsync(fixture.Gateway.Tokens.For(_user));
                await again.WelcomeAsync();
                return (await again.TopicAsync(_topic)).Delivered == 2;
            },
            "the delivered position is not 2");
    }

    [Theory]
    [InlineData("c0", "nil instead of an array")]
    [InlineData("91 dc", "a text whose length is missing")]
    [InlineData("dd ff ff ff ff", "four billion fields in no bytes")]
    [InlineData("91 db 7f ff ff ff 61", "a text of two billion bytes in one")]
    [InlineData("91 a2 c3 28", "not UTF-8")]
    [InlineData("91 a2 61 00", "U+0000 in a text")]
    [InlineData("91 a1 61 00", "bytes after the array")]
    [InlineData("91 c7 01 05 00", "an extension type")]
    [InlineData("95 a1 61 c0 c0 c0 82 01 01 01 02", "two equal map keys")]
    [InlineData("95 a1 61 c0 c0 c0 82 01 01 cc 01 02", "two forms of one number as map keys")]
    [InlineData("95 a1 61 c0 c0 c0 82 a1 6b 01 d9 01 6b 02", "two forms of one text as map keys")]
    [InlineData("95 a1 61 c0 c0 c0 81 c3 01", "a map key that is neither text nor integer")]
    [InlineData("95 a1 61 c0 c0 c0 de 04 01", "a map of 1,025 keys that are not there")]
    [InlineData("95 a1 61 c0 c0 c0 df ff ff ff ff", "a map of four billion keys that are not there")]
    [InlineData("95 a1 61 c0 c0 c0 c6 ff ff ff ff", "four billion bytes that are not there")]
    [InlineData("95 a1 61 c0 c0 c0 a2 61 00", "U+0000 in a field that nobody knows")]
    [InlineData("91 a3 ed a0 80", "half a surrogate pair")]
    [InlineData("95 a1 61 c0 c0 c0 91 91 91 91 91 91 91 91 91 91 91 91 91 91 91 91 c0", "nesting beyond 16")]
    public async Task Section_3_1_a_payload_that_breaks_a_rule_refuses_the_command_and_consumes_its_seq(string hex, string what)
    {
        await using var peer = await ReadyAsync();
        await peer.CommandAsync(2, _topic, MessageTypes.MessagePost, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        (await peer.CommittedAsync(2)).Refusals.ShouldBe([new Refusal(2, HoliCode.RefusedPayload)], what);
        await peer.PostAsync(3, _topic, "next");
        (await peer.CommittedAsync(3)).Refusals.ShouldBeEmpty();
        (await TextsAsync()).ShouldBe(["next"]);
    }

    [Fact]
    public async Task Section_3_1_nesting_of_16_is_allowed()
    {
        await using var peer = await ReadyAsync();
        await peer.CommandAsync(2, _topic, MessageTypes.MessagePost, Convert.FromHexString("95a464656570c0c0c0" + string.Concat(Enumerable.Repeat("91", 14)) + "90"));
        (await peer.CommittedAsync(2)).Refusals.ShouldBeEmpty();
        (await TextsAsync()).ShouldBe(["deep"]);
    }

    [Fact]
    public async Task Section_3_1_a_signal_whose_payload_breaks_a_rule_is_dropped()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var topic = await CreateAsync(peer);
        foreach (var payload in new[] { "c0", "91", "dd ff ff ff ff", "91 a2 c3 28" })
        {
            var bytes = Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal));
            await peer.SendAsync(new SignalFrame(topic.Number, SignalTypes.Typing, new(bytes)).Write);
        }
        await peer.PingAsync();
    }

    [Fact]
    public async Task Section_7_6_a_refused_command_leaves_a_durable_event_in_the_user_s_own_topic()
    {
        await using var peer = await ReadyAsync();
        await peer.CommandAsync(2, _topic, 7_777, new byte[] { 0x90 });
        (await peer.CommittedAsync(2)).Refusals.ShouldBe([new Refusal(2, HoliCode.Unsupported)]);

        await using var later = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await later.HelloAsync(fixture.Gateway.Tokens.For(_user), backlog: 100);
        await later.WelcomeAsync();
        while (true)
        {
            EventFrame.TryRead(new(await later.NextAsync(FrameKind.Event)), later.TimeBase, out var happened, out _).ShouldBeTrue();
            if (happened.Type != MessageTypes.CommandRejected)
                continue;
            CommandRejected.TryRead(happened.Payload, out var rejected).ShouldBeTrue();
            rejected!.Seq.ShouldBe(2UL);
            rejected.Code.ShouldBe(HoliCode.Unsupported);
            break;
        }
    }

    [Fact]
    public async Task Section_10_4_audio_on_a_gateway_without_recordings_is_answered_with_4609()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        await peer.SendAsync(new RecordingOpenFrame(
            1, new("rec"u8.ToArray()), new(Encoding.UTF8.GetBytes(_topic)), AudioCodec.Opus, 48_000, 1).Write);
        (await peer.ErrorAsync()).Code.ShouldBe(HoliCode.Unsupported);
        await peer.PingAsync();
    }

    private async Task<TopicFrame> CreateAsync(RawPeer peer)
    {
        await peer.CreateAsync(1, _topic);
        return await peer.TopicAsync(_topic);
    }

    private async Task<RawPeer> ReadyAsync()
    {
        var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        await peer.CreateAsync(1, _topic);
        await peer.CommittedAsync(1);
        return peer;
    }

    private async Task<List<string>> TextsAsync()
    {
        await using var reader = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await reader.HelloAsync(fixture.Gateway.Tokens.For(_user), backlog: 1000);
        await reader.WelcomeAsync();
        return await reader.TextsAsync(_topic);
    }
}
