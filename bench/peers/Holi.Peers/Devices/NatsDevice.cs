using System.Buffers.Text;
using System.Text;
using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// NATS' text protocol over TCP. In a room of two the server is asked not to echo. Where acknowledgements are wanted the connection is verbose: the server
/// says +OK to each publication, which means taken and no more.
/// </summary>
internal sealed class NatsDevice(Seat seat) : Device(seat)
{
    private readonly byte[] _publish = Encoding.ASCII.GetBytes($"PUB {seat.Room} ");
    private bool _isIn;

    protected override WebSocketAddress? Address => null;

    protected override void OnOpened()
    {
        _isIn = false;
        var (echo, verbose) = (Seat.HearsItself ? "true" : "false", Seat.WantsAcknowledgements ? "true" : "false");
        Say(Encoding.ASCII.GetBytes(
            $"CONNECT {{\"verbose\":{verbose},\"pedantic\":false,\"echo\":{echo},\"lang\":\"cs\",\"version\":\"1\",\"protocol\":1,\"name\":\"{Seat.User}\"}}\r\nSUB {Seat.Room} 1\r\nPING\r\n"));
        Flush();
    }

    protected override int Read(ReadOnlyMemory<byte> bytes)
    {
        var taken = 0;
        while (bytes.Span[taken..].IndexOf("\r\n"u8) is var end and >= 0)
        {
            var line = bytes.Span.Slice(taken, end);
            var next = taken + end + 2;
            if (line.StartsWith("MSG "u8))
            {
                if (!Utf8Parser.TryParse(line[(line.LastIndexOf((byte)' ') + 1)..], out int length, out _))
                    throw new IOException("NATS sent a message without a length.");
                if (bytes.Length - next < length + 2)
                    break;
                OnHeard(bytes.Span.Slice(next, length));
                next += length + 2;
            }
            else
            {
                Take(line);
            }
            taken = next;
        }
        return taken;
    }

    protected override void Encode(ReadOnlySpan<byte> text)
    {
        Span<byte> piece = stackalloc byte[_publish.Length + 10 + 4 + text.Length];
        _publish.CopyTo(piece);
        Utf8Formatter.TryFormat(text.Length, piece[_publish.Length..], out var digits);
        var at = _publish.Length + digits;
        "\r\n"u8.CopyTo(piece[at..]);
        text.CopyTo(piece[(at + 2)..]);
        at += 2 + text.Length;
        "\r\n"u8.CopyTo(piece[at..]);
        Gather(piece[..(at + 2)]);
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("+OK"u8))
        {
            // Before it is in, these are for CONNECT and SUB.
            if (_isIn)
                OnAcknowledged(1);
        }
        else if (line.StartsWith("PONG"u8))
        {
            _isIn = true;
            OnReady();
        }
        else if (line.StartsWith("PING"u8))
        {
            Gather("PONG\r\n"u8);
            Flush();
        }
        else if (line.StartsWith("-ERR"u8))
        {
            throw new IOException($"NATS refused: {Encoding.ASCII.GetString(line)}");
        }
    }
}
