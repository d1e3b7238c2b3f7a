using Holi.Chat.Gateways;
using Holi.Client;

namespace Holi.Chat.Device;

/// <summary>One person's device: the client, and the switch of its network.</summary>
internal sealed class ChatDevice(HoliClient client, SwitchedConnector network, Uri gateway) : IAsyncDisposable
{
    public HoliClient Client => client;

    public Uri Gateway => gateway;

    /// <summary>An app passes <see cref="SystemNetworkMonitor"/>, or what its phone tells, in the options; here a person tells.</summary>
    public bool IsOffline
    {
        get => network.IsOff;
        set
        {
            network.IsOff = value;
            if (value)
                client.NetworkLost();
            else
                client.NetworkAvailable();
        }
    }

    /// <summary>Opens the store and begins to connect. From then on everything can be read and written.</summary>
    public static async Task<ChatDevice> OpenAsync(ChatOptions options, TimeProvider time, CancellationToken cancellation)
    {
        if (options.User is { } named)
            return await OpenAsync(named, options, time, cancellation);
        foreach (var user in ChatOptions.DefaultUsers)
        {
            try
            {
                return await OpenAsync(user, options, time, cancellation);
            }
            catch (DeviceStoreException e) when (e.Failure == DeviceStoreFailure.InUse)
            {
                // That one chats in another terminal.
            }
        }
        throw new DeviceStoreException(DeviceStoreFailure.InUse, $"{string.Join(" and ", ChatOptions.DefaultUsers)} chat already: say who you are with --user.");
    }

    private static async Task<ChatDevice> OpenAsync(string user, ChatOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var network = new SwitchedConnector();
        var client = new HoliClient(new HoliClientOptions
        {
            Endpoint = options.Endpoint,
            User = user,
            Token = stop => options.Token is { } token ? new(token) : GatewayProgram.TokenAsync(user, stop),
            StoreFolder = options.StoreFolder,
            EncryptionKey = StoreKey.LoadOrMake(options.StoreFolder, user),
            Connector = network,
            TimeProvider = time,
            ClientName = "Holi.Chat",
        });
        try
        {
            await client.StartAsync(cancellation);
            return new ChatDevice(client, network, options.Gateway);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
