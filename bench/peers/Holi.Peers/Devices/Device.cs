using System.Buffers;
using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// A device of any peer: one person in one room, over as many connections as it takes. A derived class speaks the peer's protocol and does nothing
/// else; lines, counting, what is sent again after a cut, and all waiting are the same for every peer.
/// </summary>
internal abstract class Device(Seat seat) : IAsyncDisposable
{
    /// <summary>Bytes of texts gathered in one WebSocket message, where the protocol lets several share one.</summary>
    private const int BatchBytes = 16 * 1024;

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    private readonly ArrayBufferWriter<byte> _batch = new(256);
    private readonly ArrayBufferWriter<byte> _rest = new();
    private readonly List<byte[]> _outbox = [];
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebSocketFrames? _frames;
    private Line? _line;
    private long _acknowledged, _sentBefore, _receivedBefore, _answered;
    private bool _isUpgraded;

    // The device whose input this thread is reading: what it writes meanwhile are answers.
    [ThreadStatic]
    private static Device? _reading;

    public Seat Seat { get; } = seat;

    public TextHeard? OnText { get; set; }

    /// <summary>How many of its texts the server has said to have, in the order in which they were queued.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Bytes sent over all of its connections.</summary>
    public long Sent => _sentBefore + (_line?.Sent ?? 0);

    /// <summary>Bytes received over all of its connections.</summary>
    public long Received => _receivedBefore + (_line?.Received ?? 0);

    /// <summary>Of <see cref="Sent"/>, what answered something that came: acknowledgements, pongs.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>It keeps texts until they are acknowledged and sends the others again on its next connection, as a client that cares does.</summary>
    public bool KeepsTexts { get; init; }

    /// <summary>The path of the WebSocket; null where the peer speaks over plain TCP.</summary>
    protected virtual string? Target => null;

    protected virtual string? Subprotocol => null;

    /// <summary>Its WebSocket messages are text.</summary>
    protected virtual bool SpeaksText => false;

    /// <summary>Connects, or connects again; completes when the device is in its room and is sent what is said there.</summary>
    public async Task ConnectAsync(CancellationToken cancel)
    {
        try
        {
            await OpenAsync(cancel);
        }
        catch (IOException) when (TryForget())
        {
            // What it remembered is of a server's earlier life.
            await OpenAsync(cancel);
        }
        // Without a lock: whoever queues texts does so before or after connecting, never meanwhile.
        foreach (var text in _outbox.Skip((int)Acknowledged))
            EncodeAgain(text);
        Flush();
    }

    private async Task OpenAsync(CancellationToken cancel)
    {
        await CutAsync();
        await BeforeOpeningAsync(cancel);
        _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _rest.ResetWrittenCount();
        lock (_batch)
            _batch.ResetWrittenCount();
        var line = _line = await Line.OpenAsync(Seat.Port, cancel);
        _isUpgraded = Target is null;
        if (_isUpgraded)
        {
            line.Listen(ReadBytes);
            OnOpened();
        }
        else
        {
            _frames = new WebSocketFrames(line);
            line.Listen(ReadBytes);
            _frames.Ask(Seat.Port, Target!, Subprotocol);
        }
        await WaitForAsync(_ready.Task, "its room", cancel);
    }

    /// <summary>Queues a text behind those queued before; <see cref="Flush"/> sends.</summary>
    public void Queue(ReadOnlySpan<byte> text)
    {
        if (KeepsTexts)
            _outbox.Add(text.ToArray());
        Encode(text);
    }

    /// <summary>Keeps a text for the next connection.</summary>
    public void Keep(ReadOnlySpan<byte> text) => _outbox.Add(text.ToArray());

    /// <summary>Sends what is queued; does not wait.</summary>
    public virtual void Flush()
    {
        lock (_batch)
            SayBatch();
        _line?.Flush();
    }

    /// <summary>Queues and sends one text.</summary>
    public void Send(ReadOnlySpan<byte> text)
    {
        Queue(text);
        Flush();
    }

    /// <summary>Ends the connection without a word, as a dead network does.</summary>
    public async Task CutAsync()
    {
        if (_line is not { } line)
            return;
        line.Cut();
        await line.Ended;
        _sentBefore += line.Sent;
        _receivedBefore += line.Received;
        _line = null;
        _frames = null;
    }

