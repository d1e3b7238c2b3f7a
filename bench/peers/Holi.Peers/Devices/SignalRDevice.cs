using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Holi.Peers.Devices;

/// <summary>
/// SignalR's hub protocol in JSON or MessagePack over a WebSocket. Without stateful reconnect negotiation is skipped, as its documentation advises for
/// WebSockets alone. With it, the device counts what it hears, says how far it is, and goes on from there on its next connection, as the official client does.
/// It says so once a second, as that does, and every hundred messages: a server with the default buffer ends a connection that hears more than 100,000 bytes
/// in a second.
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

    protected override string Target => $"/hub?{Query}{(_token is null ? "" : $"&id={_token}")}";

    protected override bool SpeaksText => !messagePack;

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
            case SignalRKind.Close:
                throw new IOException("SignalR closed the connection.");
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

internal enum SignalRKind
{
    Other,
    Text,
    Ready,
    Completion,
    Sequence,
    Close,
}

/// <summary>What one hub message says, as far as devices care.</summary>
internal readonly record struct SignalRMessage(SignalRKind Kind, ReadOnlyMemory<byte> Text = default, long Sequence = 0);

/// <summary>One of the hub protocol's two forms.</summary>
internal abstract class SignalRCodec
{
    public abstract bool TryRead(ReadOnlyMemory<byte> bytes, out int length, out SignalRMessage message);

    /// <param name="id">The id that its completion will carry; null: none is wanted.</param>
    /// <param name="text">The hub method's argument.</param>
    public abstract ReadOnlySpan<byte> Invocation(long? id, ReadOnlySpan<byte> text);

    public abstract ReadOnlySpan<byte> Ack(long sequence);

    public abstract ReadOnlySpan<byte> Sequence(long sequence);
}

/// <summary>JSON: one record after the other, each ended by 0x1E. Texts here hold nothing that needs an escape.</summary>
internal sealed class SignalRJson : SignalRCodec
{
    public const byte RecordEnd = 0x1E;

    private static ReadOnlySpan<byte> TextHead => "{\"type\":1,\"target\":\"m\",\"arguments\":["u8;

    public override bool TryRead(ReadOnlyMemory<byte> bytes, out int length, out SignalRMessage message)
    {
        message = default;
        length = bytes.Span.IndexOf(RecordEnd) + 1;
        if (length == 0)
            return false;
        message = Read(bytes[..(length - 1)]);
        return true;
    }

    public override ReadOnlySpan<byte> Invocation(long? id, ReadOnlySpan<byte> text)
    {
        var output = new byte[80 + text.Length];
        var at = Put(output, 0, """{"type":1,"""u8);
        if (id is { } number)
        {
            at = Put(output, at, "\"invocationId\":\""u8);
            Utf8Formatter.TryFormat(number, output.AsSpan(at), out var digits);
            at = Put(output, at + digits, "\","u8);
        }
        at = Put(output, at, "\"target\":\"Say\",\"arguments\":[\""u8);
        at = Put(output, at, text);
        at = Put(output, at, "\"]}\x1e"u8);
        return output.AsSpan(0, at);
    }

    public override ReadOnlySpan<byte> Ack(long sequence) => Control(8, sequence);

    public override ReadOnlySpan<byte> Sequence(long sequence) => Control(9, sequence);

    private static SignalRMessage Read(ReadOnlyMemory<byte> record)
    {
        var json = record.Span;
        if (json.StartsWith(TextHead))
            return new SignalRMessage(SignalRKind.Text, record[(TextHead.Length + 1)..^3]);
        if (json.StartsWith("""{"type":1,"target":"r","""u8))
            return new SignalRMessage(SignalRKind.Ready);
        if (json.StartsWith("""{"type":3,"""u8))
            return json.IndexOf("\"error\""u8) < 0 ? new SignalRMessage(SignalRKind.Completion) : throw new IOException("The hub method failed.");
        if (json.StartsWith("""{"type":9,"sequenceId":"""u8))
            return new SignalRMessage(SignalRKind.Sequence, default, long.Parse(json[23..^1], CultureInfo.InvariantCulture));
        if (json.StartsWith("""{"type":7"""u8))
            throw new IOException($"SignalR closed the connection: {Encoding.UTF8.GetString(json)}");
        return default;
    }

    private static byte[] Control(int type, long sequence) => Encoding.ASCII.GetBytes($"{{\"type\":{type},\"sequenceId\":{sequence}}}\x1e");

    private static int Put(Span<byte> output, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output[at..]);
        return at + bytes.Length;
    }
}
