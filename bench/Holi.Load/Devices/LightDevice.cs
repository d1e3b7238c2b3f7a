using System.Buffers;
using System.Net.WebSockets;
using Holi.Load.Network;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Load.Devices;

/// <summary>
/// A device with nothing behind it: it speaks the protocol, acknowledges when the SDK would, and forgets. For measures of the gateway's own cost, where a
/// real client's store would be measured too. One receive loop; sends are serialised by a semaphore.
/// </summary>
internal sealed class LightDevice : IAsyncDisposable
{
    private const long BulkCreditBytes = 4 << 20;

    private readonly LightIdentity _identity;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource<WelcomeFrame> _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _topicsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<uint, string> _names = [];
    private readonly Dictionary<string, uint> _numbers = [];
    private readonly Dictionary<uint, ulong> _acks = [];
    private readonly Dictionary<string, TaskCompletionSource> _awaited = [];
    private readonly HashSet<uint> _live = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly string _user;
    private readonly Func<Task> _acknowledgeLate;
    private Task _receiving = Task.CompletedTask;
    private long _timeBase;
    private readonly PartAssembler _parts = new(Side.Gateway);
    private long _bulkUsed;
    private bool _isInParts;
    private int _topicsLeft = int.MaxValue;
    private ulong _seq;
    private ulong _committed;

    /// <param name="user">Whose it is.</param>
    /// <param name="identity">That of an earlier connection, to be the same device again; it may not have sent commands. Null: a new device.</param>
    public LightDevice(string user, LightIdentity? identity = null)
    {
        (_user, _identity) = (user, identity ?? new LightIdentity());
        _acknowledgeLate = AcknowledgeLateAsync;
    }

    /// <summary>Called on the receive loop for each event; must be quick. The payload lives as long as the call.</summary>
    public Action<LightDevice, EventFrame>? OnEvent { get; set; }

    /// <summary>Called on the receive loop when commands were committed.</summary>
    public Action<LightDevice, ulong>? OnCommit { get; set; }

    /// <summary>Called on the receive loop for each topic announced.</summary>
    public Action<TopicFrame>? OnTopic { get; set; }

    public string User => _user;
    public ulong LastSeq => _seq;
    public ulong Committed => Volatile.Read(ref _committed);
    public Exception? Failure { get; private set; }
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>Called on the receive loop when the gateway says that it is going to close.</summary>
    public Action<GoAwayFrame>? OnGoAway { get; set; }

    /// <summary>The number of the address of this machine's loopback that it connects from: what one address may have is bounded, in ports and by gateways.</summary>
    public int Address { get; init; }

    /// <summary>Completes when the connection is over.</summary>
    public Task Ended => _receiving;

    /// <summary>Opens the socket and says Hello; completes at Welcome.</summary>
    public async Task<WelcomeFrame> ConnectAsync(
        Uri endpoint, string token, long backlog, IReadOnlyList<TopicCursor> cursors, CancellationToken cancel)
    {
        _socket.Options.AddSubProtocol("holi.v1");
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await _socket.ConnectAsync(endpoint, LoopbackAddresses.From(Address), cancel);
        var hello = new HelloFrame
        {
            Token = token,
            Device = _identity.Device,
            Generation = _identity.Generation,
            Opening = ++_identity.Opening,
            Backlog = backlog,
            Cursors = cursors,
            BulkCredit = BulkCreditBytes,
            Client = "Holi.Load",
        };
        await SendAsync(hello.Write, cancel);
        _receiving = Task.Run(ReceiveAsync, CancellationToken.None);
        var welcome = await _welcome.Task.WaitAsync(cancel);
        _identity.Generation = welcome.Generation;
        return welcome;
    }

    /// <summary>Completes when every topic that Welcome announced is known.</summary>
    public Task TopicsReadAsync(CancellationToken cancel) => _topicsRead.Task.WaitAsync(cancel);

    /// <summary>Completes when the gateway has announced <paramref name="topic"/>.</summary>
    public Task FollowsAsync(string topic, CancellationToken cancel)
    {
        lock (_numbers)
        {
            if (_numbers.ContainsKey(topic))
                return Task.CompletedTask;
            if (!_awaited.TryGetValue(topic, out var awaited))
                _awaited[topic] = awaited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return awaited.Task.WaitAsync(cancel);
        }
    }

