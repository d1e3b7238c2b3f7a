using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios.Lanes;

/// <summary>
/// A device on a slow link, with lanes of its own for what it sends, as a client has them: it records without pause, writes, and takes in whatever comes. It
/// stores nothing: what has come is acknowledged and paid back at once.
/// </summary>
internal sealed class LaneDevice : IAsyncDisposable
{
    private const int AudioAheadBytes = 2_048, ChunkBytes = 320, LaneBytes = 256 * 1024;
    private const long BulkCreditBytes = 1 << 20;

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _lock = new();
    private readonly LaneScheduler _lanes = new(LaneBytes, paces: true);
    private readonly CreditWindow _bulk = new(BulkCreditBytes);
    private readonly PartAssembler _parts = new(Side.Gateway);
    private readonly Dictionary<string, uint> _numbers = [];
    private readonly Dictionary<uint, ulong> _acks = [];
    private readonly HashSet<uint> _catchingUp = [], _current = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly TaskCompletionSource _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private Task _sending = Task.CompletedTask, _receiving = Task.CompletedTask;
    private long _timeBase, _bulkBytes, _audioBytes;
    private ulong _seq, _chunk;
    private volatile bool _records;
    private int _partBytesMost;

    public LaneDevice(TimeProvider time) => _time = time;

    /// <summary>Called for each event, on the receiving task.</summary>
    public Action<string, EventFrame>? OnEvent { get; set; }

    /// <summary>Called on the receiving task when everything up to a seq was committed.</summary>
    public Action<ulong>? OnCommit { get; set; }

    public long BulkBytes => Interlocked.Read(ref _bulkBytes);

    public long AudioBytes => Interlocked.Read(ref _audioBytes);

    /// <summary>Bytes of the largest frame or part of the bulk lane that came since this was set to 0.</summary>
    public int PartBytesMost { get => Volatile.Read(ref _partBytesMost); set => Volatile.Write(ref _partBytesMost, value); }

    /// <summary>Once it was over, why.</summary>
    public Exception? Failure { get; private set; }

    public async Task ConnectAsync(Uri endpoint, string token, CancellationToken cancel)
    {
        _socket.Options.AddSubProtocol("holi.v1");
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await _socket.ConnectAsync(endpoint, cancel);
        // Nothing of what is there already comes by itself.
        var hello = new HelloFrame { Token = token, Device = "slow", Backlog = -1, BulkCredit = BulkCreditBytes, Client = "Holi.Load" };
        Send(Lane.Control, hello.Write);
        (_sending, _receiving) = (Task.Run(SendAsync, CancellationToken.None), Task.Run(ReceiveAsync, CancellationToken.None));
        await _welcome.Task.WaitAsync(cancel);
    }

