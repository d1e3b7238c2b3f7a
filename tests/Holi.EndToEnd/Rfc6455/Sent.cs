using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.Rfc6455;

/// <summary>What a peer sends: frames of RFC 6455, right and wrong ones.</summary>
internal static class Sent
{
    public const int Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private const int PadBytesMax = 16_000;

    /// <summary>How a length is written; anything but the shortest form is wrong.</summary>
    public enum LengthForm
    {
        Shortest,
        Two,
        Eight,
    }

    /// <summary>One frame, masked.</summary>
    /// <param name="opcode">Four bits.</param>
    /// <param name="payload">Not yet masked.</param>
    /// <param name="fin">Whether the message ends with it.</param>
    /// <param name="rsv">The reserved bits, 0 to 7.</param>
    /// <param name="form">How the length is written.</param>
    /// <param name="mask">The key; null: not masked.</param>
    public static byte[] Frame(
        int opcode, byte[]? payload = null, bool fin = true, int rsv = 0, LengthForm form = LengthForm.Shortest, uint? mask = 0x5AC31796)
    {
        payload ??= [];
        var length = Length(payload.Length, form);
        length[0] |= (byte)(mask is null ? 0 : 0x80);
        var key = new byte[mask is null ? 0 : 4];
        if (mask is { } number)
            BinaryPrimitives.WriteUInt32BigEndian(key, number);
        byte[] frame = [(byte)((fin ? 0x80 : 0) | (rsv << 4) | opcode), .. length, .. key, .. payload];
        if (key.Length > 0)
        {
            var start = frame.Length - payload.Length;
            for (var i = 0; i < payload.Length; i++)
                frame[start + i] ^= key[i & 3];
        }
        return frame;
    }

    /// <summary>One frame whose payload is text.</summary>
    public static byte[] Frame(int opcode, string payload, bool fin = true, int rsv = 0) => Frame(opcode, Bytes(payload), fin, rsv);

    /// <summary>A close with a status and a reason.</summary>
    public static byte[] Closes(int status, byte[]? reason = null) => Frame(Close, [(byte)(status >> 8), (byte)status, .. reason ?? []]);

    /// <summary>A whole binary message that Holi answers: a Ping of holi.v1 behind so much padding that the message is this long.</summary>
    public static byte[] Asks(byte nonce, int bytes = 3) => Frame(Binary, Question(nonce, bytes));

    /// <summary>The same message in fragments of these lengths; what is left over is the last.</summary>
    public static byte[][] AsksIn(byte nonce, int bytes, params int[] lengths) => Fragments(Question(nonce, bytes), lengths);

    /// <summary>A binary message in fragments of these lengths; what is left over is the last.</summary>
    public static byte[][] Fragments(byte[] message, params int[] lengths)
    {
        var frames = new List<byte[]>();
        var start = 0;
        foreach (var length in lengths)
        {
            frames.Add(Frame(frames.Count == 0 ? Binary : Continuation, message[start..(start + length)], fin: false));
            start += length;
        }
        frames.Add(Frame(frames.Count == 0 ? Binary : Continuation, message[start..]));
        return [.. frames];
    }

    /// <summary>A binary message in fragments that are all this long.</summary>
    public static byte[][] FragmentsOf(byte[] message, int each) =>
        Fragments(message, [.. Enumerable.Repeat(each, (message.Length - 1) / each)]);

    /// <summary>A message of holi.v1 of this length: frames of an unknown kind that may be skipped (§4 there), then a Ping.</summary>
    public static byte[] Question(byte nonce, int bytes)
    {
        var message = new ArrayBufferWriter<byte>();
        for (var left = bytes - 3; left > 0; left = bytes - 3 - message.WrittenCount)
            Pad(message, left);
        new PingFrame(nonce).Write(message);
        return message.WrittenSpan.ToArray();
    }

    /// <summary>Text as UTF-8; <c>0x…</c> as the bytes that it says.</summary>
    public static byte[] Bytes(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? Convert.FromHexString(text[2..]) : Encoding.UTF8.GetBytes(text);

    // A frame of at most so many bytes. Some lengths no frame has, and what is left over must not be one byte, which none has either.
    private static void Pad(ArrayBufferWriter<byte> message, int left)
    {
        var size = Math.Min(left, PadBytesMax);
        var body = size - 2;
        while (1 + Varint.LengthOf((ulong)body) + body is var whole && (whole > size || left - whole == 1))
            body--;
        var frame = new byte[1 + Varint.BytesMax + body];
        frame[0] = 0xFF;
        var start = 1 + Varint.Write(frame.AsSpan(1), (ulong)body);
        for (var i = 0; i < body; i++)
            frame[start + i] = (byte)(i * 7);
        message.Write(frame.AsSpan(0, start + body));
    }

    private static byte[] Length(int length, LengthForm form)
    {
        if (form == LengthForm.Shortest)
            form = length < 126 ? LengthForm.Shortest : length <= ushort.MaxValue ? LengthForm.Two : LengthForm.Eight;
        var bytes = new byte[9];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), (ulong)length);
        return form switch
        {
            LengthForm.Two => [126, .. bytes[7..]],
            LengthForm.Eight => [127, .. bytes[1..]],
            _ => [(byte)length],
        };
    }
}
