using System.Net.WebSockets;
using Holi.Client;

namespace Holi.Load.Network;

/// <summary>A device that a balancer leads to another gateway at each connection.</summary>
/// <param name="gateways">Where it may be led.</param>
/// <param name="connector">Connects.</param>
/// <param name="first">The place of the gateway that it is led to first; null: devices that start together begin at different ones.</param>
internal sealed class RoamingConnector(IReadOnlyList<Uri> gateways, IConnector connector, int? first = null) : IConnector
{
    private static int _devices = -1;

    private int _next = first ?? Interlocked.Increment(ref _devices);

    public ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation) =>
        connector.ConnectAsync(gateways[(int)((uint)_next++ % (uint)gateways.Count)], cancellation);
}
