using System.Net;
using System.Net.Http.Headers;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;

namespace Holi.EndToEnd.Cluster;

/// <summary>To its users a cluster is one gateway: wherever they are connected, and wherever they connect next.</summary>
public sealed class AcrossNodesTests(ClusterFixture fixture) : ClusterTest(fixture)
{
    [Fact]
    public async Task S_what_is_said_on_any_node_arrives_on_all_others_once_and_in_one_order()
    {
        const int each = 150;
        await using var ana = await AtAsync(0, Ana);
        await using var ben = await AtAsync(1, Ben);
        await using var cat = await AtAsync(2, Cat);
        var id = await ana.CreateAsync(Ben, Cat);
        var everybody = new[] { ana, ben, cat };
        foreach (var device in everybody)
            await Eventually.HoldsAsync(() => device.Shown(id).Count > 0, () => $"{device.Client.User} does not see the conversation");
        await Task.WhenAll(everybody.Select(async device =>
        {
            for (var n = 0; n < each; n++)
                await device.SayAsync(id, $"{device.Client.User} {n}");
        }));
        foreach (var device in everybody)
            await Eventually.HoldsAsync(() => device.Texts(id).Count >= 3 * each, () => $"{device.Client.User} has {device.Texts(id).Count}");
        var order = ana.Texts(id);
        ben.Texts(id).ShouldBe(order);
        cat.Texts(id).ShouldBe(order);
        foreach (var user in new[] { Ana, Ben, Cat })
            order.Where(text => text.StartsWith(user, StringComparison.Ordinal)).ShouldBe(Enumerable.Range(0, each).Select(n => $"{user} {n}"));
    }

    [Fact]
    public async Task L_a_device_that_was_away_comes_back_at_another_node_with_its_queue_and_misses_nothing()
    {
        using var folder = new TempFolder();
        await using var ana = await AtAsync(0, Ana);
        string id;
        await using (var before = await AtAsync(1, Ben, folder.Path))
        {
            id = await ana.CreateAsync(Ben);
            await ana.SaidAsync(id, "before");
            await before.HasTextsAsync(id, "before");
        }
        for (var n = 0; n < 50; n++)
            await ana.SaidAsync(id, $"away {n}");
        await using (var offline = await AtAsync(1, Ben, folder.Path, online: false))
        {
            for (var n = 0; n < 20; n++)
                await offline.SayAsync(id, $"queued {n}");
        }
        string[] expected = ["before", .. Enumerable.Range(0, 50).Select(n => $"away {n}"), .. Enumerable.Range(0, 20).Select(n => $"queued {n}")];
        await using var after = await AtAsync(2, Ben, folder.Path);
        await after.FlushedAsync();
        await ana.HasTextsAsync(id, expected);
        await Eventually.HoldsAsync(async () => (await HistoryAsync(after, id)).Count >= expected.Length, "ben does not catch up");
        (await HistoryAsync(after, id)).ShouldBe(expected);
    }

    // §6.5; that the older one's commands take no effect is tried in PausedNodeTests.
    [Theory]
    [InlineData(RedisFault.None)]
    [InlineData(RedisFault.Killed)]
    public async Task A_device_that_connects_at_another_node_is_served_there_and_its_old_connection_is_closed(RedisFault redis)
    {
        await HurtRedisAsync(redis);
        await using var old = await RawPeer.WelcomedAsync(Node(0), Ana, "phone");
        await using var fresh = await RawPeer.WelcomedAsync(Node(1), Ana, "phone");
        (await old.ClosedAsync()).ShouldBe(HoliCode.Fenced);
        await fresh.PingAsync();
    }

    [Fact]
    public async Task Fault_19_a_token_revoked_at_one_node_ends_its_connections_at_the_others_and_opens_none_there()
    {
        var tokenId = Guid.NewGuid().ToString("N");
        var token = SignedToken.Make("HS256", SignedToken.Claims(Ana, more: $",\"jti\":\"{tokenId}\""), Node(0).Key);
        await using var revoked = await RawPeer.OpenAsync(Node(1).Endpoint);
        await revoked.HelloAsync(token);
        await revoked.WelcomeAsync();
        (await RevokeAsync(0, tokenId)).ShouldBe(HttpStatusCode.NoContent);
        (await revoked.ClosedAsync()).ShouldBe(HoliCode.TokenRevoked);
        await using var again = await RawPeer.OpenAsync(Node(2).Endpoint);
        await again.HelloAsync(token);
        (await again.ClosedAsync()).ShouldBe(HoliCode.TokenRevoked);
    }

    [Fact]
    public async Task Fault_19_a_revocation_reaches_all_nodes_without_Redis_and_outlives_the_restart_of_all()
    {
        var tokenId = Guid.NewGuid().ToString("N");
        var token = SignedToken.Make("HS256", SignedToken.Claims(Ana, more: $",\"jti\":\"{tokenId}\""), Node(0).Key);
        await using (var revoked = await RawPeer.OpenAsync(Node(1).Endpoint))
        {
            await revoked.HelloAsync(token);
            await revoked.WelcomeAsync();
            await HurtRedisAsync(RedisFault.Killed);
            (await RevokeAsync(0, tokenId)).ShouldBe(HttpStatusCode.NoContent);
            (await revoked.ClosedAsync()).ShouldBe(HoliCode.TokenRevoked);
        }
        for (var node = 0; node < Cluster.Nodes.Count; node++)
            await Cluster.KillAsync(node);
        await Cluster.HealAsync();
        await using var again = await RawPeer.OpenAsync(Node(2).Endpoint);
        await again.HelloAsync(token);
        (await again.ClosedAsync()).ShouldBe(HoliCode.TokenRevoked);
    }

    // Limits:ConnectionsPerUser is 32 (GatewayLimits.cs), and each gateway's own.
    [Fact]
    public async Task B_a_person_has_so_many_connections_at_each_node_and_no_more()
    {
        var peers = new List<RawPeer>();
        try
        {
            for (var n = 0; n < 32; n++)
                peers.Add(await RawPeer.WelcomedAsync(Node(0), Ana));
            await using (var more = await RawPeer.OpenAsync(Node(0).Endpoint))
            {
                await more.HelloAsync(Node(0).Tokens.For(Ana));
                (await more.ClosedAsync()).ShouldBe(HoliCode.TooManyConnections);
            }
            await using var elsewhere = await RawPeer.WelcomedAsync(Node(1), Ana);
            await elsewhere.PingAsync();
        }
        finally
        {
            foreach (var peer in peers)
                await peer.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<string>> HistoryAsync(AppDevice device, string id) =>
        [.. (await device.Client.Conversation(id).ReadBackAsync(count: 500, cancellation: Cancel)).OrderBy(e => e.Offset).Select(e => e.Text).OfType<string>()];

    private async Task<HttpStatusCode> RevokeAsync(int node, string tokenId)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", SignedToken.Make("HS256", SignedToken.Claims("operator", more: ",\"scope\":\"holi.admin\""), Node(node).Key));
        using var request = new StringContent($$"""{"jti":"{{tokenId}}"}""");
        using var answer = await http.PostAsync(Cluster.UrlOf(node, "/v1/revoke"), request, Cancel);
        return answer.StatusCode;
    }
}
