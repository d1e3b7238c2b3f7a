using System.Buffers.Binary;
using System.Text;
using Holi.Peers.Lines;

namespace Holi.Peers.Devices;

/// <summary>
/// MQTT 3.1.1 with QoS 1 and a persistent session, over TCP or WebSocket. In a room of two each has a topic of their own, which the other publishes to:
/// this version of MQTT cannot keep a publisher's own messages from them.
/// </summary>
internal sealed class MqttDevice(Seat seat, bool overWebSocket) : Device(seat)
{
    private const byte Connect = 0x10, ConnectAck = 0x20, PublishQos1 = 0x32, PublishAck = 0x40, Subscribe = 0x82, SubscribeAck = 0x90;

    private readonly byte[] _listensTo = Encoding.ASCII.GetBytes(seat.HearsItself ? seat.Room : seat.User);
    private readonly byte[] _speaksTo = Encoding.ASCII.GetBytes(seat.HearsItself ? seat.Room : $"{seat.Room}-{1 - seat.Member}");
    private ushort _packet;

    protected override WebSocketAddress? Address => overWebSocket ? new("/mqtt", "mqtt") : null;

    protected override void OnOpened()
    {
        // Neither clean nor kept alive: a session that stays, and no pings while measuring.
        ReadOnlySpan<byte> head = [0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 0, 0, 0];
        var id = Encoding.ASCII.GetBytes(Seat.User);
        Span<byte> body = stackalloc byte[head.Length + 2 + id.Length];
        head.CopyTo(body);
        WriteText(body[head.Length..], id);
        SayNow(Connect, body);
    }

    protected override int Read(ReadOnlyMemory<byte> bytes)
    {
        var (taken, answered) = (0, false);
        while (TryReadHeader(bytes.Span[taken..], out var header, out var length) && bytes.Length - taken - header >= length)
        {
            var body = bytes.Span.Slice(taken + header, length);
            answered |= Take(bytes.Span[taken], body);
            taken += header + length;
        }
        if (answered)
            Flush();
        return taken;
    }

    protected override void Encode(ReadOnlySpan<byte> text)
    {
        Span<byte> body = stackalloc byte[2 + _speaksTo.Length + 2 + text.Length];
        WriteText(body, _speaksTo);
        // 0 is no packet id.
        _packet = _packet == ushort.MaxValue ? (ushort)1 : (ushort)(_packet + 1);
        BinaryPrimitives.WriteUInt16BigEndian(body[(2 + _speaksTo.Length)..], _packet);
        text.CopyTo(body[(4 + _speaksTo.Length)..]);
        GatherPacket(PublishQos1, body);
    }

    private bool Take(byte type, ReadOnlySpan<byte> body)
    {
        switch (type & 0xF0)
        {
            case ConnectAck when body[1] != 0:
                throw new IOException($"MQTT refused the connection with {body[1]}.");
            case ConnectAck when (body[0] & 1) != 0:
                OnReady();
                return false;
            case ConnectAck:
                Span<byte> subscribe = stackalloc byte[2 + 2 + _listensTo.Length + 1];
                subscribe[1] = 1;
                WriteText(subscribe[2..], _listensTo);
                subscribe[^1] = 1;
                SayNow(Subscribe, subscribe);
                return false;
            case SubscribeAck:
                OnReady();
                return false;
            case PublishAck:
                OnAcknowledged(1);
                return false;
            case PublishQos1 & 0xF0:
                var topic = BinaryPrimitives.ReadUInt16BigEndian(body);
                var isQos1 = (type & 0x06) != 0;
                OnHeard(body[(2 + topic + (isQos1 ? 2 : 0))..]);
                if (isQos1)
                    GatherPacket(PublishAck, body.Slice(2 + topic, 2));
                return isQos1;
            default:
                return false;
        }
    }

    private void SayNow(byte type, ReadOnlySpan<byte> body)
    {
        GatherPacket(type, body);
        Flush();
    }

    private void GatherPacket(byte type, ReadOnlySpan<byte> body)
    {
        Span<byte> packet = stackalloc byte[5 + body.Length];
        packet[0] = type;
        var at = 1;
        for (var rest = body.Length; ;)
        {
            packet[at++] = (byte)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
            rest >>= 7;
            if (rest == 0)
                break;
        }
        body.CopyTo(packet[at..]);
        Gather(packet[..(at + body.Length)]);
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out int header, out int length)
    {
        (header, length) = (1, 0);
        for (var shift = 0; header < bytes.Length; shift += 7)
        {
            var next = bytes[header++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }

    private static void WriteText(Span<byte> output, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output, (ushort)text.Length);
        text.CopyTo(output[2..]);
    }
}
