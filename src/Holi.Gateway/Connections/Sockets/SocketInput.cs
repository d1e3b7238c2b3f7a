using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// What a socket receives, read straight from it: no second pipe behind the first, no loop that fills it. While nothing comes it holds no memory.
/// One reads at a time, and nothing cancels a read but the end of the socket.
/// </summary>
/// <param name="socket">Does not block.</param>
internal sealed class SocketInput(Socket socket) : PipeReader
{
    // More than any header and control frame of a WebSocket: what cannot be taken apart yet always leaves room for more.
    private const int BufferBytes = 4096;

    private byte[]? _buffer;
    private int _start, _end;
    private bool _isExamined, _isOver;

    /// <summary>
    /// Over when there is something to read, or the socket's end. A connection spends its life here, so nothing is held meanwhile but what the
    /// socket itself needs.
    /// </summary>
    public ValueTask<int> WaitAsync() =>
        _buffer is null && !_isOver ? socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None) : default;

    public override bool TryRead(out ReadResult result)
    {
        result = Current();
        return _isOver || (_end > _start && !_isExamined);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out var result))
            return new ValueTask<ReadResult>(result);
        var count = socket.Receive(Room(), SocketFlags.None, out var error);
        if (error == SocketError.Success)
            return new ValueTask<ReadResult>(Received(count));
        if (_start == _end)
            GiveBack();
        return error == SocketError.WouldBlock ? ReceiveAsync() : ValueTask.FromException<ReadResult>(new IOException($"The socket failed: {error}."));
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_buffer is null)
            return;
        var current = Current().Buffer;
        _isExamined = current.GetOffset(examined) == current.GetOffset(current.End);
        _start += (int)(current.GetOffset(consumed) - current.GetOffset(current.Start));
        if (_start == _end)
            GiveBack();
    }

    public override void CancelPendingRead() => throw new NotSupportedException("A read ends with its socket.");

    /// <summary>Nobody reads any more.</summary>
    public override void Complete(Exception? exception = null) => GiveBack();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync()
    {
        try
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
            return Received(await socket.ReceiveAsync(RoomMemory(), SocketFlags.None).ConfigureAwait(false));
        }
        catch (SocketException torn)
        {
            throw new IOException(torn.Message, torn);
        }
    }

    private Span<byte> Room() => RoomMemory().Span;

    // Behind what was not consumed.
    private Memory<byte> RoomMemory()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
        if (_start > 0)
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        return _buffer.AsMemory(_end);
    }

    private ReadResult Received(int count)
    {
        _isOver = count == 0;
        _end += count;
        _isExamined = false;
        if (_start == _end)
            GiveBack();
        return Current();
    }

    private ReadResult Current() =>
        new(_buffer is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer, _start, _end - _start), isCanceled: false, _isOver);

    private void GiveBack()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        _buffer = null;
        (_start, _end, _isExamined) = (0, 0, false);
    }
}