    /// <summary>Asks for a topic, from its beginning or from now on.</summary>
    public void Follow(string topic, bool fromTheBeginning) => Send(Lane.Interactive, output =>
        new FollowFrame(0, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(topic)), 0, 0, fromTheBeginning ? int.MaxValue : 0UL).Write(output));

    /// <summary>Waits until a topic is followed and complete.</summary>
    public async Task IsCurrentAsync(string topic, CancellationToken cancel)
    {
        while (true)
        {
            if (Failure is not null)
                throw new InvalidOperationException("The device's connection is over.", Failure);
            lock (_lock)
            {
                if (_numbers.TryGetValue(topic, out var number) && _current.Contains(number))
                    return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancel);
        }
    }

    /// <summary>From now on there is always something to say in the audio lane.</summary>
    public void Record()
    {
        Send(Lane.Audio, output =>
            new RecordingOpenFrame(1, new ReadOnlySequence<byte>("visit"u8.ToArray()), new ReadOnlySequence<byte>("conversation/chat"u8.ToArray()), AudioCodec.Opus, 16_000, 1)
                .Write(output));
        _records = true;
        _wake.Release();
    }

    /// <summary>Writes to a topic; the command's seq is returned.</summary>
    public ulong Post(string topic, string text)
    {
        var payload = new ReadOnlySequence<byte>(new MessagePost(text, null, null, null).ToBytes());
        var seq = ++_seq;
        Send(Lane.Interactive, output =>
            new CommandFrame(seq, 0, 0, 0, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(topic)), MessageTypes.MessagePost, payload).Write(output));
        return seq;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _socket.Abort();
        _wake.Release();
        await Task.WhenAll(_sending, _receiving);
        _socket.Dispose();
        _ending.Dispose();
        _wake.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private void Send(Lane lane, Action<IBufferWriter<byte>> write)
    {
        lock (_lock)
            Enqueue(lane, write);
        _wake.Release();
    }

    private void Enqueue(Lane lane, Action<IBufferWriter<byte>> write)
    {
        _frame.ResetWrittenCount();
        write(_frame);
        if (!_lanes.TryEnqueueCopy(lane, _frame.WrittenSpan))
            throw new InvalidOperationException($"More waits in the {lane} lane than this link can take.");
    }

    private async Task SendAsync()
    {
        try
        {
            for (var message = new ArrayBufferWriter<byte>(); ; message.ResetWrittenCount())
            {
                if (TryFill(message))
                    await _socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Binary, true, _ending.Token);
                else
                    await _wake.WaitAsync(_ending.Token);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            Failure ??= failure;
        }
    }

    private bool TryFill(ArrayBufferWriter<byte> message)
    {
        lock (_lock)
        {
            while (_records && _lanes.PendingBytes(Lane.Audio) < AudioAheadBytes)
            {
                var sound = new ReadOnlySequence<byte>(new byte[ChunkBytes]);
                Enqueue(Lane.Audio, output => new ChunkFrame(1, ++_chunk, _chunk * 320, sound).Write(output));
            }
            var before = _lanes.PendingBytes(Lane.Audio);
            var filled = _lanes.TryFill(message, WireLimits.MessageBytesMax, Now);
            Interlocked.Add(ref _audioBytes, before - _lanes.PendingBytes(Lane.Audio));
            return filled;
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[WireLimits.MessageBytesMax];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult got;
                do
                {
                    got = await _socket.ReceiveAsync(buffer.AsMemory(length), _ending.Token);
                    if (got.MessageType == WebSocketMessageType.Close)
                        throw new WebSocketException($"closed with {(int?)_socket.CloseStatus}");
                    length += got.Count;
                }
                while (!got.EndOfMessage);
                lock (_lock)
                    Take(new ReadOnlySequence<byte>(buffer, 0, length));
                _wake.Release();
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Failure ??= failure;
            _welcome.TrySetException(failure);
        }
    }

    private void Take(in ReadOnlySequence<byte> message)
    {
        var reader = new FrameReader(message);
        Violation violation;
        while (reader.TryRead(out var frame, out violation))
            Take(frame, inParts: false);
        if (!violation.IsNone)
            throw new InvalidOperationException($"The gateway broke {violation.Section}: {violation.Code}.");
        if (_acks.Count > 0)
            Enqueue(Lane.Interactive, output => AckFrame.Write(output, _acks.Select(ack => new AckEntry(ack.Key, ack.Value)).ToArray()));
        _acks.Clear();
    }

    private void Take(in Frame frame, bool inParts)
    {
        switch (frame.Kind)
        {
            case FrameKind.Welcome when WelcomeFrame.TryRead(frame.Body, out var welcome, out _):
                _timeBase = welcome.TimeBaseMs;
                _lanes.AddCredit(Lane.Audio, (ulong)welcome.AudioCredit);
                _welcome.TrySetResult();
                break;
            case FrameKind.Topic when TopicFrame.TryRead(frame.Body, out var topic, out _):
                _numbers[topic.Name] = topic.Number;
                if (!topic.Name.StartsWith("alert/", StringComparison.Ordinal))
                    _catchingUp.Add(topic.Number);
                break;
            case FrameKind.Event when EventFrame.TryRead(frame.Body, _timeBase, out var happened, out _):
                Pay(happened.Topic, frame, inParts);
                _acks[happened.Topic] = happened.Offset;
                OnEvent?.Invoke(_numbers.First(topic => topic.Value == happened.Topic).Key, happened);
                break;
            case FrameKind.Skip when SkipFrame.TryRead(frame.Body, out var skip, out _):
                Pay(skip.Topic, frame, inParts);
                _acks[skip.Topic] = skip.Through;
                break;
            case FrameKind.Complete when CompleteFrame.TryRead(frame.Body, out var complete, out _):
                Pay(complete.Topic, frame, inParts);
                _catchingUp.Remove(complete.Topic);
                _current.Add(complete.Topic);
                break;
            case FrameKind.Commit when CommitFrame.TryRead(frame.Body, out var commit, out _):
                OnCommit?.Invoke(commit.Committed);
                break;
            case FrameKind.Credit when CreditFrame.TryRead(frame.Body, out var credit, out _):
                _lanes.OnCredit(credit.Lane, credit.Bytes, Now);
                break;
            case FrameKind.Ping when PingFrame.TryRead(frame.Body, out var ping, out _):
                Enqueue(Lane.Control, new PongFrame(ping.Nonce, 0).Write);
                break;
            case FrameKind.Part when PartFrame.TryRead(frame.Body, out var part, out _):
                TakePart(frame, part);
                break;
            default:
                break;
        }
    }

    private void TakePart(in Frame frame, in PartFrame part)
    {
        if (part.Lane == Lane.Bulk)
            Pay(frame.WireBytes);
        if (_parts.TryAdd(part.Lane, part.Last, part.Bytes, out var whole, out var violation))
        {
            var reader = new FrameReader(whole, WireLimits.FrameBytesMax);
            if (reader.TryRead(out var inner, out violation))
                Take(inner, inParts: true);
            _parts.Release(part.Lane);
        }
        if (!violation.IsNone)
            throw new InvalidOperationException($"The gateway broke {violation.Section}: {violation.Code}.");
    }

    // A topic's frames are paid with bulk credit up to and including its first Complete (§5.3).
    private void Pay(uint topic, in Frame frame, bool inParts)
    {
        if (!inParts && _catchingUp.Contains(topic))
            Pay(frame.WireBytes);
    }

    private void Pay(int wireBytes)
    {
        if (!_bulk.OnReceived(wireBytes).IsNone)
            throw new InvalidOperationException("The gateway sent more in bulk than it had credit for.");
        Interlocked.Add(ref _bulkBytes, wireBytes);
        _partBytesMost = Math.Max(_partBytesMost, wireBytes);
        if (_bulk.OnReleased(wireBytes) is var returned and > 0)
            Enqueue(Lane.Control, new CreditFrame(Lane.Bulk, (ulong)returned).Write);
    }
}
