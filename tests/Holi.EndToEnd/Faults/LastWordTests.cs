using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;

namespace Holi.EndToEnd.Faults;

/// <summary>
/// A gateway closes with a code and cuts the socket soon after. A busy device may find out by a send that fails, before it has read the code,
/// which has come all the same: whether it comes back at once or not at all hangs on that code.
/// </summary>
public sealed class LastWordTests(SharedGateway shared)
{
    private const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    [Fact]
    public async Task A_send_that_fails_does_not_hide_the_code_with_which_the_gateway_closed()
    {
        var gateway = await shared.StartedAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = CloseAndResetAsync(listener, HoliCode.Fenced);
        await using var ana = await AppDevice.StartAsync(gateway, SharedGateway.Somebody("ana"), change: options => options with
        {
            Endpoint = new Uri($"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1/ws"),
            Connector = new BusyConnector(serving),
        });
        await Eventually.HoldsAsync(() => ana.Client.Status.LastError is not null, "the end is not noticed");
        ana.Client.Status.Current.LastError!.Code.ShouldBe(HoliCode.Fenced);
        await ana.IsAsync(ConnectionState.Stopped);
    }

    private static async Task CloseAndResetAsync(TcpListener listener, HoliCode code)
    {
        using var socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var head = new byte[8_192];
        var read = 0;
        while (!head.AsSpan(0, read).EndsWith("\r\n\r\n"u8))
            read += await socket.ReceiveAsync(head.AsMemory(read), TestContext.Current.CancellationToken);
        var key = Encoding.ASCII.GetString(head, 0, read).Split("Sec-WebSocket-Key: ")[1].Split('\r')[0];
#pragma warning disable CA5350 // RFC 6455's own.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeGuid)));
#pragma warning restore CA5350
        byte[] answer =
        [
            .. Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: holi.v1\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"),
            0x88, 2, (byte)((int)code >> 8), (byte)code,
        ];
        await socket.SendAsync(answer, TestContext.Current.CancellationToken);
        // Reset, not closed: with nothing that lingers.
        socket.LingerState = new LingerOption(true, 0);
    }

    /// <summary>A real socket of a device that has other things to do: it sends when the gateway has gone, and reads when that has failed.</summary>
    private sealed class BusyConnector(Task gone) : IConnector
    {
        private readonly WebSocketConnector _connector = new();

        public async ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation) =>
            new BusySocket(await _connector.ConnectAsync(endpoint, cancellation), gone);
    }

    private sealed class BusySocket(WebSocket socket, Task gone) : WebSocket
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override WebSocketCloseStatus? CloseStatus => socket.CloseStatus;
        public override string? CloseStatusDescription => socket.CloseStatusDescription;
        public override WebSocketState State => socket.State;
        public override string? SubProtocol => socket.SubProtocol;

        public override void Abort() => socket.Abort();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            socket.CloseAsync(closeStatus, statusDescription, cancellationToken);

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            socket.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

        public override void Dispose() => socket.Dispose();

        public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            await _failed.Task.WaitAsync(cancellationToken);
            // The loop has heard of the failure by then, and has done with the socket what it does.
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }

        public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            await _failed.Task.WaitAsync(cancellationToken);
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }

        public override async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            await gone;
            try
            {
                // The first may still go into the void.
                while (true)
                    await socket.SendAsync(buffer, messageType, endOfMessage, cancellationToken);
            }
            catch (WebSocketException)
            {
                _failed.TrySetResult();
                throw;
            }
        }

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();
    }
}
