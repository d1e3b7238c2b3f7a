using System.Text;
using System.Text.Json;
using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// SignalR's hub protocol in JSON or MessagePack over a WebSocket. Without stateful reconnect negotiation is skipped, as its documentation advises for
/// WebSockets alone. With it, the device counts what it hears, says how far it is, and goes on from there on its next connection, as the official client does.
/// It says so once a second, as that does, and every hundred messages: in a busy room the server's default buffer is full before the second is over, and
/// the connections end (tried).
/// </summary>
internal sealed class SignalRDevice(Seat seat, bool messagePack, bool stateful) : Device(seat)
{
    private const int MessagesPerAck = 100;

    private static readonly TimeSpan AckEvery = TimeSpan.FromSeconds(1);
    private static readonly HttpClient Http = new();

    private readonly SignalRCodec _codec = messagePack ? new SignalRMessagePack() : new SignalRJson();
    private string? _token;
    private long _invocations, _firstInvocation, _hearing, _heard, _acked;
    private bool _isHandshaken, _isResuming, _isAckDue;

    protected override WebSocketAddress Address => new($"/hub?{Query}{(_token is null ? "" : $"&id={_token}")}", SpeaksText: !messagePack);

    private string Query => $"room={Seat.Room}&echo={(Seat.HearsItself ? 1 : 0)}";

    protected override async Task BeforeOpeningAsync(CancellationToken cancel)
    {
        _isResuming = _token is not null;
        if (!stateful || _isResuming)
            return;
        var address = new Uri($"http://127.0.0.1:{Seat.Port}/hub/negotiate?negotiateVersion=1&useStatefulReconnect=true&{Query}");
        using var answer = await Http.PostAsync(address, null, cancel);
        answer.EnsureSuccessStatusCode();
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
        if (!document.RootElement.TryGetProperty("useStatefulReconnect", out var granted) || !granted.GetBoolean())
            throw new IOException("The hub does not allow stateful reconnects.");
        _token = document.RootElement.GetProperty("connectionToken").GetString();
    }

    protected override bool TryForget()
    {
        if (_token is null)
            return false;
        _token = null;
        return true;
    }

    protected override void OnOpened()
    {
        if (_isResuming)
        {
            // Ours are numbered like the texts: what is sent again begins behind the last one acknowledged.
            _invocations = KeepsTexts ? Acknowledged : _invocations;
            Gather(_codec.Sequence(_invocations - _firstInvocation + 1));
            Flush();
            return;
        }
        (_isHandshaken, _hearing, _heard, _acked) = (false, 1, 0, 0);
        _firstInvocation = _invocations = KeepsTexts ? Acknowledged : _invocations;
        Say(Encoding.ASCII.GetBytes($"{{\"protocol\":\"{(messagePack ? "messagepack" : "json")}\",\"version\":{(stateful ? 2 : 1)}}}\x1e"));
        Flush();
    }

    protected override int Read(ReadOnlyMemory<byte> bytes)
    {
        var taken = 0;
        if (!_isHandshaken)
        {
            taken = bytes.Span.IndexOf(SignalRJson.RecordEnd) + 1;
            if (taken == 0)
                return 0;
            if (!bytes.Span[..taken].SequenceEqual("{}\x1e"u8))
                throw new IOException($"SignalR refused: {Encoding.UTF8.GetString(bytes.Span[..taken])}");
            _isHandshaken = true;
        }
        while (_codec.TryRead(bytes[taken..], out var length, out var message))
        {
            taken += length;
            Take(message);
        }
        return taken;
    }

    protected override void Encode(ReadOnlySpan<byte> text)
    {
        _invocations++;
        Gather(_codec.Invocation(Seat.WantsAcknowledgements ? _invocations : null, text));
    }

    private void Take(in SignalRMessage message)
    {
        switch (message.Kind)
        {
            case SignalRKind.Text when IsNew():
                OnHeard(message.Text.Span);
                break;
            case SignalRKind.Ready when IsNew():
                OnReady();
                break;
            case SignalRKind.Completion when IsNew():
                OnAcknowledged(1);
                break;
            case SignalRKind.Sequence:
                _hearing = message.Sequence;
                OnReady();
                break;
            default:
                break;
        }
    }

    // Counted, and dropped where it came before: only stateful reconnects send anything twice.
    private bool IsNew()
    {
        if (!stateful)
            return true;
        var id = _hearing++;
        if (id <= _heard)
            return false;
        _heard = id;
        if (_heard - _acked >= MessagesPerAck)
        {
            Ack();
        }
        else if (!_isAckDue)
        {
            _isAckDue = true;
            _ = AckLaterAsync();
        }
        return true;
    }

    private async Task AckLaterAsync()
    {
        await Task.Delay(AckEvery).ConfigureAwait(false);
        _isAckDue = false;
        if (_heard > _acked)
            Ack();
    }

    private void Ack()
    {
        _acked = _heard;
        Gather(_codec.Ack(_acked));
        Flush();
    }
}
