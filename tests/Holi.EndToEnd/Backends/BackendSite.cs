using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Servers;
using Npgsql;
using StackExchange.Redis;

namespace Holi.EndToEnd.Backends;

/// <summary>Gateways over a private Postgres and Redis, and what backends and operators do there besides HTTP.</summary>
internal sealed class BackendSite : IAsyncDisposable
{
    private static readonly RedisKey Stream = "holi:publish", Dead = "holi:publish:dead";

    private readonly ConnectionMultiplexer _redis;
    private readonly NpgsqlDataSource _postgres;

    private BackendSite(GatewaySite site, ConnectionMultiplexer redis) =>
        (Site, _redis, _postgres) = (site, redis, NpgsqlDataSource.Create(site.Postgres!.ConnectionString));

    public GatewaySite Site { get; }

    public IReadOnlyList<GatewayProcess> Nodes => Site.Nodes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<BackendSite> StartAsync(int gateways)
    {
        Assert.SkipUnless(PostgresServer.IsInstalled && RedisServer.IsInstalled, "PostgreSQL or Redis is not installed");
        var site = await GatewaySite.StartAsync(new SitePlan(gateways, Postgres: true, Redis: true), TimeProvider.System, Cancel);
        return new BackendSite(site, await ConnectionMultiplexer.ConnectAsync(site.Redis!.Configuration));
    }

    /// <summary>One XADD of a notification whose title is its key; further fields with their values.</summary>
    public Task AddAsync(string key, string user, params string[] more)
    {
        string[] fields =
            ["tenant", "dev", "key", key, "target", $"user/{user}", "kind", "notification", "content", $$"""{"title":"{{key}}"}""", .. more];
        return AddEntryAsync(fields);
    }

    /// <summary>One XADD of whatever it may be.</summary>
    public async Task AddEntryAsync(params string[] fields) => await _redis.GetDatabase().StreamAddAsync(
        Stream, [.. fields.Chunk(2).Select(pair => new NameValueEntry(pair[0], pair[1]))]);

    /// <summary>Rows of notifications whose titles are their keys, in one transaction.</summary>
    public Task InsertAsync(IEnumerable<string> keys, string user) => ExecuteAsync(string.Concat(keys.Select(key =>
        $$"""insert into holi_outbox (tenant, key, target, kind, content) values ('dev', '{{key}}', 'user/{{user}}', 'notification', '{"title":"{{key}}"}');""")));

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = _postgres.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Waits until nothing is left to be fetched by any road.</summary>
    public Task IsEmptyAsync() => Eventually.HoldsAsync(
        async () => await _redis.GetDatabase().StreamLengthAsync(Stream) == 0 && await AskAsync<long>("select count(*) from holi_outbox") == 0,
        "something is left to be fetched");

    /// <summary>What was put aside in Redis, each once: code, reason, and the key where there is one.</summary>
    public async Task<IReadOnlyList<string>> DeadEntriesAsync() =>
        [.. (await _redis.GetDatabase().StreamRangeAsync(Dead)).Select(e => $"{e["code"]} {e["reason"]} {e["key"]}".Trim()).Distinct()];

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
        await Site.DisposeAsync();
    }
}
