using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// What is written goes to the socket with the next flush, on the caller's thread: one call to the system where the socket has room, which is nearly
/// always. A flush is over when the system has taken everything, so a peer that does not read holds its writer back. Between flushes it holds no memory.
/// </summary>
/// <param name="socket">Does not block.</param>
internal sealed class SocketOutput(Socket socket) : PipeWriter, IDisposable
{
    private readonly PooledBuffer _written = new();
    private bool _isOver;

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    /// <summary>Completed where nobody is there any more; then nothing was sent.</summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var sent = 0;
        if (!_isOver && _written.WrittenCount > 0)
        {
            sent = socket.Send(_written.Written.Span, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                _isOver = true;
            else if (sent < _written.WrittenCount)
                return SendRestAsync(Math.Max(0, sent));
        }
        return new ValueTask<FlushResult>(End());
    }

    public override void CancelPendingFlush() => throw new NotSupportedException("A flush ends with its socket.");

    /// <summary>Nobody writes any more; what was not flushed is dropped.</summary>
    public override void Complete(Exception? exception = null) => _written.Dispose();

    public void Dispose() => Complete();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> SendRestAsync(int sent)
    {
        try
        {
            while (sent < _written.WrittenCount)
                sent += await socket.SendAsync(_written.Written[sent..], SocketFlags.None).ConfigureAwait(false);
        }
        catch (Exception torn) when (torn is SocketException or ObjectDisposedException)
        {
            _isOver = true;
        }
        return End();
    }

    private FlushResult End()
    {
        _written.Dispose();
        return new FlushResult(isCanceled: false, _isOver);
    }
}