    /// <summary>Fails where the connection has ended by itself.</summary>
    public void ThrowIfEnded()
    {
        if (_line?.Ended is { IsCompleted: true, Result: { } why })
            throw new IOException($"{Seat.User} lost its connection: {why.Message}", why);
    }

    /// <summary>Completes with the task, or fails when the connection ends first.</summary>
    public async Task WaitForAsync(Task task, string what, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ReadyTimeout);
        await Task.WhenAny(task, _line!.Ended).WaitAsync(patience.Token);
        if (task.IsCompleted)
            await task;
        else
            throw new IOException($"{Seat.User} lost its connection before it had {what}: {_line.Ended.Result?.Message}", _line.Ended.Result);
    }

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the peer asks for before the socket is opened.</summary>
    protected virtual Task BeforeOpeningAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Forgets what it remembered of an earlier connection; false where there is nothing, or where it is no use forgetting.</summary>
    protected virtual bool TryForget() => false;

    /// <summary>The socket is open, a WebSocket upgraded: say hello.</summary>
    protected abstract void OnOpened();

    /// <summary>Reads whole pieces of the protocol off the front; returns how many bytes it took. The rest comes again, with more.</summary>
    protected abstract int Read(ReadOnlyMemory<byte> bytes);

    /// <summary>Writes one text as the protocol has it, with <see cref="Say"/> or <see cref="Gather"/>.</summary>
    protected abstract void Encode(ReadOnlySpan<byte> text);

    /// <summary>Writes one text that may have been sent on an earlier connection.</summary>
    protected virtual void EncodeAgain(ReadOnlySpan<byte> text) => Encode(text);

    /// <summary>The device is in its room.</summary>
    protected void OnReady() => _ready.TrySetResult();

    protected void OnHeard(ReadOnlySpan<byte> text) => OnText?.Invoke(this, text);

    /// <summary>The server says that it has so many more of the device's texts.</summary>
    protected void OnAcknowledged(long count) => Interlocked.Add(ref _acknowledged, count);

    /// <summary>Writes a message: on a WebSocket one of its own.</summary>
    protected void Say(ReadOnlySpan<byte> message)
    {
        var bytes = message.Length;
        if (_frames is { } frames)
            bytes = frames.Write(message, SpeaksText);
        else
            _line?.Write(message);
        if (_reading == this)
            Interlocked.Add(ref _answered, bytes);
    }

    /// <summary>Writes a piece that may share a WebSocket message with its neighbours.</summary>
    protected void Gather(ReadOnlySpan<byte> piece)
    {
        lock (_batch)
        {
            if (_batch.WrittenCount > 0 && _batch.WrittenCount + piece.Length > BatchBytes)
                SayBatch();
            _batch.Write(piece);
        }
    }

    private void SayBatch()
    {
        if (_batch.WrittenCount == 0)
            return;
        Say(_batch.WrittenSpan);
        _batch.ResetWrittenCount();
    }

    private int ReadBytes(ReadOnlyMemory<byte> bytes)
    {
        _reading = this;
        try
        {
            return _frames is null ? Read(bytes) : ReadWebSocket(bytes);
        }
        finally
        {
            _reading = null;
        }
    }

    private int ReadWebSocket(ReadOnlyMemory<byte> bytes)
    {
        var taken = 0;
        if (!_isUpgraded)
        {
            taken = WebSocketFrames.TryTakeAnswer(bytes.Span);
            if (taken == 0)
                return 0;
            _isUpgraded = true;
            OnOpened();
        }
        return taken + _frames!.Read(bytes[taken..], ReadMessage);
    }

    // Most messages hold whole pieces; where one does not, what is left waits for the next.
    private void ReadMessage(ReadOnlyMemory<byte> message)
    {
        if (_rest.WrittenCount > 0)
        {
            _rest.Write(message.Span);
            message = _rest.WrittenMemory.ToArray();
            _rest.ResetWrittenCount();
        }
        var taken = Read(message);
        if (taken < message.Length)
            _rest.Write(message.Span[taken..]);
    }
}
