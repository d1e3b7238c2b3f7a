using System.Net.WebSockets;
using Holi.Load.Gateways;
using Holi.Wire;

namespace Holi.EndToEnd.Rfc6455.Peers;

/// <summary>Tries a gateway with .NET's client. Pings it sends by itself, and ends the connection where no pong comes.</summary>
internal static class ClientWebSocketPeer
{
    private const byte Pong = 0x04;

    public static async Task<Found> FindAsync(GatewayProcess gateway, HttpMessageHandler handler)
    {
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        var messages = Found.Messages(gateway);
        using var first = await OpenAsync(gateway, invoker, messages[0]);
        var (question, largest, answers) = (messages[1], messages[2], 0);
        await SendAsync(first, question);
        answers += await AnsweredAsync(first);
        for (var i = 0; i < question.Length; i++)
            await SendAsync(first, question.AsMemory(i, 1), end: i == question.Length - 1);
        answers += await AnsweredAsync(first);
        await SendAsync(first, largest);
        answers += await AnsweredAsync(first);
        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", TestContext.Current.CancellationToken);

        using var second = await OpenAsync(gateway, invoker, Found.Messages(gateway)[0]);
        await SendAsync(second, "text"u8.ToArray(), WebSocketMessageType.Text);
        (await AnsweredAsync(second)).ShouldBe(0);
        var extensions = string.Join(',', first.HttpResponseHeaders!.TryGetValue("Sec-WebSocket-Extensions", out var named) ? named : []);
        return new Found(first.SubProtocol, extensions, answers, null, (int)first.CloseStatus!, (int)second.CloseStatus!, second.CloseStatusDescription);
    }

    private static async Task<ClientWebSocket> OpenAsync(GatewayProcess gateway, HttpMessageInvoker invoker, byte[] hello)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("holi.v1");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        socket.Options.KeepAliveInterval = TimeSpan.FromMilliseconds(10);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(30);
        await socket.ConnectAsync(gateway.Endpoint, invoker, TestContext.Current.CancellationToken);
        await SendAsync(socket, hello);
        var welcome = await socket.ReceiveAsync(new byte[WireLimits.MessageBytesMax].AsMemory(), TestContext.Current.CancellationToken);
        welcome.MessageType.ShouldBe(WebSocketMessageType.Binary);
        return socket;
    }

    private static Task SendAsync(
        ClientWebSocket socket, ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Binary, bool end = true) =>
        socket.SendAsync(message, type, end, TestContext.Current.CancellationToken).AsTask();

    // 1 once an answer has come, 0 where the connection is closed.
    private static async Task<int> AnsweredAsync(ClientWebSocket socket)
    {
        var buffer = new byte[WireLimits.MessageBytesMax];
        while (true)
        {
            var (count, got) = (0, default(ValueWebSocketReceiveResult));
            do
            {
                got = await socket.ReceiveAsync(buffer.AsMemory(count), TestContext.Current.CancellationToken);
                count += got.Count;
            }
            while (!got.EndOfMessage);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
                return 0;
            }
            if (buffer[0] == Pong)
                return 1;
        }
    }
}
