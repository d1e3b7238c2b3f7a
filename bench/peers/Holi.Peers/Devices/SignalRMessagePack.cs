using System.Buffers;
using System.Globalization;
using MessagePack;

namespace Holi.Peers.Devices;

/// <summary>MessagePack: each message behind its length as a varint; an array whose first element says what it is.</summary>
internal sealed class SignalRMessagePack : SignalRCodec
{
    public override bool TryRead(ReadOnlyMemory<byte> bytes, out int length, out SignalRMessage message)
    {
        message = default;
        if (!TryReadLength(bytes.Span, out var header, out var body) || bytes.Length < header + body)
        {
            length = 0;
            return false;
        }
        length = header + body;
        message = Read(bytes.Slice(header, body));
        return true;
    }

    public override ReadOnlySpan<byte> Invocation(long? id, ReadOnlySpan<byte> text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 64);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(6);
        writer.Write(1);
        writer.WriteMapHeader(0);
        if (id is { } number)
            writer.Write(number.ToString(CultureInfo.InvariantCulture));
        else
            writer.WriteNil();
        writer.WriteString("Say"u8);
        writer.WriteArrayHeader(1);
        writer.WriteString(text);
        writer.WriteArrayHeader(0);
        writer.Flush();
        return Framed(output.WrittenSpan);
    }

    public override ReadOnlySpan<byte> Ack(long sequence) => Control(8, sequence);

    public override ReadOnlySpan<byte> Sequence(long sequence) => Control(9, sequence);

    private static SignalRMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessagePackReader(body);
        reader.ReadArrayHeader();
        switch (reader.ReadInt32())
        {
            case 1:
                reader.Skip();
                reader.Skip();
                if (reader.ReadStringSequence() is not { } target || target.FirstSpan[0] != 'm')
                    return new SignalRMessage(SignalRKind.Ready);
                reader.ReadArrayHeader();
                var text = reader.ReadStringSequence()!.Value;
                return new SignalRMessage(SignalRKind.Text, text.First);
            case 3:
                reader.Skip();
                reader.Skip();
                // 1 is an error.
                return reader.ReadInt32() != 1 ? new SignalRMessage(SignalRKind.Completion) : throw new IOException("The hub method failed.");
            case 7:
                throw new IOException("SignalR closed the connection.");
            case 9:
                return new SignalRMessage(SignalRKind.Sequence, default, reader.ReadInt64());
            default:
                return default;
        }
    }

    private static byte[] Control(int type, long sequence)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(2);
        writer.Write(type);
        writer.Write(sequence);
        writer.Flush();
        return Framed(output.WrittenSpan);
    }

    private static byte[] Framed(ReadOnlySpan<byte> body)
    {
        var header = body.Length < 128 ? 1 : 2;
        var framed = new byte[header + body.Length];
        framed[0] = (byte)((body.Length & 0x7F) | (header == 2 ? 0x80 : 0));
        if (header == 2)
            framed[1] = (byte)(body.Length >> 7);
        body.CopyTo(framed.AsSpan(header));
        return framed;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out int header, out int length)
    {
        (header, length) = (0, 0);
        for (var shift = 0; header < bytes.Length; shift += 7)
        {
            var next = bytes[header++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }
}
