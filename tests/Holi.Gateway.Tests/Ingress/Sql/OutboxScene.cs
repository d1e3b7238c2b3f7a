using Holi.Gateway.Ingress.Sql;
using Holi.Gateway.Ops.Health;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Tests.Storage.Postgres;
using Holi.Servers;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Holi.Gateway.Tests.Ingress.Sql;

/// <summary>A database, gateways that share it, and a backend that inserts into their outbox table.</summary>
internal sealed class OutboxScene : IAsyncDisposable
{
    private readonly List<IngressNode> _nodes = [];
    private readonly List<TempFolder> _folders = [];

    private OutboxScene(PostgresDatabase database) => Database = database;

    public PostgresDatabase Database { get; }

    public IngressNode Node => _nodes[0];

    /// <summary>What the roads say of their other end.</summary>
    public Dependency Health { get; } = new("road", isRequired: false, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<OutboxScene> StartAsync(int nodes = 1, PostgresServer? server = null)
    {
        var scene = new OutboxScene(await PostgresDatabase.CreateAsync(server));
        for (; nodes > 0; nodes--)
            await scene.AddNodeAsync();
        return scene;
    }

    public async Task<IngressNode> AddNodeAsync()
    {
        var folder = new TempFolder();
        _folders.Add(folder);
        var store = new PostgresLogStore(Database.Options with { DataFolder = folder.Path }, TimeProvider.System);
        var node = new IngressNode(store, new GatewayLimits(), TimeProvider.System);
        await node.Store.OpenAsync(Cancel);
        node.Backends.Add(new OutboxRoad(store.OpenOutbox(), new GatewayLimits(), TimeProvider.System, NullLogger.Instance, Health));
        node.Committer.Start();
        node.Backends.Start();
        _nodes.Add(node);
        return node;
    }

    public async Task RemoveAsync(IngressNode node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>A notification to ana whose title is its key, in a transaction of its own; further columns with their values.</summary>
    public Task NotifyAsync(string key, string columns = "", string values = "") => Database.ExecuteAsync(Insert(key, columns, values));

    public static string Insert(string key, string columns = "", string values = "") =>
        $$"""
        insert into holi_outbox (tenant, key, target, kind, content {{columns}})
        values ('clinic', '{{key}}', 'user/ana', 'notification', '{"title":"{{key}}"}' {{values}});
        """;

    public async Task<List<string>> TitlesAsync()
    {
        var seen = await Node.Store.ReadMembershipAsync(Scene.Tenant, "ana", "user/ana", Cancel);
        return seen is null ? [] :
        [
            .. (await Node.Store.ReadEventsAsync(seen.TopicId, 0, 100_000, int.MaxValue, Cancel)).Select(e =>
                Notification.TryRead(new(e.Payload), out var notification) ? notification.Title : "unreadable"),
        ];
    }

    /// <summary>Waits until so many have come and nothing waits any more, and compares.</summary>
    public async Task HasTitlesAsync(params IEnumerable<string> expected)
    {
        var titles = expected.ToArray();
        await UntilAsync(async () => (await TitlesAsync()).Count >= titles.Length && await Database.AskAsync<long>("select count(*) from holi_outbox") == 0);
        (await TitlesAsync()).ShouldBe(titles);
    }

    /// <summary>What was put aside: code and key.</summary>
    public Task<string> DeadAsync() =>
        Database.AskAsync<string>("select coalesce(string_agg(code || ' ' || left(key, 20), ', ' order by id), '') from holi_outbox_dead");

    public static async Task UntilAsync(Func<Task<bool>> reached)
    {
        while (true)
        {
            try
            {
                if (await reached())
                    return;
            }
            catch (Exception e) when (e is NpgsqlException or Gateway.Storage.StoreUnavailableException)
            {
                // Postgres is away for now.
            }
            await Task.Delay(5, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await Database.DisposeAsync();
        foreach (var folder in _folders)
            folder.Dispose();
    }
}
