using System.Net.WebSockets;
using Holi.Client;

namespace Holi.Chat.Device;

/// <summary>A network with a switch, to see what an app does without one: off, no attempt succeeds and the open socket dies without a word.</summary>
internal sealed class SwitchedConnector : IConnector
{
    private readonly WebSocketConnector _connector = new();
    private readonly Lock _lock = new();
    private WebSocket? _socket;
    private bool _isOff;

    public bool IsOff
    {
        get
        {
            lock (_lock)
                return _isOff;
        }
        set
        {
            lock (_lock)
            {
                _isOff = value;
                if (value)
                    _socket?.Abort();
            }
        }
    }

    public async ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        if (IsOff)
            throw new WebSocketException("The network is switched off.");
        var socket = await _connector.ConnectAsync(endpoint, cancellation);
        lock (_lock)
        {
            // Switched off meanwhile.
            if (_isOff)
                socket.Abort();
            return _socket = socket;
        }
    }
}
