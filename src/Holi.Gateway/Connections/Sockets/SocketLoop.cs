using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Holi.Wire;
using Holi.Wire.Connections;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>The two loops that move bytes: one reads whole messages, the other writes while there is something to write.</summary>
internal sealed partial class SocketConnection
{
    private const int FirstBytes = 4096;

    // Rented while a message is being read; the reading task's alone.
    private byte[] _incoming = [];

    /// <summary>Reads until the socket is over. True where it was closed in order, and not torn off.</summary>
    public async Task<bool> RunAsync()
    {
        var inOrder = false;
        try
        {
            // A read of nothing returns when something is there: while the device is quiet, no memory is held for it.
            while (!inOrder)
            {
                if (_socket is PipeWebSocket quiet)
                    await quiet.WaitAsync().ConfigureAwait(false);
                inOrder = await TakeMessageAsync(await _socket.ReceiveAsync(Memory<byte>.Empty, default).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Torn off, by the network or by this side's Abort: either way nobody is there.
        }
        finally
        {
            lock (_lock)
            {
                _isOver = true;
                _connection.Closed();
            }
            _node.OnEnded(this, _closeCode, inOrder);
            _node.Admissions.Leave(_address, _isAuthenticated);
        }
        return inOrder;
    }

    void IThreadPoolWorkItem.Execute() => RunPump();

    /// <summary>For whoever woke the pump: sends until there is nothing to send, or the socket must be waited for.</summary>
    public void RunPump() => _ = PumpAsync();

    // Reads the message that has begun into rented memory. True at the close.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TakeMessageAsync(ValueWebSocketReceiveResult got)
    {
        _incoming = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            // An empty message is over before it began.
            var (kept, count) = (0, 0);
            while (!got.EndOfMessage && got.MessageType != WebSocketMessageType.Close && count <= WireLimits.MessageBytesMax)
            {
                got = await _socket.ReceiveAsync(Spare(kept), default).ConfigureAwait(false);
                count += got.Count;
                kept = Math.Min(_incoming.Length, kept + got.Count);
            }
            if (got.MessageType == WebSocketMessageType.Close)
                return await AnswerCloseAsync().ConfigureAwait(false);
            Take(got.MessageType, count);
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_incoming);
            _incoming = [];
        }
    }

    // Before the device is known a connection costs no more than a Hello.
    private int MessageBytesMax => _isAuthenticated ? WireLimits.MessageBytesMax : GatewayProtocol.HeldBytesMax;

    // Memory grows with the bytes that came. What is over the limit is read and dropped, so that the answer can say what was wrong; the time
    // for that is the connection's silence, since only whole messages count as heard.
    private Memory<byte> Spare(int kept)
    {
        if (kept < _incoming.Length)
            return _incoming.AsMemory(kept);
        if (_incoming.Length >= MessageBytesMax)
            return _incoming.AsMemory(_incoming.Length / 2);
        var grown = ArrayPool<byte>.Shared.Rent(Math.Min(2 * _incoming.Length, MessageBytesMax));
        _incoming.CopyTo(grown, 0);
        ArrayPool<byte>.Shared.Return(_incoming);
        _incoming = grown;
        return grown.AsMemory(kept);
    }

    private void Take(WebSocketMessageType kind, int count)
    {
        int frames;
        lock (_lock)
        {
            var now = _node.Now;
            _notes.PassTo(_connection, now);
            if (kind == WebSocketMessageType.Text)
                _connection.Fail(HoliCode.TextMessage);
            else if (count <= MessageBytesMax)
                _connection.Receive(new ReadOnlySequence<byte>(_incoming, 0, count), now);
            else
                _connection.Fail(TooMuch(_incoming, count));
            frames = _connection.TakeTally().FramesIn;
            Left();
        }
        _node.Meters.Connections.Received(count, frames);
        Pump();
    }

    // A message over the protocol's limit or a Hello over its own is 4402; much behind a Hello is 4412 (§12).
    private static HoliCode TooMuch(byte[] buffer, int count)
    {
        var first = new SequenceReader<byte>(new ReadOnlySequence<byte>(buffer, 1, Varint.BytesMax));
        var helloIsTooLarge = Varint.TryRead(ref first, out var bodyBytes) && bodyBytes > WireLimits.HelloBytesMax;
        return count > WireLimits.MessageBytesMax || helloIsTooLarge ? HoliCode.TooLarge : HoliCode.CreditExceeded;
    }

    private async Task<bool> AnswerCloseAsync()
    {
        // The device closed first, or answers this side's close; then there is nothing left to say.
        if (_socket.State == WebSocketState.CloseReceived)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    // What a message brings about is sent by whoever read it: most often there is nothing, and finding that out is cheaper than waking a thread.
    private void Pump()
    {
        if (Interlocked.Exchange(ref _pump, Again) == Idle)
            _ = PumpAsync();
    }

    private async Task PumpAsync()
    {
        using var message = new PooledBuffer();
        try
        {
            do
            {
                Volatile.Write(ref _pump, Running);
                while (TryFill(message, out var tally))
                    await SendAsync(message, tally).ConfigureAwait(false);
                if (_closeCode != HoliCode.None && !_isOver && Volatile.Read(ref _closeSentAt) == 0)
                    await SendCloseAsync().ConfigureAwait(false);
            }
            while (Interlocked.CompareExchange(ref _pump, Idle, Running) != Running);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException
            or ObjectDisposedException or InvalidOperationException)
        {
            // Torn off while writing. The pump stays "running": nothing is sent any more. The reading task finds the end.
            _socket.Abort();
        }
    }

    private bool TryFill(PooledBuffer message, out Tally tally)
    {
        message.Clear();
        tally = default;
        lock (_lock)
        {
            if (_isOver || Volatile.Read(ref _closeSentAt) != 0)
                return false;
            var now = _node.Now;
            _notes.PassTo(_connection, now);
            var filled = _connection.TryFill(message, now);
            tally = _connection.TakeTally();
            Left();
            return filled;
        }
    }

    private async ValueTask SendAsync(PooledBuffer message, Tally tally)
    {
        Count(message.Written.Length, tally);
        Volatile.Write(ref _sendingSince, _node.Now.Since.Ticks);
        await _socket.SendAsync(message.Written, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref _sendingSince, 0);
    }

    private void Count(int bytes, in Tally tally)
    {
        _node.Meters.Connections.Sent(bytes, tally.FramesOut);
        if (tally.LiveEvents == 0)
            return;
        var delivery = _node.Meters.Delivery;
        delivery.Delivered(tally.LiveEvents);
        if (delivery.IsTimed)
            delivery.Took(_node.Around.Hub.Now - tally.OldestAt);
        if (tally.Traced is { } traced)
            _node.Traces?.Delivered(traced, _connection.Device);
    }

    private async ValueTask SendCloseAsync()
    {
        Volatile.Write(ref _closeSentAt, _node.Now.Since.Ticks);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await _socket.CloseOutputAsync((WebSocketCloseStatus)_closeCode, CloseReasons.Of(_closeCode), CancellationToken.None)
                .ConfigureAwait(false);
        }
    }
}
