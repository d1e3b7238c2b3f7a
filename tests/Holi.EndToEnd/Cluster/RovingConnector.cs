using System.Net.WebSockets;
using Holi.Client;

namespace Holi.EndToEnd.Cluster;

/// <summary>A device's way to the gateways, as a balancer in front of them gives it: to one of them, and to the next where that one cannot be reached.</summary>
internal sealed class RovingConnector(IReadOnlyList<Uri> gateways, int first) : IConnector
{
    private readonly WebSocketConnector _connector = new();
    private readonly Lock _lock = new();
    private WebSocket? _socket;
    private int _at = first;

    /// <summary>Which of them it uses, or tries.</summary>
    public int At => Volatile.Read(ref _at);

    public async ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        var at = At;
        try
        {
            var socket = await _connector.ConnectAsync(gateways[at], cancellation);
            lock (_lock)
                _socket = socket;
            return socket;
        }
        catch (WebSocketException)
        {
            Interlocked.CompareExchange(ref _at, (at + 1) % gateways.Count, at);
            throw;
        }
    }

    /// <summary>Its way leads elsewhere from now on; what is open dies without a word.</summary>
    public void MoveTo(int gateway)
    {
        Volatile.Write(ref _at, gateway);
        lock (_lock)
            _socket?.Abort();
    }
}
