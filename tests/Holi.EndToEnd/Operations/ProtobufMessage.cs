using System.Buffers.Binary;
using System.Text;

namespace Holi.EndToEnd.Operations;

/// <summary>Fields of a protobuf message by their numbers: as much of the format as a collector needs to find a name.</summary>
internal readonly struct ProtobufMessage(ReadOnlyMemory<byte> bytes)
{
    public static ProtobufMessage Of(byte[] bytes) => new(bytes);

    /// <summary>Every occurrence of a field that has a length: messages, texts, bytes.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> All(int field)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var tag = Varint(ref at);
            var length = (tag & 7) switch
            {
                0 => Skip(ref at),
                1 => 8,
                2 => (int)Varint(ref at),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
            if ((tag & 7) == 2 && (int)(tag >> 3) == field)
                yield return bytes.Slice(at, length);
            at += length;
        }
        at.ShouldBe(bytes.Length);
    }

    public IEnumerable<ProtobufMessage> Messages(int field) => All(field).Select(part => new ProtobufMessage(part));

    public string Text(int field) => All(field).Select(part => Encoding.UTF8.GetString(part.Span)).FirstOrDefault("");

    public string Hex(int field) => All(field).Select(part => Convert.ToHexStringLower(part.Span)).FirstOrDefault("");

    private int Skip(ref int at)
    {
        Varint(ref at);
        return 0;
    }

    private ulong Varint(ref int at)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes.Span[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
