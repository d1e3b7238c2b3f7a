using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Holi.Gateway.Tests.Connections.Sockets;

namespace Holi.Gateway.Tests.Ops;

public sealed class OpsEndpointsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_and_status_answer()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Http };
        (await http.GetStringAsync("/healthz/live", Cancel)).ShouldBe("live\n");
        var ready = JsonDocument.Parse(await http.GetStringAsync("/healthz/ready", Cancel)).RootElement;
        ready.GetProperty("state").GetString().ShouldBe("ready");
        ready.GetProperty("dependencies")[0].GetProperty("state").GetString().ShouldBe("up");
        var status = JsonDocument.Parse(await http.GetStringAsync("/v1/status", Cancel)).RootElement;
        foreach (var name in new[] { "version", "uptimeSeconds", "state", "connections", "users", "topics", "commits", "lanesBytes", "memory", "dependencies", "fallbacks" })
            status.TryGetProperty(name, out _).ShouldBeTrue(name);
        status.GetProperty("memory").GetProperty("rssBytes").GetInt64().ShouldBeGreaterThan(1 << 20);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Forbidden)]
    [InlineData("something.else", HttpStatusCode.Forbidden)]
    [InlineData("holi.admin", HttpStatusCode.NoContent)]
    public async Task Only_an_administrator_revokes(string? scopes, HttpStatusCode expected)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Http };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token("root", scopes: scopes));
        using var body = new StringContent("""{"jti":"abc"}""", Encoding.UTF8, "application/json");
        (await http.PostAsync(new Uri("/v1/revoke", UriKind.Relative), body, Cancel)).StatusCode.ShouldBe(expected);
    }

    [Theory]
    [InlineData("holi.v2", null, 400)]
    [InlineData("holi.v1", "https://evil.example", 403)]
    public async Task An_upgrade_that_is_not_ours_is_refused(string subprotocol, string? origin, int status)
    {
        await using var gateway = await RunningGateway.StartAsync(("AllowedOrigins", "https://app.example.org"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Http, "/v1/ws"));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(new byte[16]));
        request.Headers.Add("Sec-WebSocket-Protocol", subprotocol);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var http = new HttpClient();
        ((int)(await http.SendAsync(request, Cancel)).StatusCode).ShouldBe(status);
    }
}
