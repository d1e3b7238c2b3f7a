using System.Security.Cryptography;
using Holi.Servers;

namespace Holi.Load.Gateways;

/// <summary>How a private site is made up.</summary>
/// <param name="Gateways">Gateway processes; more than one need Postgres.</param>
/// <param name="Postgres">The log on a private PostgreSQL, instead of SQLite.</param>
/// <param name="Redis">A private Redis for wake-ups, presence and publishing.</param>
internal sealed record SitePlan(int Gateways, bool Postgres, bool Redis)
{
    /// <summary>The gateway's program, by the gateway's number; null: this checkout's Release build.</summary>
    public Func<int, string?> Program { get; init; } = _ => null;

    /// <summary>Further settings of each gateway, by their names in the environment without <c>HOLI_</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The environment of each gateway's process, by the gateway's number.</summary>
    public Func<int, IReadOnlyDictionary<string, string>> Environment { get; init; } = _ => new Dictionary<string, string>();

    /// <summary>The environment of Postgres.</summary>
    public IReadOnlyDictionary<string, string> PostgresEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>What the gateways connect to instead of a server's port: that of a proxy in front of it.</summary>
    public Func<int, int> Via { get; init; } = port => port;

    /// <summary>The folder under which Postgres keeps its data; null: the temporary one.</summary>
    public string? PostgresFolder { get; init; }

    /// <summary>What Redis goes through.</summary>
    public RedisCondition RedisThroughout { get; init; }

    /// <summary>The folder in which the gateways' logs are left; null: nowhere.</summary>
    public string? LogsFolder { get; init; }
}

/// <summary>
/// Everything that one load needs, private and in temporary folders: one gateway on SQLite, or several over one PostgreSQL and one Redis. All
/// share one key, so a token is good at each.
/// </summary>
internal sealed class GatewaySite : IAsyncDisposable
{
    private readonly string? _logs;

    private GatewaySite(IReadOnlyList<GatewayProcess> nodes, PostgresServer? postgres, RedisServer? redis, string? logs) =>
        (Nodes, Postgres, Redis, _logs) = (nodes, postgres, redis, logs);

    public IReadOnlyList<GatewayProcess> Nodes { get; }

    public PostgresServer? Postgres { get; }

    public RedisServer? Redis { get; }

    public static async Task<GatewaySite> StartAsync(SitePlan plan, TimeProvider time, CancellationToken cancel)
    {
        var settings = new Dictionary<string, string>(plan.Settings);
        var postgres = plan.Postgres ? await PostgresServer.StartUnderAsync(plan.PostgresFolder, [], cancel, plan.PostgresEnvironment) : null;
        if (postgres is not null)
            settings["Postgres__ConnectionString"] = PostgresServer.ConnectionStringAt(plan.Via(postgres.Port));
        var redis = plan.Redis ? await RedisServer.StartAsync(cancel) : null;
        if (redis is not null)
            settings["Redis__Configuration"] = $"127.0.0.1:{plan.Via(redis.Port)}";
        var key = RandomNumberGenerator.GetBytes(32);
        var nodes = new List<GatewayProcess>();
        var site = new GatewaySite(nodes, postgres, redis, plan.LogsFolder);
        try
        {
            for (var n = 0; n < plan.Gateways; n++)
                nodes.Add(await GatewayProcess.StartAsync(plan.Program(n), time, cancel, settings, key, plan.Environment(n)));
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
        for (var n = 0; n < Nodes.Count; n++)
        {
            await Nodes[n].StopAsync();
            if (_logs is not null)
                File.Copy(Nodes[n].LogFile, Path.Combine(Directory.CreateDirectory(_logs).FullName, $"gateway-{n}.log"), overwrite: true);
            await Nodes[n].DisposeAsync();
        }
        if (Redis is not null)
            await Redis.DisposeAsync();
        if (Postgres is not null)
            await Postgres.DisposeAsync();
    }
}
