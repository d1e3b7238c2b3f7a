using System.Buffers;
using System.Net.Sockets;

namespace Holi.Peers.Lines;

/// <summary>
/// One TCP connection of the driver, the same for every peer: counts its bytes as they cross the socket, sends everything that was written since
/// the last send in one call, and waits for input without a buffer. Nothing here knows a protocol.
/// </summary>
internal sealed class Line : IDisposable
{
    /// <summary>Bytes of one read: many messages of the sizes used here, and what the shared pool keeps.</summary>
    private const int ReadBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly Lock _writing = new();
    private ArrayBufferWriter<byte> _next = new(1_024), _leaving = new(1_024);
    private long _sent, _received;
    private bool _isSending, _isCut;

    private Line(Socket socket) => _socket = socket;

    /// <summary>Bytes sent since it was opened, the opening itself included.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Bytes received since it was opened, the opening itself included.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Completes when the connection is over; with why, where nobody cut it here.</summary>
    public Task<Exception?> Ended { get; private set; } = Task.FromResult<Exception?>(null);

    public static async Task<Line> OpenAsync(int port, CancellationToken cancel)
    {
        // Lingering for no time: what is cut leaves no TIME_WAIT behind, of which thousands of connections a minute would run out.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new(true, 0) };
        try
        {
            await socket.ConnectAsync("127.0.0.1", port, cancel);
            return new Line(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins to receive. <paramref name="read"/> is given all bytes that it has not taken yet, and returns how many it takes.</summary>
    public void Listen(Func<ReadOnlyMemory<byte>, int> read) => Ended = ReceiveAsync(read);

    /// <summary>Adds bytes behind those that wait; <see cref="Flush"/> sends them.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
            _next.Write(bytes);
    }

    /// <summary>Sends what was written, as soon as the socket takes it; does not wait.</summary>
    public void Flush()
    {
        lock (_writing)
        {
            if (_isSending || _isCut || _next.WrittenCount == 0)
                return;
            _isSending = true;
        }
        _ = SendAsync();
    }

    /// <summary>Ends it at once and without a word, as a dead network does.</summary>
    public void Cut()
    {
        lock (_writing)
            _isCut = true;
        _socket.Dispose();
    }

    public void Dispose() => Cut();

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                lock (_writing)
                {
                    _leaving.ResetWrittenCount();
                    if (_next.WrittenCount == 0 || _isCut)
                    {
                        _isSending = false;
                        return;
                    }
                    (_next, _leaving) = (_leaving, _next);
                }
                for (var rest = _leaving.WrittenMemory; rest.Length > 0;)
                {
                    var count = await _socket.SendAsync(rest).ConfigureAwait(false);
                    Interlocked.Add(ref _sent, count);
                    rest = rest[count..];
                }
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // The receiving side tells; what was not sent is not counted.
        }
    }

    private async Task<Exception?> ReceiveAsync(Func<ReadOnlyMemory<byte>, int> read)
    {
        var (buffer, kept) = (Array.Empty<byte>(), 0);
        try
        {
            while (true)
            {
                if (kept == 0)
                {
                    await _socket.ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false);
                    buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
                }
                else if (kept == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
                var count = await _socket.ReceiveAsync(buffer.AsMemory(kept)).ConfigureAwait(false);
                if (count == 0)
                    return new IOException("The server closed the connection.");
                Interlocked.Add(ref _received, count);
                kept = Take(read, buffer, kept + count);
                if (kept == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = [];
                }
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            return _isCut ? null : over;
        }
        catch (Exception wrong)
        {
            // A protocol's mistake, the driver's or the peer's: whoever waits for this connection must see it.
            return wrong;
        }
        finally
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // What the reader left moves to the front.
    private static int Take(Func<ReadOnlyMemory<byte>, int> read, byte[] buffer, int length)
    {
        var taken = read(buffer.AsMemory(0, length));
        if (taken < length)
            buffer.AsSpan(taken, length - taken).CopyTo(buffer);
        return length - taken;
    }

    private static byte[] Grow(byte[] buffer)
    {
        var grown = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(grown, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return grown;
    }
}
