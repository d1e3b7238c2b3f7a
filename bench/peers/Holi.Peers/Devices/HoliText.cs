using System.Buffers;
using System.Buffers.Binary;

namespace Holi.Peers.Devices;

/// <summary>
/// The payload of a message with a text and nothing else (holi.v1.md §8.8): a MessagePack array of one string. Read and written by hand, since the driver
/// must not make a string of each text that it hears.
/// </summary>
internal static class HoliText
{
    private const byte ArrayOf1 = 0x91, Str8 = 0xD9, Str16 = 0xDA;

    public static byte[] Payload(ReadOnlySpan<byte> text)
    {
        byte[] head = text.Length switch
        {
            < 32 => [ArrayOf1, (byte)(0xA0 | text.Length)],
            <= byte.MaxValue => [ArrayOf1, Str8, (byte)text.Length],
            _ => [ArrayOf1, Str16, (byte)(text.Length >> 8), (byte)text.Length],
        };
        var payload = new byte[head.Length + text.Length];
        head.CopyTo(payload, 0);
        text.CopyTo(payload.AsSpan(head.Length));
        return payload;
    }

    public static ReadOnlySpan<byte> Of(in ReadOnlySequence<byte> payload)
    {
        var bytes = payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray();
        return bytes[1] switch
        {
            Str8 => bytes.Slice(3, bytes[2]),
            Str16 => bytes.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
            var fix => bytes.Slice(2, fix & 0x1F),
        };
    }
}
