using System.Net;
using Holi.Gateway.Ops;
using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// <c>/v1/ws</c>: what an upgrade must be before a socket is given to it (§2.1). Refusals are HTTP statuses, without a body: 400 no WebSocket or
/// not <c>holi.v1</c>, 403 origin, 429 and 503 limits.
/// </summary>
internal sealed class UpgradeEndpoint(GatewayNode node, HoliOptions options, ILogger log)
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
        if (refusal == 0 && node.Admissions.TryEnter(AddressOf(context), out var counted, out refusal))
        {
            await ServeAsync(context, counted);
            return;
        }
        GatewayLog.SocketRefused(log, refusal);
        context.Response.StatusCode = refusal;
        if (refusal is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "5";
    }

    private int Judge(HttpContext context)
    {
        var sockets = context.WebSockets;
        if (!sockets.IsWebSocketRequest || !sockets.WebSocketRequestedProtocols.Contains(Subprotocol))
            return StatusCodes.Status400BadRequest;
        if (context.Request.Headers.Origin is { Count: > 0 } origin && !IsAllowed(origin.ToString()))
            return StatusCodes.Status403Forbidden;
        return node.IsDraining ? StatusCodes.Status503ServiceUnavailable : 0;
    }

    private bool IsAllowed(string origin)
    {
        foreach (var allowed in options.AllowedOrigins)
        {
            if (allowed == "*" || string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private async Task ServeAsync(HttpContext context, IPAddress counted)
    {
        System.Net.WebSockets.WebSocket socket;
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
            var (code, inOrder) = await node.ServeAsync(socket, counted);
            GatewayLog.ConnectionEnded(log, (int)code, inOrder);
            // A socket that was torn off is not given back to the server as if it could still be used.
            if (!inOrder || code != HoliCode.None)
                context.Abort();
        }
    }

    // Behind a proxy all come from its address; the last entry of the header is the one it wrote itself.
    private IPAddress? AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        if (address is null || options.TrustedProxies.Count == 0)
            return address;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (!options.TrustedProxies.Contains(plain))
            return address;
        var forwarded = context.Request.Headers["X-Forwarded-For"].ToString();
        return IPAddress.TryParse(forwarded.AsSpan(forwarded.LastIndexOf(',') + 1).Trim(), out var behind) ? behind : address;
    }
}
