using System.Net.WebSockets;
using Holi.Client;

namespace Holi.Load.Network;

/// <summary>A device's network with a switch: off, every attempt fails and the open socket dies at once.</summary>
internal sealed class SwitchedConnector(bool on) : IConnector
{
    private readonly WebSocketConnector _connector = new();
    private readonly Lock _lock = new();
    private WebSocket? _socket;
    private bool _on = on;

    public async ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_on)
                throw new WebSocketException("The device has no network.");
        }
        var socket = await _connector.ConnectAsync(endpoint, cancellation);
        lock (_lock)
        {
            _socket = socket;
            if (!_on)
                socket.Abort();
        }
        return socket;
    }

    /// <summary>Switches it on; the client is to be told, as a monitor would.</summary>
    public void SwitchOn()
    {
        lock (_lock)
            _on = true;
    }

    /// <summary>Switches it off; what is open dies without a word.</summary>
    public void SwitchOff()
    {
        lock (_lock)
        {
            _on = false;
            _socket?.Abort();
        }
    }
}
