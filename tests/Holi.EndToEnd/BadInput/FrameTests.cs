using System.Net.WebSockets;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.BadInput;

/// <summary>Frames that break a rule close the one connection with the code of the rule, and cost nobody else anything.</summary>
public sealed class FrameTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("13 02 01 01", HoliCode.UnexpectedFrame, "§4: an Event comes from the gateway only")]
    [InlineData("03 81", HoliCode.BadVarint, "§3: a length that is cut off")]
    [InlineData("03 05 01", HoliCode.Truncated, "§4: the body runs past the message")]
    [InlineData("03 81 00 01", HoliCode.BadVarint, "§3: not the shortest form")]
    [InlineData("03 0a ff ff ff ff ff ff ff ff ff 01", HoliCode.BadVarint, "§3: ten bytes")]
    [InlineData("03 01 81", HoliCode.BadVarint, "§3: a field that is cut off")]
    [InlineData("03 02 80 00", HoliCode.BadVarint, "§3: a field not in its shortest form")]
    [InlineData("03 00", HoliCode.BadVarint, "§3: a field that is missing")]
    [InlineData("03 ff ff ff ff ff ff ff ff 7f", HoliCode.TooLarge, "§4: a body of 2^63 - 1 bytes")]
    [InlineData("10 04 01 07 05 61", HoliCode.Truncated, "§3: a text longer than its frame")]
    [InlineData("10 06 01 00 02 c3 28 90", HoliCode.BadText, "§3: a text that is not UTF-8")]
    [InlineData("10 05 01 00 01 00 90", HoliCode.BadText, "§3: U+0000 in a text")]
    [InlineData("10 02 00 08", HoliCode.BadValue, "§3: seqs are 1 or more")]
    [InlineData("82 01 02", HoliCode.BadValue, "§11.5: no such state")]
    [InlineData("02 01 90", HoliCode.UnexpectedFrame, "§4: a Welcome comes from the gateway only")]
    [InlineData("81 03 01 01 01", HoliCode.UnexpectedFrame, "§4: so does a PeerSignal, optional or not")]
    [InlineData("03 02 07 07", HoliCode.TrailingBytes, "§4: bytes after the last field")]
    [InlineData("7f 00", HoliCode.UnknownFrame, "§4: unknown and critical")]
    [InlineData("09 02 45 00", HoliCode.BadPart, "§5.2: reserved bits")]
    [InlineData("09 02 85 00", HoliCode.BadPart, "§5.2: no such lane")]
    [InlineData("15 02 7f 01", HoliCode.UnknownTopicNumber, "§8.4: a topic never announced")]
    [InlineData("08 02 02 01", HoliCode.BadValue, "§5.3: the interactive lane is not under credit")]
    public async Task A_frame_that_breaks_a_rule_closes_with_its_code(string hex, HoliCode code, string rule)
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.SendHexAsync(hex);
        (await peer.ClosedAsync()).ShouldBe(code, rule);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_4_an_unknown_frame_with_the_optional_bit_is_skipped()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.SendHexAsync("fe 03 01 02 03");
        await peer.PingAsync();
    }

    [Fact]
    public async Task Section_2_2_a_text_message_closes_with_4401()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TextMessage);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_2_2_an_empty_message_closes_with_4403()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.SendAsync(ReadOnlyMemory<byte>.Empty);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.EmptyMessage);
    }

    [Fact]
    public async Task Section_2_2_a_message_over_its_limit_closes_with_4402()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.SendAsync(new byte[WireLimits.MessageBytesMax + 1]);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TooLarge);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_2_2_endless_tiny_fragments_close_with_4402_when_their_sum_is_over_the_limit()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        try
        {
            for (var sent = 0; sent <= WireLimits.MessageBytesMax + 4096; sent += 16)
                await peer.SendAsync(new byte[16], end: false);
        }
        catch (WebSocketException)
        {
            // The gateway has closed while we were still sending: that is what is wanted.
        }
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TooLarge);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_5_2_a_part_that_declares_more_than_a_frame_may_have_is_refused_before_it_is_kept()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        // Interactive lane; a Command of 2^28 bytes begins.
        await peer.SendHexAsync("09 07 02 10 80 80 80 80 01");
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TooLarge);
    }

    [Fact]
    public async Task Section_11_1_a_flood_of_pings_closes_with_4416()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        for (var n = 0; n < 30 && peer.Socket.State == WebSocketState.Open; n++)
            await peer.SendAsync(new PingFrame((ulong)n).Write);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.PingFlood);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_6_1_a_second_Hello_closes_with_4410()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.HelloAsync(fixture.Gateway.Tokens.For("frames"));
        (await peer.ClosedAsync()).ShouldBe(HoliCode.UnexpectedFrame);
    }

    [Fact]
    public async Task Section_6_1_two_Hellos_in_one_message_close_with_4410()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.SendAsync(output =>
        {
            for (var n = 0; n < 2; n++)
                new HelloFrame { Token = fixture.Gateway.Tokens.For("frames"), Device = "twice", Cursors = [] }.Write(output);
        });
        (await peer.ClosedAsync()).ShouldBe(HoliCode.UnexpectedFrame);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_2_2_a_text_message_before_Hello_closes_with_4401()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TextMessage);
    }

    [Fact]
    public async Task Section_2_3_the_close_reason_repeats_nothing_that_the_peer_sent()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "frames");
        await peer.SendAsync("SECRET-MARKER"u8.ToArray());
        ((int)await peer.ClosedAsync()).ShouldBeInRange(4400, 4499);
        (peer.CloseReason ?? "").ShouldNotContain("SECRET", Case.Insensitive);
    }
}
