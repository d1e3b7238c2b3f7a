using System.Net.WebSockets;

namespace Holi.Client;

/// <summary>Opens <see cref="ClientWebSocket"/>s. Thread-safe.</summary>
/// <param name="invoker">Makes the HTTP request, for proxies, certificates or connection settings; null: the system's defaults. Stays the app's.</param>
public sealed class WebSocketConnector(HttpMessageInvoker? invoker = null) : IConnector
{
    /// <inheritdoc/>
    public async ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("holi.v1");
        // The protocol has its own heartbeat, and no compression window may span payloads of different people (§2.1, §11.1).
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        try
        {
            await socket.ConnectAsync(endpoint, invoker, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