    /// <summary>Sends one command; its seq is returned.</summary>
    public async Task<ulong> CommandAsync(string topic, ushort type, byte[] payload, CancellationToken cancel)
    {
        uint number;
        lock (_numbers)
            _numbers.TryGetValue(topic, out number);
        ulong seq = 0;
        await SendAsync(
            output =>
            {
                seq = ++_seq;
                var name = number == 0 ? new ReadOnlySequence<byte>(System.Text.Encoding.UTF8.GetBytes(topic)) : default;
                new CommandFrame(seq, 0, 0, number, name, type, new ReadOnlySequence<byte>(payload)).Write(output);
            },
            cancel);
        return seq;
    }

    /// <summary>Posts many at once, in one WebSocket message; they must be few and small enough for one. The first seq is returned.</summary>
    public async Task<ulong> PostManyAsync(string topic, IReadOnlyList<string> texts, CancellationToken cancel)
    {
        uint number;
        lock (_numbers)
            number = _numbers[topic];
        ulong first = 0;
        await SendAsync(
            output =>
            {
                first = _seq + 1;
                foreach (var text in texts)
                {
                    var payload = new MessagePost(text, null, null, null).ToBytes();
                    new CommandFrame(++_seq, 0, 0, number, default, MessageTypes.MessagePost, new ReadOnlySequence<byte>(payload)).Write(output);
                }
            },
            cancel);
        return first;
    }

