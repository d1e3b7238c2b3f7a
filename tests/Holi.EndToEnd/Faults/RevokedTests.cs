using System.Net;
using System.Net.Http.Headers;
using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;

namespace Holi.EndToEnd.Faults;

/// <summary>Fault 19: a token is revoked while its connection lives (its expiry is lesson 5). Fenced within 5 s, and the outbox is kept.</summary>
public sealed class RevokedTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben"), _tokenId = Guid.NewGuid().ToString("N");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fault_19_a_revoked_token_ends_its_connection_within_5_seconds_and_opens_none_any_more()
    {
        var gateway = await shared.StartedAsync();
        var token = TokenOf(gateway, _tokenId);
        await using var revoked = await RawPeer.OpenAsync(gateway.Endpoint);
        await revoked.HelloAsync(token);
        await revoked.WelcomeAsync();
        await using var other = await RawPeer.WelcomedAsync(gateway, _ana);

        (await RevokeAsync(gateway, "holi.read")).ShouldBe(HttpStatusCode.Forbidden);
        await revoked.PingAsync();
        var began = TimeProvider.System.GetTimestamp();
        (await RevokeAsync(gateway, "holi.admin")).ShouldBe(HttpStatusCode.NoContent);
        (await revoked.ClosedAsync()).ShouldBe(HoliCode.TokenRevoked);
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeLessThan(5);

        await using var again = await RawPeer.OpenAsync(gateway.Endpoint);
        await again.HelloAsync(token);
        (await again.ClosedAsync()).ShouldBe(HoliCode.TokenRevoked);
        // The same person's other connection has a token of its own.
        await other.PingAsync();
    }

    [Fact]
    public async Task Fault_19_a_device_whose_token_is_revoked_keeps_its_outbox_and_goes_on_with_a_new_one()
    {
        var gateway = await shared.StartedAsync();
        var loggedIn = true;
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        await using var ana = await AppDevice.StartAsync(gateway, _ana, change: options => options with
        {
            Token = _ => ValueTask.FromResult(Volatile.Read(ref loggedIn) ? TokenOf(gateway, _tokenId) : gateway.Tokens.For(_ana)),
        });
        var id = await ben.CreateAsync(_ana);
        await ana.SaidAsync(id, "before");
        (await RevokeAsync(gateway, "holi.admin")).ShouldBe(HttpStatusCode.NoContent);
        await Eventually.HoldsAsync(
            () => ana.Client.Status.Current is { LastError.Code: HoliCode.TokenRevoked } status && status.State != ConnectionState.Ready,
            () => $"the connection outlives its token: {ana.Client.Status.Current}");
        var kept = await ana.SayAsync(id, "kept");
        await ben.SaidAsync(id, "not for who was logged out");
        ana.Client.Status.QueuedCommands.ShouldBe(1);
        ana.Texts(id).ShouldBe(["before"]);

        Volatile.Write(ref loggedIn, false);
        ana.Client.ConnectNow();
        await Eventually.EndsAsync(kept.Committed);
        await ana.HasTextsAsync(id, "before", "not for who was logged out", "kept");
        await ben.HasTextsAsync(id, "before", "not for who was logged out", "kept");
    }

    private string TokenOf(GatewayProcess gateway, string tokenId) =>
        SignedToken.Make("HS256", SignedToken.Claims(_ana, more: $",\"jti\":\"{tokenId}\""), gateway.Key);

    private async Task<HttpStatusCode> RevokeAsync(GatewayProcess gateway, string scope)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", SignedToken.Make("HS256", SignedToken.Claims("operator", more: $",\"scope\":\"holi.push {scope}\""), gateway.Key));
        using var request = new StringContent($$"""{"jti":"{{_tokenId}}"}""");
        using var answer = await http.PostAsync(new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/v1/revoke" }.Uri, request, Cancel);
        return answer.StatusCode;
    }
}
