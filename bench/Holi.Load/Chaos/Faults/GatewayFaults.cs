using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using Holi.Load.Chaos.Workload;

namespace Holi.Load.Chaos.Faults;

/// <summary>Rows 11 to 13, 18 and 19: a gateway's process, its clock, its people's tokens.</summary>
internal static class GatewayFaults
{
    public static IEnumerable<Fault> Of(ChaosSite site, IReadOnlyList<ChaosDevice> devices, Random random)
    {
        for (var n = 0; n < site.Site.Nodes.Count; n++)
        {
            var node = site.Site.Nodes[n];
            var victim = $"gateway {n}";
            yield return new Fault("kill", 11, victim, _ => node.KillAsync(), node.RestartAsync);
            yield return new Fault("pause", 12, victim, _ => node.PauseAsync(), _ => node.ResumeAsync());
            yield return new Fault("roll", 13, victim, node.StopAsync, node.RestartAsync);
            yield return new Fault("revoke", 19, victim, cancel => RevokeAsync(site, node.Endpoint, devices[random.Next(devices.Count)], cancel), _ => Task.CompletedTask);
        }
    }

    private static async Task RevokeAsync(ChaosSite site, Uri node, ChaosDevice device, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", site.Tokens.For("operator", scope: "holi.admin"));
        var address = new UriBuilder(node) { Scheme = "http", Path = "/v1/revoke" }.Uri;
        try
        {
            using var answer = await http.PostAsJsonAsync(address, new { jti = device.TokenId }, cancel);
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or OperationCanceledException)
        {
            // The gateway is down just now: nothing is revoked.
        }
    }
}
