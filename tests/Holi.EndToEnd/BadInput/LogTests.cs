using System.Net.Http.Headers;
using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>Content and secrets are in no log, not even where something is wrong with them, and not even while an operator looks closely.</summary>
public sealed class LogTests
{
    private const string Marker = "haemoglobin-marker";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_a_peer_sends_is_in_the_gateway_s_log()
    {
        var settings = new Dictionary<string, string> { ["Logging__LogLevel__Default"] = "Trace" };
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel, settings);
        await SayEverythingAsync(gateway);
        await SpoilEverythingAsync(gateway);
        await AskEverythingAsync(gateway);
        (await gateway.StopAsync(Cancel)).ShouldBe(0);

        var log = await File.ReadAllTextAsync(Path.Combine(gateway.DataFolder, "gateway.log"), Cancel);
        log.ShouldContain("Draining", Case.Insensitive, "the log is not there");
        log.ShouldNotContain(Marker, Case.Insensitive);
        log.ShouldNotContain("eyJ", Case.Sensitive, "a token");
        log.ShouldNotContain(Convert.ToBase64String(gateway.Key));
    }

    // What is right: user, device, software, topic, title, text, emoji, and the token that carries them.
    private static async Task SayEverythingAsync(GatewayProcess gateway)
    {
        var topic = TopicName.Conversation(Marker);
        await using var peer = await RawPeer.WelcomedAsync(gateway, $"{Marker}-user", $"{Marker}-device");
        await peer.CommandAsync(1, topic, MessageTypes.ConversationCreate, new ConversationCreate(Marker, [new NewMember(Marker, MemberRole.Member)]).ToBytes());
        await peer.PostAsync(2, topic, Marker);
        await peer.CommandAsync(3, topic, MessageTypes.MessageReact, new MessageReact(2, Marker, true).ToBytes());
        await peer.CommandAsync(4, topic, 7_777, new byte[] { 0x90 });
        await peer.PostAsync(5, $"conversation/no {Marker}", Marker);
        await peer.CommittedAsync(5);
        await peer.PostAsync(5, topic, Marker + " again");
        await peer.ClosedAsync();
    }

    // What is wrong, at each place where it may be.
    private static async Task SpoilEverythingAsync(GatewayProcess gateway)
    {
        foreach (var token in new[] { Marker, $"{Marker}.{Marker}.{Marker}", SignedToken.Make("none", SignedToken.Claims(Marker), null), SignedToken.Make("HS256", SignedToken.Claims(Marker, issuer: Marker), gateway.Key) })
        {
            await using var peer = await RawPeer.OpenAsync(gateway.Endpoint);
            await peer.HelloAsync(token, Marker);
            await peer.ClosedAsync();
        }
        foreach (var message in new[] { Marker, "\u0001\u0020" + Marker, "\u0010\u0020\u0001\u0000\u0012" + Marker })
        {
            await using var peer = await RawPeer.WelcomedAsync(gateway, "somebody");
            await peer.SendAsync(Encoding.UTF8.GetBytes(message));
            await peer.ClosedAsync();
        }
        await using var text = await RawPeer.WelcomedAsync(gateway, "somebody");
        await text.SendAsync(Encoding.UTF8.GetBytes(Marker), System.Net.WebSockets.WebSocketMessageType.Text);
        await text.ClosedAsync();
    }

    // The HTTP side: refused upgrades, unknown paths, revocation.
    private static async Task AskEverythingAsync(GatewayProcess gateway)
    {
        using var socket = await RawSocket.ConnectAsync(gateway);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RawSocket.Upgrade.Replace("Host: gateway", $"Host: gateway\r\nOrigin: https://{Marker}.example", StringComparison.Ordinal)));
        (await socket.StatusAsync()).ShouldBe(403);
        using var http = new HttpClient { BaseAddress = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/" }.Uri };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Marker);
        using var revoke = new StringContent($$"""{"jti":"{{Marker}}"}""");
        (await http.PostAsync(new Uri("/v1/revoke", UriKind.Relative), revoke, Cancel)).IsSuccessStatusCode.ShouldBeFalse();
    }
}
