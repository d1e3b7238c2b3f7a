using System.Net.WebSockets;
using Holi.Client;

namespace Holi.Load.Network;

/// <summary>A device that a balancer leads to another gateway at each connection.</summary>
internal sealed class RoamingConnector(IReadOnlyList<Uri> gateways, IConnector connector) : IConnector
{
    // Devices that start together do not all begin at the same gateway.
    private static int _devices = -1;

    private int _next = Interlocked.Increment(ref _devices);

    public ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation) =>
        connector.ConnectAsync(gateways[(int)((uint)_next++ % (uint)gateways.Count)], cancellation);
}
