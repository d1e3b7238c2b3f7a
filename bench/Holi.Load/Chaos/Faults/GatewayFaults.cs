using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using Holi.Load.Chaos.Workload;
using Holi.Load.Gateways;

namespace Holi.Load.Chaos.Faults;

/// <summary>Rows 11 to 13 and 19: a gateway's process, its people's tokens.</summary>
internal static class GatewayFaults
{
    // A gateway at rest has 13 MB of heap: room for some work, and not for much of it. In hexadecimal, as the runtime wants it.
    private const string LittleHeap = "0x2800000";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40), Again = TimeSpan.FromMilliseconds(200);

    public static IEnumerable<Fault> Of(ChaosSite site, IReadOnlyList<ChaosDevice> devices, Random random)
    {
        for (var n = 0; n < site.Site.Nodes.Count; n++)
        {
            var node = site.Site.Nodes[n];
            var victim = $"gateway {n}";
            Task Revive(CancellationToken cancel) => ReviveAsync(node, site, null, cancel);
            Task Stop(CancellationToken cancel) => node.StopAsync(cancel);
            yield return new Fault("kill", victim, _ => node.KillAsync(), Revive) { LeansOnOthers = true };
            if (site.Site.Postgres is not null)
                yield return new Fault("kill-commit", victim, cancel => KillAtCommitAsync(site, node, cancel), Revive) { LeansOnOthers = true };
            yield return new Fault("pause", victim, _ => node.PauseAsync(), _ => node.ResumeAsync());
            yield return new Fault("roll", victim, Stop, Revive) { LeansOnOthers = true };
            yield return Instead("heap", new GatewayLife(null, new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = LittleHeap }));
            if (site.EarlierGateway is { } earlier)
                yield return Instead("mixed-versions", new GatewayLife(earlier, new Dictionary<string, string>()));
            yield return new Fault("revoke", victim, cancel => RevokeAsync(site, node.Endpoint, devices[random.Next(devices.Count)], cancel), _ => Task.CompletedTask);

            // Another one in its place for a while; rolled in and rolled out as an operator would.
            Fault Instead(string name, GatewayLife life) => new(
                name, victim,
                async cancel =>
                {
                    await node.StopAsync(cancel);
                    await ReviveAsync(node, site, life, cancel);
                },
                async cancel =>
                {
                    await node.StopAsync(cancel);
                    await ReviveAsync(node, site, null, cancel);
                })
            { LeansOnOthers = true };
        }
    }

    // As whatever watches over a gateway does: one that ends at its start, because something is missing just then, is started again.
    private static async Task ReviveAsync(GatewayProcess node, ChaosSite site, GatewayLife? life, CancellationToken cancel)
    {
        var began = site.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await node.RestartAsync(cancel, life);
                return;
            }
            catch (InvalidOperationException) when (site.Time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Again, site.Time, cancel);
            }
        }
    }

    // The answer to somebody's COMMIT is withheld, and at the same moment this gateway dies: now and then it was its own.
    private static async Task KillAtCommitAsync(ChaosSite site, GatewayProcess node, CancellationToken cancel)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        site.ToPostgres.Withhold = bytes => PostgresFaults.IsCommitted(bytes) && seen.TrySetResult();
        await Task.WhenAny(seen.Task, Task.Delay(TimeSpan.FromSeconds(1), site.Time, cancel));
        site.ToPostgres.Withhold = null;
        await node.KillAsync();
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