    /// <summary>Cuts the connection without a word, as a dead network does.</summary>
    public void Cut() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _socket.Abort();
        try
        {
            await _receiving;
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            Failure ??= failure;
        }
        _socket.Dispose();
        _sending.Dispose();
        _ending.Dispose();
    }

    private async Task SendAsync(Action<IBufferWriter<byte>> write, CancellationToken cancel)
    {
        await _sending.WaitAsync(cancel);
        try
        {
            var output = new ArrayBufferWriter<byte>(512);
            write(output);
            if (output.WrittenCount > 0)
                await _socket.SendAsync(output.WrittenMemory, WebSocketMessageType.Binary, true, cancel);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = Array.Empty<byte>();
        try
        {
            while (true)
            {
                // A zero-byte receive waits without a buffer: thousands of quiet devices share one machine with what they measure.
                var first = await _socket.ReceiveAsync(Memory<byte>.Empty, _ending.Token);
                buffer = ArrayPool<byte>.Shared.Rent(WireLimits.MessageBytesMax);
                var length = 0;
                while (true)
                {
                    if (first.MessageType == WebSocketMessageType.Close)
                        throw new WebSocketException($"closed with {(int?)_socket.CloseStatus} {_socket.CloseStatusDescription}");
                    var received = await _socket.ReceiveAsync(buffer.AsMemory(length), _ending.Token);
                    first = received;
                    length += received.Count;
                    if (received.EndOfMessage && received.MessageType != WebSocketMessageType.Close)
                        break;
                }
                await HandleAsync(new ReadOnlySequence<byte>(buffer, 0, length));
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = [];
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            Failure = failure;
            _welcome.TrySetException(failure);
            _topicsRead.TrySetException(failure);
        }
        finally
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task HandleAsync(ReadOnlySequence<byte> message)
    {
        Read(message);
        // Credit goes back as soon as what it paid for is stored: it tells the gateway how fast the link is (§5.4).
        if (Interlocked.Exchange(ref _bulkUsed, 0) is var credit and > 0)
            await SendAsync(new CreditFrame(Lane.Bulk, (ulong)credit).Write, _ending.Token);
    }

    // Of whatever came so far.
    private async Task AcknowledgeAsync()
    {
        AckEntry[] acks;
        lock (_acks)
        {
            acks = [.. _acks.Select(ack => new AckEntry(ack.Key, ack.Value))];
            _acks.Clear();
        }
        if (acks.Length > 0)
            await SendAsync(output => AckFrame.Write(output, acks), _ending.Token);
    }

    private async Task AcknowledgeLateAsync()
    {
        try
        {
            await AcknowledgeAsync();
        }
        catch (Exception over) when (over is WebSocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The receive loop finds the end, too.
        }
    }

    private void Stored(uint topic, ulong through)
    {
        lock (_acks)
        {
            if (_acks.Count == 0)
                LateAcks.Add(_acknowledgeLate);
            _acks[topic] = through;
        }
    }

    private void Read(in ReadOnlySequence<byte> message)
    {
        var reader = new FrameReader(message);
        Violation violation;
        while (reader.TryRead(out var frame, out violation))
            Read(frame);
        if (!violation.IsNone)
            throw new InvalidOperationException($"The gateway broke {violation.Section}: {violation.Code}.");
    }

    private void Read(in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Welcome when WelcomeFrame.TryRead(frame.Body, out var welcome, out _):
                _timeBase = welcome.TimeBaseMs;
                _seq = _committed = welcome.Committed;
                _topicsLeft = welcome.Topics;
                _welcome.TrySetResult(welcome);
                if (_topicsLeft == 0)
                    _topicsRead.TrySetResult();
                break;
            case FrameKind.Part when PartFrame.TryRead(frame.Body, out var part, out _):
                ReadPart(part, frame.WireBytes);
                break;
            case FrameKind.Topic when TopicFrame.TryRead(frame.Body, out var topic, out _):
                _names[topic.Number] = topic.Name;
                _live.Remove(topic.Number);
                OnTopic?.Invoke(topic);
                lock (_numbers)
                {
                    _numbers[topic.Name] = topic.Number;
                    if (_awaited.Remove(topic.Name, out var awaited))
                        awaited.TrySetResult();
                }
                if (--_topicsLeft == 0)
                    _topicsRead.TrySetResult();
                break;
            case FrameKind.Event when EventFrame.TryRead(frame.Body, _timeBase, out var happened, out _):
                CountBulk(happened.Topic, frame);
                Stored(happened.Topic, happened.Offset);
                OnEvent?.Invoke(this, happened);
                break;
            case FrameKind.Skip when SkipFrame.TryRead(frame.Body, out var skip, out _):
                CountBulk(skip.Topic, frame);
                Stored(skip.Topic, skip.Through);
                break;
            case FrameKind.Complete when CompleteFrame.TryRead(frame.Body, out var complete, out _):
                CountBulk(complete.Topic, frame);
                _live.Add(complete.Topic);
                break;
            case FrameKind.GoAway when GoAwayFrame.TryRead(frame.Body, out var goAway, out _):
                OnGoAway?.Invoke(goAway);
                break;
            case FrameKind.Commit when CommitFrame.TryRead(frame.Body, out var commit, out _):
                Volatile.Write(ref _committed, commit.Committed);
                OnCommit?.Invoke(this, commit.Committed);
                break;
            default:
                break;
        }
    }

    // Paid for as it comes: what it completes is not paid for again.
    private void ReadPart(in PartFrame part, int wireBytes)
    {
        if (part.Lane == Lane.Bulk)
            Interlocked.Add(ref _bulkUsed, wireBytes);
        if (_parts.TryAdd(part.Lane, part.Last, part.Bytes, out var bytes, out var violation))
        {
            var reader = new FrameReader(bytes, WireLimits.FrameBytesMax);
            _isInParts = true;
            if (reader.TryRead(out var whole, out violation))
                Read(whole);
            _isInParts = false;
            _parts.Release(part.Lane);
        }
        if (!violation.IsNone)
            throw new InvalidOperationException($"The gateway broke {violation.Section}: {violation.Code}.");
    }

    // A topic's frames are paid with bulk credit up to and including its first Complete (§5.3).
    private void CountBulk(uint topic, in Frame frame)
    {
        if (!_isInParts && !_live.Contains(topic))
            Interlocked.Add(ref _bulkUsed, frame.WireBytes);
    }

    /// <summary>The name of a topic number of this connection.</summary>
    public string NameOf(uint topic) => _names.TryGetValue(topic, out var name) ? name : "";

    /// <summary>Posts <paramref name="text"/>.</summary>
    public Task<ulong> PostAsync(string topic, string text, CancellationToken cancel) =>
        CommandAsync(topic, MessageTypes.MessagePost, new MessagePost(text, null, null, null).ToBytes(), cancel);
}
