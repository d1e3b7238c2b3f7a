using System.Net.WebSockets;

namespace Holi.Client;

/// <summary>Opens sockets to the gateway. An app supplies its own to go through its proxy, pin certificates, or use another stack.</summary>
public interface IConnector
{
    /// <summary>
    /// Opens a WebSocket with the subprotocol <c>holi.v1</c>, without extensions and without keep-alive pings of its own. The client
    /// owns and disposes of it. Whatever is thrown counts as an attempt that failed.
    /// </summary>
    ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation);
}
