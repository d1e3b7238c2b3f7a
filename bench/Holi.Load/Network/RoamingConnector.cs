using System.Net.WebSockets;
using Holi.Client;

namespace Holi.Load.Network;

/// <summary>A device that a balancer leads to another gateway at each connection; where there is only one for it, always to that.</summary>
/// <param name="gateways">Where it may be led.</param>
/// <param name="connector">Connects.</param>
/// <param name="first">The place of the gateway that it is led to first; null: devices that start together begin at different ones.</param>
internal sealed class RoamingConnector(IReadOnlyList<Uri> gateways, IConnector connector, int? first = null) : IConnector
{
    private static int _devices = -1;

    private int _next = first ?? Interlocked.Increment(ref _devices);
    private volatile Uri? _at;

    /// <summary>The gateway that it reached last.</summary>
    public Uri? At => _at;

    /// <summary>Called with a gateway's place each time it reached one.</summary>
    public Action<int>? Reached { get; init; }

    public async ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        var place = (int)((uint)_next++ % (uint)gateways.Count);
        var socket = await connector.ConnectAsync(gateways[place], cancellation);
        _at = gateways[place];
        Reached?.Invoke(place);
        return socket;
    }
}
