using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// The server's side of a WebSocket (RFC 6455) straight on a connection's pipes, without the HTTP layer: that layer's objects are most of what a
/// quiet connection would cost. It has no buffer of its own. One reads and one writes at a time; pings are answered by whoever writes.
/// </summary>
/// <param name="transport">What it speaks over.</param>
/// <param name="cut">Ends the connection at once, whoever reads or writes. May be called again.</param>
internal sealed class PipeWebSocket(IDuplexPipe transport, Action cut) : WebSocket
{
    private const int HeaderBytesMax = 10;

    private MessageParser _parser;
    private WebSocketCloseStatus? _closeStatus;
    private volatile WebSocketState _state = WebSocketState.Open;
    private int _isWriting;
    // Whoever waits for its turn to write: at most the reader, with a close, while the pump is held back by a peer that does not read.
    private TaskCompletionSource? _turn;
    // The newest ping's payload: an answer to it answers the ones before (§5.5.3).
    private byte[]? _pong;

    public override WebSocketCloseStatus? CloseStatus => _closeStatus;

    /// <summary>What a peer says at its close is not kept.</summary>
    public override string? CloseStatusDescription => null;

    public override WebSocketState State => _state;

    public override string SubProtocol => UpgradeEndpoint.Subprotocol;

    public override void Abort()
    {
        _state = WebSocketState.Aborted;
        cut();
    }

    public override void Dispose()
    {
        if (_state is not (WebSocketState.Closed or WebSocketState.Aborted))
            Abort();
    }

    /// <summary>Over when something may be received. A read does not need it; but a read that waits holds more than a wait does.</summary>
    public ValueTask<int> WaitAsync() => transport.Input is SocketInput socket ? socket.WaitAsync() : default;

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        var got = await ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
        return new WebSocketReceiveResult(got.Count, got.MessageType, got.EndOfMessage);
    }

    /// <summary>With an empty buffer it returns once a data message has begun, and holds nothing until then.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var input = transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var step = _parser.Step(read.Buffer, buffer.Span, out var consumed);
            // What was not looked at is there at once for the next step.
            input.AdvanceTo(consumed, step == ParserStep.NeedMore ? read.Buffer.End : consumed);
            switch (step)
            {
                case ParserStep.Data:
                    var (opcode, count, isEnd) = _parser.Data;
                    var kind = opcode == MessageParser.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                    return new ValueWebSocketReceiveResult(count, kind, isEnd);
                case ParserStep.Control when _parser.Control.Opcode == MessageParser.Close:
                    return TakeClose(_parser.Control.Payload);
                case ParserStep.Control when _parser.Control.Opcode == MessageParser.Ping:
                    _pong = _parser.Control.Payload;
                    await TryAnswerPingAsync().ConfigureAwait(false);
                    break;
                case ParserStep.Bad:
                    await CloseOutputAsync(WebSocketCloseStatus.ProtocolError, null, cancellationToken).ConfigureAwait(false);
                    // An abort would overtake the close frame.
                    _state = WebSocketState.Closed;
                    throw new WebSocketException(WebSocketError.Faulted);
                case ParserStep.NeedMore when read.IsCompleted:
                    throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
            }
        }
    }

    public override Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();

    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        messageType == WebSocketMessageType.Binary && endOfMessage
            ? WriteAsync(MessageParser.Binary, buffer)
            : throw new NotSupportedException("A gateway sends whole binary messages.");

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override async Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        if (_state is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        _state = _state == WebSocketState.CloseReceived ? WebSocketState.Closed : WebSocketState.CloseSent;
        var reason = statusDescription ?? "";
        var payload = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)closeStatus);
        Encoding.UTF8.GetBytes(reason, payload.AsSpan(2));
        await WriteAsync(MessageParser.Close, payload).ConfigureAwait(false);
    }

    private ValueWebSocketReceiveResult TakeClose(byte[] payload)
    {
        _closeStatus = payload.Length >= 2
            ? (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload)
            : WebSocketCloseStatus.Empty;
        _state = _state == WebSocketState.CloseSent ? WebSocketState.Closed : WebSocketState.CloseReceived;
        return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
    }

    // Writes a frame of its own; waits where the peer does not read.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(int opcode, ReadOnlyMemory<byte> payload)
    {
        while (!TryTakeTurn())
            await NextTurnAsync().ConfigureAwait(false);
        try
        {
            Put(opcode, payload.Span);
            PutPong();
            await FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            EndTurn();
        }
        // A ping that came while it was being flushed found the writer at work.
        if (Volatile.Read(ref _pong) is not null)
            await TryAnswerPingAsync().ConfigureAwait(false);
    }

    private async ValueTask TryAnswerPingAsync()
    {
        while (Volatile.Read(ref _pong) is not null && TryTakeTurn())
        {
            try
            {
                PutPong();
                await FlushAsync().ConfigureAwait(false);
            }
            finally
            {
                EndTurn();
            }
        }
    }

    private bool TryTakeTurn() => Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0;

    // Over when the present writer has ended its turn. Each side writes its word before it reads the other's, so neither can miss the other.
    private Task NextTurnAsync()
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _turn, turn);
        return Volatile.Read(ref _isWriting) == 0 ? Task.CompletedTask : turn.Task;
    }

    private void EndTurn()
    {
        Interlocked.Exchange(ref _isWriting, 0);
        Interlocked.Exchange(ref _turn, null)?.TrySetResult();
    }

    private void PutPong()
    {
        if (_state is WebSocketState.Open or WebSocketState.CloseReceived && Interlocked.Exchange(ref _pong, null) is { } pong)
            Put(MessageParser.Pong, pong);
    }

    private void Put(int opcode, ReadOnlySpan<byte> payload)
    {
        var output = transport.Output;
        var header = output.GetSpan(HeaderBytesMax);
        header[0] = (byte)(0x80 | opcode);
        var length = 2;
        if (payload.Length < 126)
        {
            header[1] = (byte)payload.Length;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            header[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
            length = 4;
        }
        else
        {
            header[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payload.Length);
            length = HeaderBytesMax;
        }
        output.Advance(length);
        output.Write(payload);
    }

    private async ValueTask FlushAsync()
    {
        var flushed = await transport.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        if (flushed.IsCompleted)
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
    }
}
