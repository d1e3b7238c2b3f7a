using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.BadInput;

/// <summary>What may go wrong before a connection is anybody's: upgrade, Hello, token.</summary>
public sealed class HandshakeTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData(null, null, HttpStatusCode.BadRequest)]
    [InlineData("chat", null, HttpStatusCode.BadRequest)]
    [InlineData("holi.v2", null, HttpStatusCode.BadRequest)]
    [InlineData("holi.v1", "https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Section_2_1_an_upgrade_with_the_wrong_subprotocol_or_origin_is_refused(string? subprotocol, string? origin, HttpStatusCode status)
    {
        await using var peer = new RawPeer();
        peer.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            peer.Options.SetRequestHeader("Origin", origin);
        await Should.ThrowAsync<WebSocketException>(() => peer.ConnectAsync(fixture.Gateway.Endpoint, subprotocol));
        ((ClientWebSocket)peer.Socket).HttpStatusCode.ShouldBe(status);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_2_1_an_HTTP_request_that_is_no_upgrade_is_refused()
    {
        using var http = new HttpClient();
        var address = new UriBuilder(fixture.Gateway.Endpoint) { Scheme = "http" }.Uri;
        using var answer = await http.GetAsync(address, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_huge_handshake_is_refused_and_costs_nobody_else_anything()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, fixture.Gateway.Endpoint.Port, TestContext.Current.CancellationToken);
        await using var bytes = socket.GetStream();
        var request = "GET /v1/ws HTTP/1.1\r\nHost: x\r\nX-Fill: " + new string('x', 200_000);
        var answer = new byte[64];
        try
        {
            await bytes.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
            await bytes.ReadAtLeastAsync(answer, 12, false, TestContext.Current.CancellationToken);
            Encoding.ASCII.GetString(answer, 0, 12).ShouldStartWith("HTTP/1.1 4");
        }
        catch (IOException)
        {
            // Reset while we were still writing: refused as well.
        }
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_6_1_silence_before_Hello_closes_with_4103_after_5_seconds()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        var began = TimeProvider.System.GetTimestamp();
        (await peer.ClosedAsync()).ShouldBe(HoliCode.HelloTimeout);
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeGreaterThan(4.9);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_6_1_any_other_frame_before_Hello_closes_with_4410()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.SendAsync(new PingFrame(1).Write);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.UnexpectedFrame);
    }

    [Fact]
    public async Task Section_12_an_unauthenticated_connection_may_send_no_more_than_16_KiB()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.SendAsync(new byte[40_000]);
        ((int)await peer.ClosedAsync()).ShouldBeInRange(4400, 4499);
        await fixture.BystandersStillChatAsync();
    }

    [Theory]
    [InlineData("01 00", "an empty Hello")]
    [InlineData("01 01 c0", "nil instead of an array")]
    [InlineData("01 05 dd ff ff ff ff", "an array of 2^32 - 1 fields that are not there")]
    [InlineData("01 03 9c 00 a1", "a token that is cut off")]
    [InlineData("01 04 9c 00 a1 ff", "a token that is not UTF-8")]
    [InlineData("01 13 9c 00 91 91 91 91 91 91 91 91 91 91 91 91 91 91 91 91 c0", "arrays in arrays")]
    public async Task Section_3_1_a_Hello_that_is_not_what_it_should_be_closes_with_4406_or_4405(string hex, string what)
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.SendHexAsync(hex);
        (await peer.ClosedAsync()).ShouldBeOneOf(HoliCode.BadPayload, HoliCode.BadText, HoliCode.BadValue);
        what.ShouldNotBeEmpty();
        await fixture.BystandersStillChatAsync();
    }
}
