using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// Looks at a connection's first bytes before the HTTP layer does. A plain WebSocket request that may be accepted is accepted here, and the HTTP
/// layer, with all that it would hold for the connection, never hears of it. Everything else, refusals included, passes on untouched. Where there is no
/// TLS, <see cref="SocketTakeover"/> has taken most of these already; what is left comes in pieces, or is refused.
/// </summary>
internal sealed class UpgradeMiddleware(UpgradeGate gate, GatewayNode node, TimeProvider time)
{
    private enum Verdict : byte
    {
        Undecided,
        Ours,
        Http,
        Silent,
    }

    private int _httpConnections;

    /// <summary>Serves the connection to its end, whichever way.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        // Alive as long as the connection: it keeps nothing of the request.
        var counted = await DecideAsync(connection).ConfigureAwait(false);
        if (counted is not null)
        {
            using var socket = new PipeWebSocket(connection.Transport, connection.Abort);
            await node.ServeAsync(socket, counted).ConfigureAwait(false);
            _ = CutAsync(connection);
        }
        else if (!connection.ConnectionClosed.IsCancellationRequested)
        {
            await PassOnAsync(connection, http).ConfigureAwait(false);
        }
    }

    // A last close frame may still be on its way. It gets as long as any; then the socket is cut: who never reads would keep it for ever, uncounted.
    private async Task CutAsync(ConnectionContext connection)
    {
        await Task.Delay(node.Limits.CloseTimeout, time, CancellationToken.None).ConfigureAwait(false);
        connection.Abort();
    }

    // Null where the connection is not for here.
    private async ValueTask<IPAddress?> DecideAsync(ConnectionContext connection)
    {
        var (verdict, request) = await PeekAsync(connection.Transport.Input).ConfigureAwait(false);
        if (verdict == Verdict.Silent)
            connection.Abort();
        // Who is refused is refused by the HTTP layer, in its words: the head is still in the pipe.
        if (request is null || !gate.TryAdmit(request, (connection.RemoteEndPoint as IPEndPoint)?.Address, out var counted))
            return null;
        if (await TryAcceptAsync(connection.Transport, request).ConfigureAwait(false))
            return counted;
        node.Admissions.Leave(counted, wasAuthenticated: false);
        connection.Abort();
        return null;
    }

    private static async ValueTask<bool> TryAcceptAsync(IDuplexPipe transport, UpgradeRequest request)
    {
        if (!transport.Input.TryRead(out var read))
            return false;
        transport.Input.AdvanceTo(read.Buffer.GetPosition(request.Bytes));
        try
        {
            return !(await transport.Output.WriteAsync(request.Accept(), CancellationToken.None).ConfigureAwait(false)).IsCompleted;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Ordinary requests are for operators and their tools, so they are bounded apart from devices.
    private async Task PassOnAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        try
        {
            if (Interlocked.Increment(ref _httpConnections) <= node.Limits.HttpConnections)
                await http(connection).ConfigureAwait(false);
            else
                connection.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _httpConnections);
        }
    }

    private async ValueTask<(Verdict, UpgradeRequest?)> PeekAsync(PipeReader input)
    {
        using var patience = new CancellationTokenSource(node.Limits.HandshakeTimeout, time);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(patience.Token).ConfigureAwait(false);
                var verdict = Judge(read, out var request);
                // Nothing is consumed; and once it is decided nothing counts as looked at, so the next reader sees the bytes at once.
                input.AdvanceTo(read.Buffer.Start, verdict == Verdict.Undecided ? read.Buffer.End : read.Buffer.Start);
                if (verdict != Verdict.Undecided)
                    return (verdict, request);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return (Verdict.Silent, null);
        }
    }

    private static Verdict Judge(in ReadResult read, out UpgradeRequest? request)
    {
        request = null;
        var bytes = read.Buffer;
        if (!IsOursSoFar(bytes))
            return Verdict.Http;
        var head = new SequenceReader<byte>(bytes.Length > UpgradeRequest.HeadBytesMax ? bytes.Slice(0, UpgradeRequest.HeadBytesMax) : bytes);
        if (head.TryReadTo(out ReadOnlySequence<byte> lines, UpgradeRequest.HeadEnd))
        {
            request = UpgradeRequest.TryRead(bytes.Slice(0, lines.Length + UpgradeRequest.HeadEnd.Length).ToArray());
            return request is null ? Verdict.Http : Verdict.Ours;
        }
        return read.IsCompleted || bytes.Length >= UpgradeRequest.HeadBytesMax ? Verdict.Http : Verdict.Undecided;
    }

    private static bool IsOursSoFar(in ReadOnlySequence<byte> bytes)
    {
        var count = (int)Math.Min(bytes.Length, UpgradeRequest.RequestLine.Length);
        return new SequenceReader<byte>(bytes).IsNext(UpgradeRequest.RequestLine[..count]);
    }
}
