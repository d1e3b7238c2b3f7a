using System.Buffers;

namespace Holi.Peers.Lines;

/// <summary>How a peer is reached over a WebSocket.</summary>
/// <param name="Target">The path, with its query.</param>
/// <param name="Subprotocol">The one to offer; null: none.</param>
/// <param name="SpeaksText">Its messages are text.</param>
internal sealed record WebSocketAddress(string Target, string? Subprotocol = null, bool SpeaksText = false);

/// <summary>
/// One connection of a device: a line, with WebSocket frames on it or without. Input is handed on in whole messages, or as it comes where there are
/// none; what the reader leaves comes again, with more. What is said while input is read are answers, and counted as such.
/// </summary>
internal sealed class Link : IDisposable
{
    // The link whose input this thread is reading.
    [ThreadStatic]
    private static Link? _reading;

    private readonly Line _line;
    private readonly WebSocketFrames? _frames;
    private readonly WebSocketAddress? _address;
    private readonly Action _onOpened;
    private readonly Func<ReadOnlyMemory<byte>, int> _read;
    private readonly ArrayBufferWriter<byte> _rest = new();
    private long _answered;
    private bool _isUpgraded;

    private Link(Line line, WebSocketAddress? address, Action onOpened, Func<ReadOnlyMemory<byte>, int> read)
    {
        (_line, _address, _onOpened, _read) = (line, address, onOpened, read);
        _frames = address is null ? null : new WebSocketFrames(line);
    }

    public long Sent => _line.Sent;

    public long Received => _line.Received;

    /// <summary>Of <see cref="Sent"/>, what answered something that came.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <inheritdoc cref="Line.Ended"/>
    public Task<Exception?> Ended => _line.Ended;

    /// <summary>Opens the socket; <see cref="Begin"/> does the rest.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="address">The WebSocket's; null: plain TCP.</param>
    /// <param name="onOpened">Called when the device may speak.</param>
    /// <param name="read">Takes whole pieces off the front and returns how many bytes it took.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Link> OpenAsync(
        int port, WebSocketAddress? address, Action onOpened, Func<ReadOnlyMemory<byte>, int> read, CancellationToken cancel) =>
        new(await Line.OpenAsync(port, cancel), address, onOpened, read);

    /// <summary>Begins to listen, and asks for the upgrade where there is one.</summary>
    public void Begin(int port)
    {
        _line.Listen(Read);
        if (_frames is null)
            _onOpened();
        else
            _frames.Ask(port, _address!.Target, _address.Subprotocol);
    }

    /// <summary>Writes a message: on a WebSocket one of its own.</summary>
    /// <param name="message">Its bytes.</param>
    /// <param name="isAnswer">It is one, though no input is read just now.</param>
    public void Say(ReadOnlySpan<byte> message, bool isAnswer = false)
    {
        var bytes = message.Length;
        if (_frames is null)
            _line.Write(message);
        else
            bytes = _frames.Write(message, _address!.SpeaksText);
        if (isAnswer || _reading == this)
            Interlocked.Add(ref _answered, bytes);
    }

    /// <inheritdoc cref="Line.Flush"/>
    public void Flush() => _line.Flush();

    /// <inheritdoc cref="Line.Cut"/>
    public void Cut() => _line.Cut();

    public void Dispose() => _line.Dispose();

    private int Read(ReadOnlyMemory<byte> bytes)
    {
        _reading = this;
        try
        {
            return _frames is null ? _read(bytes) : ReadFrames(bytes);
        }
        finally
        {
            _reading = null;
        }
    }

    private int ReadFrames(ReadOnlyMemory<byte> bytes)
    {
        var taken = 0;
        if (!_isUpgraded)
        {
            taken = WebSocketFrames.TryTakeAnswer(bytes.Span);
            if (taken == 0)
                return 0;
            _isUpgraded = true;
            _onOpened();
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
        var taken = _read(message);
        if (taken < message.Length)
            _rest.Write(message.Span[taken..]);
    }
}
