using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Servers;

namespace Holi.EndToEnd.Cluster;

/// <summary>Three gateways for all classes that do harm to a cluster, one test after the other: each finds it whole.</summary>
[CollectionDefinition(nameof(ClusterFixture))]
public sealed class ClusterFixture : ICollectionFixture<ClusterFixture>, IAsyncLifetime
{
    internal GatewayCluster? Cluster { get; private set; }

    public async ValueTask InitializeAsync() =>
        Cluster = GatewayCluster.IsPossible ? await GatewayCluster.StartAsync(3, await RedisServer.StartAsync(CancellationToken.None)) : null;

    public ValueTask DisposeAsync() => Cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>What the tests of a cluster have in common.</summary>
[Collection(nameof(ClusterFixture))]
public abstract class ClusterTest(ClusterFixture fixture) : IAsyncLifetime
{
    internal GatewayCluster Cluster => fixture.Cluster!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected string Ana { get; } = SharedGateway.Somebody("ana");

    private protected string Ben { get; } = SharedGateway.Somebody("ben");

    private protected string Cat { get; } = SharedGateway.Somebody("cat");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(GatewayCluster.IsPossible, "PostgreSQL or Redis is not installed");
        await Cluster.HealAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A device at one of the gateways; it comes back to that one, without long waits.</summary>
    private protected Task<AppDevice> AtAsync(int node, string user, string? folder = null, bool online = true) =>
        AppDevice.StartAsync(Cluster.Nodes[node], user, folder, online, options => options with { Random = AppDevice.ShortWaits });

    /// <summary>A device that goes where its connector leads it.</summary>
    private protected Task<AppDevice> RovingAsync(RovingConnector connector, string user) =>
        AppDevice.StartAsync(Cluster.Nodes[0], user, change: options => options with { Random = AppDevice.ShortWaits, Connector = connector });

    private protected GatewayProcess Node(int node) => Cluster.Nodes[node];

    /// <summary>What is to become of Redis.</summary>
    private protected async Task HurtRedisAsync(RedisFault fault)
    {
        switch (fault)
        {
            case RedisFault.Killed:
                await Cluster.Redis.Process.KillAsync();
                break;
            case RedisFault.Hung:
                await Cluster.Redis.Process.PauseAsync();
                break;
            case RedisFault.Restarted:
                await Cluster.Redis.Process.KillAsync();
                await Cluster.Redis.RestartAsync(Cancel);
                break;
            case RedisFault.Flushed:
                await TellRedisAsync("flushall");
                break;
            case RedisFault.Cut:
                await TellRedisAsync("client", "kill", "type", "pubsub");
                await TellRedisAsync("client", "kill", "type", "normal");
                break;
        }
    }

    private Task TellRedisAsync(params string[] words) =>
        ServerProcess.RunAsync("/usr/bin/redis-cli", ["-p", $"{Cluster.Redis.Port}", .. words], Cancel);
}

/// <summary>Fault 14 and its kin.</summary>
public enum RedisFault
{
    None,
    Killed,
    Hung,
    Restarted,
    Flushed,
    Cut,
}
