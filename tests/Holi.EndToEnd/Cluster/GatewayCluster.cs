using System.Security.Cryptography;
using System.Text.Json;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Servers;

namespace Holi.EndToEnd.Cluster;

/// <summary>Several real gateway processes over one real PostgreSQL and one real Redis. All share one key, so a token is good at each.</summary>
internal sealed class GatewayCluster : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly HashSet<int> _down = [];
    private readonly List<GatewayProcess> _nodes = [];

    private GatewayCluster(PostgresServer postgres, RedisServer redis) => (Postgres, Redis) = (postgres, redis);

    public static bool IsPossible => PostgresServer.IsInstalled && RedisServer.IsInstalled;

    public IReadOnlyList<GatewayProcess> Nodes => _nodes;

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    /// <param name="size">How many gateways.</param>
    /// <param name="redis">Disposed with the cluster.</param>
    /// <param name="configuration">How the gateways reach it; without it as it is.</param>
    /// <param name="program">What runs them; without it the Release build.</param>
    /// <param name="settings">Further ones of each gateway.</param>
    public static async Task<GatewayCluster> StartAsync(
        int size, RedisServer redis, string? configuration = null, string? program = null, Func<int, IEnumerable<(string Name, string Value)>>? settings = null)
    {
        var cluster = new GatewayCluster(await PostgresServer.StartAsync(CancellationToken.None), redis);
        var key = RandomNumberGenerator.GetBytes(32);
        try
        {
            for (var n = 0; n < size; n++)
            {
                var all = (settings?.Invoke(n) ?? []).ToDictionary(setting => setting.Name, setting => setting.Value);
                all["Postgres__ConnectionString"] = cluster.Postgres.ConnectionString;
                all["Redis__Configuration"] = configuration ?? redis.Configuration;
                cluster._nodes.Add(await GatewayProcess.StartAsync(program, TimeProvider.System, CancellationToken.None, all, key));
            }
            await cluster.IsWholeAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(int node)
    {
        _down.Add(node);
        await Nodes[node].KillAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync(int node)
    {
        _down.Add(node);
        return await Nodes[node].StopAsync(CancellationToken.None);
    }

    public async Task RestartAsync(int node)
    {
        await Nodes[node].RestartAsync(CancellationToken.None);
        _down.Remove(node);
    }

    /// <summary>Whatever was killed or stopped runs again, and every gateway hears every other: that they bring about themselves.</summary>
    public async Task HealAsync()
    {
        await Redis.Process.ResumeAsync();
        if (Redis.Process.HasExited)
            await Redis.RestartAsync(CancellationToken.None);
        foreach (var node in Enumerable.Range(0, Nodes.Count))
        {
            if (_down.Contains(node))
                await RestartAsync(node);
            else
                await Nodes[node].ResumeAsync();
        }
        await IsWholeAsync();
    }

    /// <summary>What <c>/healthz/ready</c> says, and with which status.</summary>
    public async Task<(int Status, JsonElement Said)> ReadinessAsync(int node)
    {
        using var answer = await _http.GetAsync(UrlOf(node, "/healthz/ready"), TestContext.Current.CancellationToken);
        using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)answer.StatusCode, said.RootElement.Clone());
    }

    /// <summary>The cluster's part of <c>/v1/status</c>.</summary>
    public async Task<JsonElement> StatusAsync(int node)
    {
        using var status = await Nodes[node].StatusAsync(TestContext.Current.CancellationToken);
        return status.RootElement.GetProperty("cluster").Clone();
    }

    public Uri UrlOf(int node, string path) => new UriBuilder(Nodes[node].Endpoint) { Scheme = "http", Path = path }.Uri;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        // One that stands still would not hear SIGTERM.
        foreach (var node in Enumerable.Range(0, Nodes.Count).Where(node => !_down.Contains(node)))
            await Nodes[node].ResumeAsync();
        await Redis.Process.ResumeAsync();
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    private async Task IsWholeAsync()
    {
        for (var node = 0; node < Nodes.Count; node++)
        {
            var said = default(JsonElement);
            await Eventually.HoldsAsync(
                async () =>
                {
                    (_, said) = await ReadinessAsync(node);
                    var cluster = said.GetProperty("cluster");
                    return cluster.GetProperty("line").GetString() == "up" && cluster.GetProperty("nodes").GetInt32() == Nodes.Count - 1;
                },
                () => $"gateway {node} does not hear the others: {said}");
        }
    }
}
