using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Holi.Peers.Devices;

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
