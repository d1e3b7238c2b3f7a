using System.Net;
using MQTTnet.Server;

namespace Holi.Peers.Servers;

/// <summary>MQTTnet's broker over TCP, with sessions that stay and a queue for each that is long enough for what is measured (its default is 250).</summary>
internal static class MqttBroker
{
    private const int QueuedMax = 100_000;

    public static async Task RunAsync(int port)
    {
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(QueuedMax)
            .Build();
        using var server = new MqttServerFactory().CreateMqttServer(options);
        await server.StartAsync();
        Console.WriteLine("ready");
        await Task.Delay(Timeout.Infinite);
    }
}
