using System.Net;
using System.Net.WebSockets;
using Holi.Gateway.Ops;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// <c>/v1/ws</c> in the HTTP layer: what the middleware did not take over. Most of it is refused, by HTTP status and without a body (§2.1): 400 no
/// WebSocket or not <c>holi.v1</c>, 403 origin, 429 and 503 limits. What a proxy sends in another form, or on a connection used before, is accepted.
/// </summary>
internal sealed class UpgradeEndpoint(UpgradeGate gate, GatewayNode node, ILogger log)
{
    public const string Subprotocol = "holi.v1";

    // No compression: no window may span payloads of different people (§2.1). No ping timer: the protocol has its own heartbeat.
    private static readonly WebSocketAcceptContext Accepted = new()
    {
        SubProtocol = Subprotocol,
        DangerousEnableCompression = false,
        KeepAliveInterval = Timeout.InfiniteTimeSpan,
    };

    public async Task HandleAsync(HttpContext context)
    {
        var refusal = Judge(context);
        var forwardedFor = context.Request.Headers["X-Forwarded-For"] is { Count: > 0 } header ? header.ToString() : null;
        var address = gate.AddressOf(context.Connection.RemoteIpAddress, forwardedFor);
        if (refusal == 0 && node.Admissions.TryEnter(address, out var counted, out refusal))
        {
            await ServeAsync(context, counted);
            return;
        }
        GatewayLog.SocketRefused(log, refusal);
        node.Meters.Connections.Refused(refusal);
        context.Response.StatusCode = refusal;
        if (refusal is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "5";
        // Whoever asked for another version learns which one there is (RFC 6455 §4.4).
        if (refusal == StatusCodes.Status400BadRequest)
            context.Response.Headers.SecWebSocketVersion = "13";
    }

    private int Judge(HttpContext context)
    {
        var sockets = context.WebSockets;
        // The server below would upgrade HTTP/1.0, too, which has no Upgrade (RFC 6455 §4.2.1).
        if (!sockets.IsWebSocketRequest || HttpProtocol.IsHttp10(context.Request.Protocol) || !sockets.WebSocketRequestedProtocols.Contains(Subprotocol))
            return StatusCodes.Status400BadRequest;
        var origin = context.Request.Headers.Origin is { Count: > 0 } header ? header.ToString() : null;
        if (!gate.IsAllowed(origin))
            return StatusCodes.Status403Forbidden;
        return node.IsDraining ? StatusCodes.Status503ServiceUnavailable : 0;
    }

    private async Task ServeAsync(HttpContext context, IPAddress counted)
    {
        WebSocket socket;
        try
        {
            socket = await context.WebSockets.AcceptWebSocketAsync(Accepted);
        }
        catch
        {
            node.Admissions.Leave(counted, wasAuthenticated: false);
            throw;
        }
        using (socket)
        {
            // A socket that was torn off is not given back to the server as if it could still be used.
            if (!await node.ServeAsync(socket, counted))
                context.Abort();
        }
    }
}
