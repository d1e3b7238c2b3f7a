using System.Globalization;
using System.Text;
using System.Text.Json;
using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// Socket.IO's protocol v5 over Engine.IO's v4, WebSocket only: a packet is a text message whose first characters say what it is. With the server's
/// connectionStateRecovery on, the last packet's offset is kept and said when connecting again.
/// </summary>
internal sealed class SocketIoDevice(Seat seat) : Device(seat)
{
    private string? _pid, _offset;
    private int _nextAck;

    protected override WebSocketAddress Address => new("/socket.io/?EIO=4&transport=websocket", SpeaksText: true);

    protected override void OnOpened()
    {
        // The server speaks first.
    }

    protected override int Read(ReadOnlyMemory<byte> bytes)
    {
        var packet = bytes.Span;
        if (packet[0] == '0')
            SayConnect();
        else if (packet[0] == '2')
            Answer("3"u8);
        else if (packet.StartsWith("40"u8))
            ReadConnected(bytes[2..]);
        else if (packet.StartsWith("42"u8))
            ReadEvent(packet[2..]);
        else if (packet.StartsWith("43"u8))
            OnAcknowledged(1);
        else if (packet.StartsWith("44"u8) || packet.StartsWith("41"u8) || packet[0] == '1')
            throw new IOException($"Socket.IO refused: {Encoding.UTF8.GetString(packet)}");
        return bytes.Length;
    }

    protected override void Encode(ReadOnlySpan<byte> text)
    {
        Span<byte> packet = stackalloc byte[text.Length + 32];
        "42"u8.CopyTo(packet);
        var at = 2;
        if (Seat.WantsAcknowledgements)
        {
            (_nextAck++).TryFormat(packet[at..], out var digits, provider: CultureInfo.InvariantCulture);
            at += digits;
        }
        "[\"m\",\""u8.CopyTo(packet[at..]);
        at += 6;
        text.CopyTo(packet[at..]);
        at += text.Length;
        "\"]"u8.CopyTo(packet[at..]);
        Say(packet[..(at + 2)]);
    }

    private void SayConnect()
    {
        var recovery = _pid is null ? "" : $",\"pid\":\"{_pid}\",\"offset\":\"{_offset}\"";
        Answer(Encoding.UTF8.GetBytes($"40{{\"room\":\"{Seat.Room}\",\"echo\":{(Seat.HearsItself ? "true" : "false")}{recovery}}}"));
    }

    private void Answer(ReadOnlySpan<byte> packet)
    {
        Say(packet);
        Flush();
    }

    private void ReadConnected(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.TryGetProperty("pid", out var pid))
            _pid = pid.GetString();
    }

    // ["m","text"], ["m","text","offset"], ["r"] or ["r","offset"]: strings without escapes, as this driver's texts are.
    private void ReadEvent(ReadOnlySpan<byte> json)
    {
        var name = json[2];
        var rest = json[5..];
        if (name == 'm')
        {
            var end = rest[1..].IndexOf((byte)'"') + 1;
            OnHeard(rest[1..end]);
            rest = rest[(end + 2)..];
        }
        // Before "ready", so that a cut right behind it finds the offset.
        if (rest.Length > 2)
            _offset = Encoding.ASCII.GetString(rest[1..^2]);
        if (name == 'r')
            OnReady();
    }
}
