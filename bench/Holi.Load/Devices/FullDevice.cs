using Holi.Client;
using Holi.Load.Gateways;
using Holi.Load.Network;

namespace Holi.Load.Devices;

/// <summary>A device as an app has it: a <see cref="HoliClient"/> with its store on disk, and a network that can be switched.</summary>
internal sealed class FullDevice : IAsyncDisposable
{
    private readonly RoamingConnector _roaming;

    private FullDevice(HoliClient client, SwitchedConnector network, RoamingConnector roaming) => (Client, Network, _roaming) = (client, network, roaming);

    public HoliClient Client { get; }

    public SwitchedConnector Network { get; }

    /// <summary>The gateway that it reached last.</summary>
    public Uri? Gateway => _roaming.At;

    /// <param name="target">Its gateways.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="stores">The folder for its store's folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="firstGateway">The place of the gateway that it goes to first; null: any.</param>
    /// <param name="onlyGateway">The number of the one gateway that it can reach; null: it can reach all.</param>
    public static async Task<FullDevice> StartAsync(
        GatewayTarget target, string user, string stores, TimeProvider time, CancellationToken cancel, int? firstGateway = null, int? onlyGateway = null)
    {
        var network = new SwitchedConnector(on: true);
        var reachable = onlyGateway is { } only ? [target.EndpointOf(only)] : target.Endpoints;
        var roaming = new RoamingConnector(reachable, network, firstGateway);
        var client = new HoliClient(new HoliClientOptions
        {
            Endpoint = target.Endpoint,
            User = user,
            Token = _ => ValueTask.FromResult(target.Tokens.For(user)),
            StoreFolder = Path.Combine(stores, user),
            EncryptionKey = new byte[32],
            Connector = roaming,
            ClientName = "Holi.Load",
            TimeProvider = time,
        });
        await client.StartAsync(cancel);
        return new FullDevice(client, network, roaming);
    }

    /// <summary>Waits until the client is in a state.</summary>
    public async Task WaitForAsync(ConnectionState state, CancellationToken cancel)
    {
        await foreach (var status in Client.Status.WatchAsync(cancel))
        {
            if (status.State == state)
                return;
        }
    }

    /// <summary>Waits until the client knows a conversation and is current in it.</summary>
    public async Task FollowsAsync(string id, TimeProvider time, CancellationToken cancel)
    {
        while (Client.Conversation(id).Staleness.Freshness != Freshness.Current)
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancel);
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
