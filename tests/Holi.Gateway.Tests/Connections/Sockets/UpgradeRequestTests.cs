using System.Text;
using Holi.Gateway.Connections.Sockets;

namespace Holi.Gateway.Tests.Connections.Sockets;

public sealed class UpgradeRequestTests
{
    private const string Plain =
        "GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: other, holi.v1\r\n\r\n";

    [Fact]
    public void A_plain_request_is_taken_over_and_answered_as_the_RFC_says()
    {
        var request = UpgradeRequest.TryRead(Encoding.ASCII.GetBytes(Plain)).ShouldNotBeNull();
        request.Bytes.ShouldBe(Plain.Length);
        request.Origin.ShouldBeNull();
        // The example of RFC 6455 §1.3.
        Encoding.ASCII.GetString(request.Accept()).ShouldContain("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    }

    [Fact]
    public void Origin_and_forwarding_are_read()
    {
        var text = Plain.Replace("Host: x\r\n", "Host: x\r\nOrigin: https://a.example\r\nx-forwarded-for: 1.2.3.4, 5.6.7.8\r\n", StringComparison.Ordinal);
        var request = UpgradeRequest.TryRead(Encoding.ASCII.GetBytes(text)).ShouldNotBeNull();
        (request.Origin, request.ForwardedFor).ShouldBe(("https://a.example", "1.2.3.4, 5.6.7.8"));
    }

    [Theory]
    [InlineData("GET /v1/ws", "POST /v1/ws")]
    [InlineData("GET /v1/ws", "GET /v1/ws?token=x")]
    [InlineData("HTTP/1.1", "HTTP/1.0")]
    [InlineData("Host: x\r\n", "")]
    [InlineData("Host: x\r\n", "Host: x\r\nHost: y\r\n")]
    [InlineData("Host: x\r\n", "Host : x\r\n")]
    [InlineData("Host: x\r\n", "Host: x\r\n folded\r\n")]
    [InlineData("Host: x\r\n", "Host: x\r\nnonsense\r\n")]
    [InlineData("Host: x\r\n", "Host: x\r\nContent-Length: 3\r\n")]
    [InlineData("Host: x\r\n", "Host: x\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Host: x\r\n", "Host: x\r\nX: \u0001\r\n")]
    [InlineData("keep-alive, Upgrade", "keep-alive")]
    [InlineData("Upgrade: WebSocket", "Upgrade: h2c")]
    [InlineData("Version: 13", "Version: 8")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "!!!!!HNhbXBsZSBub25jZQ==")]
    [InlineData("other, holi.v1", "holi.v2")]
    [InlineData("other, holi.v1", "HOLI.V1")]
    public void Whatever_else_is_left_to_the_HTTP_layer(string plain, string changed) =>
        UpgradeRequest.TryRead(Encoding.Latin1.GetBytes(Plain.Replace(plain, changed, StringComparison.Ordinal))).ShouldBeNull();
}
