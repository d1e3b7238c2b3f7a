using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Holi.Gateway.Ops;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// Looks at the first bytes of an accepted socket, where they lie in the system. A plain WebSocket request that may be accepted is accepted and served
/// from here, with nothing between the socket and <see cref="SocketConnection"/>. Whatever else comes (a request in several pieces, TLS, one to be
/// refused) is the HTTP layer's: nothing of it was taken.
/// </summary>
internal sealed class SocketTakeover(UpgradeGate gate, GatewayNode node, TimeProvider time, ILogger log)
{
    private int _sockets;

    /// <summary>Sockets that are looked at or served here.</summary>
    public int Sockets => Volatile.Read(ref _sockets);

    /// <summary>Takes care of the socket, until its end or for now. False where it is the HTTP layer's.</summary>
    public async ValueTask<bool> TryTakeAsync(Socket socket)
    {
        Interlocked.Increment(ref _sockets);
        var serving = false;
        try
        {
            if (!await HasSpokenAsync(socket).ConfigureAwait(false))
            {
                socket.Dispose();
                return true;
            }
            return Take(socket, out serving);
        }
        finally
        {
            if (!serving)
                Interlocked.Decrement(ref _sockets);
        }
    }

    private bool Take(Socket socket, out bool serving)
    {
        serving = false;
        if (Peek(socket) is not { } request || !gate.TryAdmit(request, (socket.RemoteEndPoint as IPEndPoint)?.Address, out var counted))
            return false;
        serving = TryAccept(socket, request);
        if (serving)
        {
            _ = ServeAsync(socket, counted);
            return true;
        }
        node.Admissions.Leave(counted, wasAuthenticated: false);
        socket.Dispose();
        return true;
    }

    private async ValueTask<bool> HasSpokenAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(node.Limits.HandshakeTimeout, time);
        try
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    private static UpgradeRequest? Peek(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(UpgradeRequest.HeadBytesMax);
        try
        {
            var seen = buffer.AsSpan(0, socket.Receive(buffer.AsSpan(0, UpgradeRequest.HeadBytesMax), SocketFlags.Peek, out _));
            var end = seen.StartsWith(UpgradeRequest.RequestLine) ? seen.IndexOf(UpgradeRequest.HeadEnd) : -1;
            return end < 0 ? null : UpgradeRequest.TryRead(seen[..(end + UpgradeRequest.HeadEnd.Length)]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Alive as long as the connection: it keeps nothing of the request.
    private async Task ServeAsync(Socket socket, IPAddress counted)
    {
        using var end = socket;
        try
        {
            using var webSocket = new PipeWebSocket(new SocketPipes(socket), socket.Dispose);
            var inOrder = await node.ServeAsync(webSocket, counted).ConfigureAwait(false);
            await EndAsync(socket, inOrder).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            GatewayLog.SocketFault(log, fault);
        }
        finally
        {
            Interlocked.Decrement(ref _sockets);
        }
    }

    // The answer is shorter than what an empty socket has room for.
    private static bool TryAccept(Socket socket, UpgradeRequest request)
    {
        socket.Blocking = false;
        Span<byte> head = stackalloc byte[UpgradeRequest.HeadBytesMax];
        if (socket.Receive(head[..request.Bytes], SocketFlags.None, out _) != request.Bytes)
            return false;
        var answer = request.Accept();
        return socket.Send(answer, SocketFlags.None, out _) == answer.Length;
    }

    // Closing a socket on which something was not read throws away what was sent last, which says why: that much is read, for as long as a close may take.
    private async Task EndAsync(Socket socket, bool inOrder)
    {
        try
        {
            socket.Shutdown(inOrder ? SocketShutdown.Both : SocketShutdown.Send);
            if (inOrder)
                return;
            using var patience = new CancellationTokenSource(node.Limits.CloseTimeout, time);
            var dropped = ArrayPool<byte>.Shared.Rent(UpgradeRequest.HeadBytesMax);
            try
            {
                while (await socket.ReceiveAsync(dropped, SocketFlags.None, patience.Token).ConfigureAwait(false) > 0)
                {
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(dropped);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Torn off, or out of patience.
        }
    }

    private sealed class SocketPipes(Socket socket) : IDuplexPipe
    {
        public PipeReader Input { get; } = new SocketInput(socket);

        public PipeWriter Output { get; } = new SocketOutput(socket);
    }
}
