using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// Looks at a connection's first bytes before the HTTP layer does. A plain WebSocket request that may be accepted is accepted here, and the HTTP
/// layer, with all that it would hold for the connection, never hears of it. Everything else, refusals included, passes on untouched.
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

    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var (verdict, request) = await PeekAsync(connection.Transport.Input).ConfigureAwait(false);
        if (verdict == Verdict.Silent)
            connection.Abort();
        else if (verdict == Verdict.Http)
            await PassOnAsync(connection, http).ConfigureAwait(false);
        else
            await DecideAsync(connection, request!, http).ConfigureAwait(false);
    }

    // The head is still in the pipe: who is refused is refused by the HTTP layer, in its words.
    private Task DecideAsync(ConnectionContext connection, UpgradeRequest request, ConnectionDelegate http)
    {
        var address = gate.AddressOf((connection.RemoteEndPoint as IPEndPoint)?.Address, request.ForwardedFor);
        return gate.IsOpenTo(request.Origin) && node.Admissions.TryEnter(address, out var counted, out _)
            ? AcceptAsync(connection, request, counted)
            : PassOnAsync(connection, http);
    }

    private async Task AcceptAsync(ConnectionContext connection, UpgradeRequest request, IPAddress counted)
    {
        using var socket = new PipeWebSocket(connection);
        try
        {
            var input = connection.Transport.Input;
            if (input.TryRead(out var read))
                input.AdvanceTo(read.Buffer.GetPosition(request.Bytes));
            await connection.Transport.Output.WriteAsync(request.Accept(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            node.Admissions.Leave(counted, wasAuthenticated: false);
            return;
        }
        await gate.ServeAsync(socket, counted).ConfigureAwait(false);
    }

    // Ordinary requests are for operators and their tools, so they are bounded apart from devices.
    private async Task PassOnAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        if (Interlocked.Increment(ref _httpConnections) <= node.Limits.HttpConnections)
            await http(connection).ConfigureAwait(false);
        else
            connection.Abort();
        Interlocked.Decrement(ref _httpConnections);
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
