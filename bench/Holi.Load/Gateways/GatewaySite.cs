using System.Security.Cryptography;
using Holi.Servers;

namespace Holi.Load.Gateways;

/// <summary>How a private site is made up.</summary>
/// <param name="Gateways">Gateway processes; more than one need Postgres.</param>
/// <param name="Postgres">The log on a private PostgreSQL, instead of SQLite.</param>
/// <param name="Redis">A private Redis for wake-ups, presence and publishing.</param>
internal sealed record SitePlan(int Gateways, bool Postgres, bool Redis);

/// <summary>
/// Everything that one load needs, private and in temporary folders: one gateway on SQLite, or several over one PostgreSQL and one Redis. All
/// share one key, so a token is good at each.
/// </summary>
internal sealed class GatewaySite : IAsyncDisposable
{
    private GatewaySite(IReadOnlyList<GatewayProcess> nodes, PostgresServer? postgres, RedisServer? redis) =>
        (Nodes, Postgres, Redis) = (nodes, postgres, redis);

    public IReadOnlyList<GatewayProcess> Nodes { get; }

    public PostgresServer? Postgres { get; }

    public RedisServer? Redis { get; }

    /// <param name="plan">What to start.</param>
    /// <param name="program">The gateway's program; null: this checkout's Release build.</param>
    /// <param name="postgres">A server to use instead of starting one; the site owns it from here on.</param>
    public static async Task<GatewaySite> StartAsync(
        SitePlan plan, string? program, TimeProvider time, CancellationToken cancel, IReadOnlyDictionary<string, string>? settings = null,
        PostgresServer? postgres = null)
    {
        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>());
        if (plan.Postgres)
        {
            postgres ??= await PostgresServer.StartAsync(cancel);
            all["Postgres__ConnectionString"] = postgres.ConnectionString;
        }
        var redis = plan.Redis ? await RedisServer.StartAsync(cancel) : null;
        if (redis is not null)
            all["Redis__Configuration"] = redis.Configuration;
        var key = RandomNumberGenerator.GetBytes(32);
        var nodes = new List<GatewayProcess>();
        var site = new GatewaySite(nodes, postgres, redis);
        try
        {
            for (var n = 0; n < plan.Gateways; n++)
                nodes.Add(await GatewayProcess.StartAsync(program, time, cancel, all, key));
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        if (Redis is not null)
            await Redis.DisposeAsync();
        if (Postgres is not null)
            await Postgres.DisposeAsync();
    }
}
