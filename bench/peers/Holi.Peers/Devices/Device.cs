using System.Buffers;
using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// A device of any peer: one person in one room, over as many connections as it takes. A derived class speaks the peer's protocol and does nothing
/// else; connections, counting, what is sent again after a cut, and all waiting are the same for every peer.
/// </summary>
internal abstract class Device(Seat seat) : IAsyncDisposable
{
    /// <summary>Bytes of texts gathered in one WebSocket message, where the protocol lets several share one.</summary>
    private const int BatchBytes = 16 * 1024;

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);

    private readonly ArrayBufferWriter<byte> _batch = new(256);
    private readonly List<byte[]> _outbox = [];
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Link? _link;
    private long _acknowledged;

    public Seat Seat { get; } = seat;

    public TextHeard? OnText { get; set; }

    /// <summary>It keeps texts until they are acknowledged and sends the others again on its next connection, as a client that cares does.</summary>
    public bool KeepsTexts { get; init; }

    /// <summary>How many of its texts the server has said to have, in the order in which they were queued.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Bytes of this connection so far: sent, of these answers to what came (acknowledgements, pongs), and received.</summary>
    public (long Sent, long Answered, long Received) Bytes => _link is { } link ? (link.Sent, link.Answered, link.Received) : default;

    /// <summary>The WebSocket's address; null where the peer speaks over plain TCP.</summary>
    protected abstract WebSocketAddress? Address { get; }

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

    /// <summary>Queues a text behind those queued before; <see cref="Flush"/> sends.</summary>
    public void Queue(ReadOnlySpan<byte> text)
    {
        if (KeepsTexts)
            _outbox.Add(text.ToArray());
        Encode(text);
    }

    /// <summary>Sends what is queued; does not wait.</summary>
    public void Flush()
    {
        lock (_batch)
            SayBatch();
        _link?.Flush();
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
        if (_link is not { } link)
            return;
        link.Cut();
        await link.Ended;
        _link = null;
    }

    /// <summary>Fails where the connection has ended by itself.</summary>
    public void ThrowIfEnded()
    {
        if (_link?.Ended is { IsCompleted: true, Result: { } why })
            throw new IOException($"{Seat.User} lost its connection: {why.Message}", why);
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
    protected void Say(ReadOnlySpan<byte> message) => _link?.Say(message);

    /// <summary>Writes and sends a message that answers something which came earlier.</summary>
    protected void AnswerLate(ReadOnlySpan<byte> message)
    {
        _link?.Say(message, isAnswer: true);
        _link?.Flush();
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

    private async Task OpenAsync(CancellationToken cancel)
    {
        await CutAsync();
        await BeforeOpeningAsync(cancel);
        _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_batch)
            _batch.ResetWrittenCount();
        var link = _link = await Link.OpenAsync(Seat.Port, Address, OnOpened, Read, cancel);
        link.Begin(Seat.Port);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ReadyTimeout);
        await Task.WhenAny(_ready.Task, link.Ended).WaitAsync(patience.Token);
        if (!_ready.Task.IsCompleted)
            throw new IOException($"{Seat.User} lost its connection before it was in its room: {link.Ended.Result?.Message}", link.Ended.Result);
    }

    private void SayBatch()
    {
        if (_batch.WrittenCount == 0)
            return;
        Say(_batch.WrittenSpan);
        _batch.ResetWrittenCount();
    }
}
