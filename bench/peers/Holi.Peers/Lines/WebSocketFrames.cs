using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Holi.Peers.Lines;

/// <summary>The client's side of RFC 6455, as little of it as peers need: opening, masked frames out, frames in, ping answered.</summary>
internal sealed class WebSocketFrames(Line line)
{
    /// <summary>Opcodes of RFC 6455 §5.2.</summary>
    private const byte Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private readonly ArrayBufferWriter<byte> _fragments = new();

    /// <summary>Asks for the upgrade; the answer is read by <see cref="TryTakeAnswer"/>.</summary>
    public void Ask(int port, string target, string? subprotocol)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var offered = subprotocol is null ? "" : $"Sec-WebSocket-Protocol: {subprotocol}\r\n";
        line.Write(Encoding.ASCII.GetBytes(
            $"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: {key}\r\n{offered}\r\n"));
        line.Flush();
    }

    /// <summary>Takes the answer's head off the front: its length, or 0 while it is not whole.</summary>
    public static int TryTakeAnswer(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return 0;
        if (!bytes.StartsWith("HTTP/1.1 101"u8))
            throw new IOException($"The server refused the upgrade: {Encoding.ASCII.GetString(bytes[..bytes.IndexOf("\r\n"u8)])}");
        return end + 4;
    }

    /// <summary>Writes one message as one frame; returns the frame's bytes.</summary>
    public int Write(ReadOnlySpan<byte> message, bool text) => WriteFrame(message, text ? Text : Binary);

    /// <summary>Takes whole frames off the front and hands their messages on; returns how many bytes it took.</summary>
    public int Read(ReadOnlyMemory<byte> bytes, Action<ReadOnlyMemory<byte>> onMessage)
    {
        var taken = 0;
        while (TryReadHeader(bytes.Span[taken..], out var opcode, out var isLast, out var header, out var length)
            && bytes.Length - taken - header >= length)
        {
            Take(opcode, isLast, bytes.Slice(taken + header, length), onMessage);
            taken += header + length;
        }
        return taken;
    }

    private void Take(byte opcode, bool isLast, ReadOnlyMemory<byte> payload, Action<ReadOnlyMemory<byte>> onMessage)
    {
        switch (opcode)
        {
            case Text or Binary when isLast:
                onMessage(payload);
                break;
            case Text or Binary or Continuation:
                _fragments.Write(payload.Span);
                if (!isLast)
                    break;
                onMessage(_fragments.WrittenMemory);
                _fragments.ResetWrittenCount();
                break;
            case Ping:
                WriteFrame(payload.Span, Pong);
                line.Flush();
                break;
            case Close:
                var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload.Span) : 1005;
                throw new IOException($"The server closed the WebSocket with {code}.");
            case Pong:
                break;
            default:
                throw new IOException($"The server sent a WebSocket frame with opcode {opcode}.");
        }
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out byte opcode, out bool isLast, out int header, out int length)
    {
        (opcode, isLast, header, length) = (0, false, 2, 0);
        if (bytes.Length < 2)
            return false;
        (opcode, isLast, length) = ((byte)(bytes[0] & 0x0F), (bytes[0] & 0x80) != 0, bytes[1] & 0x7F);
        header = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < header)
            return false;
        if (length == 126)
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        else if (length == 127)
            length = checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]));
        return true;
    }

    private int WriteFrame(ReadOnlySpan<byte> payload, byte opcode)
    {
        Span<byte> header = stackalloc byte[14];
        header[0] = (byte)(0x80 | opcode);
        var at = 2;
        if (payload.Length < 126)
        {
            header[1] = (byte)(0x80 | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            header[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
            at = 4;
        }
        else
        {
            header[1] = 0x80 | 127;
            BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payload.Length);
            at = 10;
        }
        var mask = header.Slice(at, 4);
        Random.Shared.NextBytes(mask);
        var frame = ArrayPool<byte>.Shared.Rent(at + 4 + payload.Length);
        header[..(at + 4)].CopyTo(frame);
        var body = frame.AsSpan(at + 4, payload.Length);
        for (var n = 0; n < payload.Length; n++)
            body[n] = (byte)(payload[n] ^ mask[n & 3]);
        line.Write(frame.AsSpan(0, at + 4 + payload.Length));
        ArrayPool<byte>.Shared.Return(frame);
        return at + 4 + payload.Length;
    }
}
