using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Ingress.Redis;
using Holi.Gateway.Ops.Health;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Tests.Storage;
using Holi.Servers;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Holi.Gateway.Tests.Ingress.Redis;

/// <summary>A private Redis, gateways that fetch from it into one log, and a backend that adds to it.</summary>
internal sealed class RedisScene : IAsyncDisposable
{
    private static readonly RedisKey Stream = "holi:publish", Dead = "holi:publish:dead";

    private readonly List<IngressNode> _nodes = [];
    private readonly TempFolder _folder = new();
    private ConnectionMultiplexer? _backend;

    private readonly bool _ownsServer;

    private RedisScene(RedisServer server, bool ownsServer) => (Server, _ownsServer) = (server, ownsServer);

    public RedisServer Server { get; }

    public IngressNode Node => _nodes[0];

    /// <summary>What the roads say of their other end.</summary>
    public Dependency Health { get; } = new("road", isRequired: false, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<RedisScene> StartAsync(bool withNode = true, ILogStore? store = null, RedisServer? server = null)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        var scene = new RedisScene(server ?? await RedisServer.StartAsync(Cancel), ownsServer: server is null);
        if (withNode)
            await scene.AddNodeAsync(store);
        return scene;
    }

    public async Task<IngressNode> AddNodeAsync(ILogStore? store = null, GatewayLimits? limits = null, string? configuration = null)
    {
        var node = new IngressNode(store ?? new SqliteLogStore(new SqliteOptions { Path = _folder.File("holi.db") }, TimeProvider.System), limits ?? new GatewayLimits(), TimeProvider.System);
        var options = new RedisOptions { Configuration = configuration ?? Server.Configuration };
        node.Backends.Add(new RedisRoad(options, limits ?? new GatewayLimits(), TimeProvider.System, NullLogger.Instance, Health));
        await node.StartAsync();
        _nodes.Add(node);
        return node;
    }

    public async Task RemoveAsync(IngressNode node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>What a backend or an operator would ask Redis.</summary>
    public async Task<IDatabase> AskAsync()
    {
        var settings = ConfigurationOptions.Parse(Server.Configuration);
        settings.AbortOnConnectFail = false;
        settings.AllowAdmin = true;
        settings.AsyncTimeout = 1_000;
        _backend ??= await ConnectionMultiplexer.ConnectAsync(settings);
        return _backend.GetDatabase();
    }

    /// <summary>One XADD, again until it is answered: what a backend does that wants its alert to arrive.</summary>
    public async Task AddAsync(params string[] fields)
    {
        var values = Values(fields);
        while (true)
        {
            try
            {
                await (await AskAsync()).StreamAddAsync(Stream, values);
                return;
            }
            catch (Exception e) when (e is RedisException or RedisTimeoutException)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }

    /// <summary>A notification to ana whose title is its key.</summary>
    public Task NotifyAsync(string key, params string[] more) => AddAsync([.. Fields(key), .. more]);

    /// <summary>The same, for who adds it in a way of their own.</summary>
    public static NameValueEntry[] ValuesOf(string key) => Values(Fields(key));

    public async Task<List<string>> TitlesAsync(IngressNode? node = null)
    {
        var store = (node ?? Node).Store;
        var seen = await store.ReadMembershipAsync(Scene.Tenant, "ana", "user/ana", Cancel);
        return seen is null ? [] :
        [
            .. (await store.ReadEventsAsync(seen.TopicId, 0, 100_000, int.MaxValue, Cancel)).Select(e =>
                Notification.TryRead(new(e.Payload), out var notification) ? notification.Title : "unreadable"),
        ];
    }

    /// <summary>Waits until so many have come, and compares.</summary>
    public async Task HasTitlesAsync(params IEnumerable<string> expected)
    {
        var titles = expected.ToArray();
        await UntilAsync(async () => (await TitlesAsync()).Count >= titles.Length);
        (await TitlesAsync()).ShouldBe(titles);
    }

    /// <summary>Waits until nothing is left to be fetched.</summary>
    public Task IsEmptyAsync() => UntilAsync(async () =>
        await (await AskAsync()).StreamLengthAsync(Stream) == 0 && (await (await AskAsync()).StreamPendingAsync(Stream, "holi")).PendingMessageCount == 0);

    public async Task<int> WaitingAsync() => (int)await (await AskAsync()).StreamLengthAsync(Stream);

    /// <summary>What was put aside: code, and the key where there is one.</summary>
    public async Task<List<string>> DeadAsync() =>
        [.. (await (await AskAsync()).StreamRangeAsync(Dead)).Select(e => $"{e["code"]} {e["key"]}".Trim())];

    public static async Task UntilAsync(Func<Task<bool>> reached)
    {
        while (true)
        {
            try
            {
                if (await reached())
                    return;
            }
            catch (Exception e) when (e is RedisException or RedisTimeoutException)
            {
                // Redis is away for now.
            }
            await Task.Delay(5, Cancel);
        }
    }

    private static string[] Fields(string key) =>
        ["tenant", Scene.Tenant, "key", key, "target", "user/ana", "kind", "notification", "content", $$"""{"title":"{{key}}"}"""];

    private static NameValueEntry[] Values(string[] fields) => [.. fields.Chunk(2).Select(pair => new NameValueEntry(pair[0], pair[1]))];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (_backend is not null)
            await _backend.DisposeAsync();
        if (_ownsServer)
            await Server.DisposeAsync();
        _folder.Dispose();
    }
}
