using System.Buffers;
using System.Net.WebSockets;
using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>
/// One socket: opens it, reads messages for the loop, sends what the loop filled, and says how it ended. Its reader is its only task.
/// At most <see cref="MessagesAhead"/> messages wait for the loop; then the socket is not read, and TCP holds the gateway back.
/// </summary>
internal sealed class GatewaySocket(int number, EngineLoop loop, HoliClientOptions options) : IDisposable
{
    private const int MessagesAhead = 4;
    private const int FirstBytes = 4_096;
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _ahead = new(MessagesAhead);
    private WebSocket? _socket;
    private int _isDropped;

    public int Number { get; } = number;

    /// <summary>A message is on its way out.</summary>
    public bool IsSending { get; private set; }

    public PooledOutput Output { get; } = new();

    /// <summary>Opens the socket and reads it to its end.</summary>
    public async Task RunAsync()
    {
        var status = 0;
        try
        {
            var socket = await options.Connector.ConnectAsync(options.Endpoint, _end.Token).ConfigureAwait(false);
            Volatile.Write(ref _socket, socket);
            if (Volatile.Read(ref _isDropped) == 1)
                socket.Dispose();
            await loop.PostAsync((engine, time) => engine.OnOpened(Number, time)).ConfigureAwait(false);
            status = await ReadAsync(socket).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            // However it failed, the attempt is over; the backoff decides what comes next (§12).
            if (Volatile.Read(ref _isDropped) == 0)
                loop.Report(HoliCode.None, "The connection could not be made or broke.", failed);
        }
        Drop((HoliCode)status);
        await loop.PostAsync((engine, time) => engine.OnClosed(Number, status, time)).ConfigureAwait(false);
    }

    /// <summary>Begins to send what is in <see cref="Output"/>. True where it is sent already.</summary>
    public bool Send()
    {
        ValueTask sending;
        try
        {
            sending = _socket!.SendAsync(Output.Written, WebSocketMessageType.Binary, endOfMessage: true, _end.Token);
        }
        catch (Exception failed) when (IsEnd(failed))
        {
            sending = ValueTask.FromException(failed);
        }
        if (sending.IsCompletedSuccessfully)
        {
            Output.Free();
            return true;
        }
        IsSending = true;
        _ = FinishAsync(sending);
        return false;
    }

    /// <summary>The loop has handled a message: the next may be read.</summary>
    public void Handled() => _ahead.Release();

    /// <summary>Ends it now. With a code a close frame is tried first, for a second at most: as the first word or as the answer to the gateway's.</summary>
    public void Drop(HoliCode code)
    {
        if (Interlocked.Exchange(ref _isDropped, 1) == 1)
            return;
        if (code != HoliCode.None && !IsSending && _socket is { State: WebSocketState.Open or WebSocketState.CloseReceived } socket)
            _ = CloseAsync(socket, code);
        else
            Dispose();
    }

    public void Dispose()
    {
        _end.Cancel();
        _socket?.Abort();
        _socket?.Dispose();
    }

    private static bool IsEnd(Exception failed) =>
        failed is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;

    private async Task<int> ReadAsync(WebSocket socket)
    {
        while (true)
        {
            await _ahead.WaitAsync(_end.Token).ConfigureAwait(false);
            // An idle socket holds no buffer: this waits for the first byte of the next message, or takes a close frame or an empty message.
            var first = await socket.ReceiveAsync(Memory<byte>.Empty, _end.Token).ConfigureAwait(false);
            if (first.MessageType == WebSocketMessageType.Close)
                return CloseStatusOf(socket);
            if (first.EndOfMessage)
                return (int)HoliCode.EmptyMessage;
            var (bytes, count, status) = await ReadMessageAsync(socket).ConfigureAwait(false);
            if (status is not null)
            {
                ArrayPool<byte>.Shared.Return(bytes);
                return status.Value;
            }
            await loop.PostMessageAsync(this, bytes, count).ConfigureAwait(false);
        }
    }

    private static int CloseStatusOf(WebSocket socket) => (int?)socket.CloseStatus ?? 0;

    private async Task<(byte[] Bytes, int Count, int? Status)> ReadMessageAsync(WebSocket socket)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
        for (var count = 0; ;)
        {
            var read = await socket.ReceiveAsync(bytes.AsMemory(count), _end.Token).ConfigureAwait(false);
            count += read.Count;
            if (read.MessageType == WebSocketMessageType.Close)
                return (bytes, 0, CloseStatusOf(socket));
            if (read.MessageType == WebSocketMessageType.Text)
                return (bytes, 0, (int)HoliCode.TextMessage);
            if (read.EndOfMessage)
                return (bytes, count, null);
            if (count == bytes.Length)
            {
                // One byte more than a message may have is enough to know that it is too large (§2.2).
                if (count > WireLimits.MessageBytesMax)
                    return (bytes, 0, (int)HoliCode.TooLarge);
                var grown = ArrayPool<byte>.Shared.Rent(Math.Min(count * 2, WireLimits.MessageBytesMax + 1));
                bytes.AsSpan(0, count).CopyTo(grown);
                ArrayPool<byte>.Shared.Return(bytes);
                bytes = grown;
            }
        }
    }

    private async Task FinishAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception failed) when (IsEnd(failed))
        {
            await EndAsync().ConfigureAwait(false);
        }
        await loop.PostAsync((_, _) =>
        {
            Output.Free();
            IsSending = false;
        }).ConfigureAwait(false);
    }

    // Nothing can be sent any more. What the gateway said last, its close code above all, may have come before that and not been read yet:
    // the reader gets a moment to find it. It sees the end in any case, and tells it.
    private async Task EndAsync()
    {
        try
        {
            await Task.Delay(CloseWait, options.TimeProvider, _end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The reader was there first.
        }
        _socket?.Abort();
    }

    private async Task CloseAsync(WebSocket socket, HoliCode code)
    {
        try
        {
            using var limit = new CancellationTokenSource(CloseWait, options.TimeProvider);
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (IsEnd(failed))
        {
            // It was only a courtesy.
        }
        Dispose();
    }
}
