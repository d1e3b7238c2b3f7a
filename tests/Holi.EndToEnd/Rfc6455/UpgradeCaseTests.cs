using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.EndToEnd.Rfc6455.Cases;

namespace Holi.EndToEnd.Rfc6455;

/// <summary>The opening handshake, in one piece and byte by byte.</summary>
public sealed class UpgradeCaseTests(SharedGateway shared)
{
    public static TheoryData<string> Numbers => [.. UpgradeCases.All.Select(c => c.Number)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task An_opening_is_answered_as_the_RFC_says(string number)
    {
        var upgrade = UpgradeCases.All.Single(c => c.Number == number);
        var gateway = await shared.StartedAsync();
        foreach (var piece in (int[])[int.MaxValue, 1])
        {
            using var socket = await RawSocket.ConnectAsync(gateway);
            foreach (var bytes in Encoding.ASCII.GetBytes(upgrade.Head).Chunk(piece))
                await socket.SendAsync(bytes);
            var answer = await socket.HeadAsync();
            answer.ShouldStartWith($"HTTP/1.1 {upgrade.Status} ", customMessage: $"{upgrade}");
            if (upgrade.Status == 101)
                await IsOpenAsync(socket, answer);
            else if (upgrade.Section == "4.4")
                answer.ShouldContain("\r\nSec-WebSocket-Version: 13\r\n", customMessage: "§4.4: which version there is");
        }
    }

    [Fact]
    public async Task A_frame_right_behind_the_request_is_not_lost()
    {
        using var socket = await RawSocket.ConnectAsync(await shared.StartedAsync());
        byte[] both = [.. Encoding.ASCII.GetBytes(RawSocket.Upgrade), .. Sent.Frame(Sent.Ping, "early")];
        await socket.SendAsync(both);
        (await socket.StatusAsync()).ShouldBe(101);
        (await socket.NextAsync()).Payload.ShouldBe("early"u8.ToArray());
    }

    private static async Task IsOpenAsync(RawSocket socket, string answer)
    {
        // The example of §1.3.
        answer.ShouldContain("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
        answer.ShouldContain("\r\nSec-WebSocket-Protocol: holi.v1\r\n");
        answer.ShouldNotContain("Sec-WebSocket-Extensions");
        answer.ShouldContain("\r\nUpgrade: websocket\r\n");
        await socket.SendAsync(Sent.Frame(Sent.Ping, "open"));
        (await socket.NextAsync()).Payload.ShouldBe("open"u8.ToArray());
    }
}
