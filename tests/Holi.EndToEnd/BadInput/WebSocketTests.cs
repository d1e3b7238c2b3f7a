using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.BadInput;

/// <summary>What breaks RFC 6455 itself, below the protocol's own frames.</summary>
public sealed class WebSocketTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("82 02 03 00", "§5.1: a client's frame that is not masked")]
    [InlineData("c2 82 00000000 03 00", "§5.2: a reserved bit, as of a compression that was not negotiated")]
    [InlineData("a2 82 00000000 03 00", "§5.2: another reserved bit")]
    [InlineData("83 82 00000000 03 00", "§5.2: a reserved opcode")]
    [InlineData("8b 80 00000000", "§5.2: a reserved control opcode")]
    [InlineData("80 82 00000000 03 00", "§5.4: a continuation of nothing")]
    [InlineData("02 81 00000000 03 82 81 00000000 00", "§5.4: a message inside a message")]
    [InlineData("09 80 00000000", "§5.5: a control frame in fragments")]
    [InlineData("89 fe 007e 00000000", "§5.5: a ping of 126 bytes")]
    [InlineData("82 fe 0002 00000000 03 00", "§5.2: a length that is not in its shortest form")]
    [InlineData("82 ff 8000000000000002 00000000 03 00", "§5.2: a length beyond 2^63")]
    [InlineData("88 81 00000000 03", "§5.5.1: half a status")]
    public async Task A_frame_that_breaks_RFC_6455_closes_with_1002(string hex, string rule)
    {
        using var socket = await RawSocket.OpenAsync(fixture.Gateway);
        await socket.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        (await socket.CloseCodeAsync()).ShouldBe((int)WebSocketCloseStatus.ProtocolError, rule);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task A_frame_that_declares_2_to_the_62_bytes_gets_no_memory_and_closes_when_it_is_over_the_limit()
    {
        using var socket = await RawSocket.OpenAsync(fixture.Gateway);
        var before = fixture.Gateway.RssBytes;
        await socket.SendAsync(Convert.FromHexString("82ff400000000000000000000000"));
        await socket.SendAsync(new byte[WireLimits.MessageBytesMax + 1]);
        (await socket.CloseCodeAsync()).ShouldBe((int)HoliCode.TooLarge);
        (fixture.Gateway.RssBytes - before).ShouldBeLessThan(20L << 20);
    }

    [Fact]
    public async Task A_ping_between_the_fragments_of_a_message_is_answered_before_the_message_is_whole()
    {
        using var socket = await RawSocket.OpenAsync(fixture.Gateway);
        var hello = new ArrayBufferWriter<byte>();
        new HelloFrame { Token = fixture.Gateway.Tokens.For(SharedGateway.Somebody("ana")), Device = "phone", BulkCredit = 1 << 20 }.Write(hello);
        await socket.FrameAsync(0x02, hello.WrittenSpan[..20]);
        await socket.FrameAsync(0x89, "are you there"u8);
        var (opcode, payload) = await socket.NextAsync();
        opcode.ShouldBe(0xA);
        payload.ShouldBe("are you there"u8.ToArray());
        await socket.FrameAsync(0x80, hello.WrittenSpan[20..]);
        (await socket.NextAsync()).Opcode.ShouldBe(0x2, "the Welcome");
    }

    [Fact]
    public async Task Section_2_1_a_compression_that_is_offered_is_not_negotiated()
    {
        await using var peer = new RawPeer();
        peer.Options.CollectHttpResponseDetails = true;
        peer.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await peer.ConnectAsync(fixture.Gateway.Endpoint);
        ((ClientWebSocket)peer.Socket).HttpResponseHeaders!.Keys.ShouldNotContain("Sec-WebSocket-Extensions");
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12")]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "")]
    [InlineData("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Key: short")]
    [InlineData("Upgrade: websocket", "Upgrade: h2c")]
    [InlineData("GET /v1/ws", "POST /v1/ws")]
    [InlineData("GET /v1/ws HTTP/1.1", "GET /v1/ws HTTP/9.9")]
    [InlineData("Host: gateway\r\n", "")]
    public async Task A_handshake_of_another_version_or_form_is_refused(string right, string wrong)
    {
        using var socket = await RawSocket.ConnectAsync(fixture.Gateway);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RawSocket.Upgrade.Replace(right, wrong, StringComparison.Ordinal)));
        (await socket.StatusAsync()).ShouldBeInRange(400, 505);
        await fixture.BystandersStillChatAsync();
    }
}
