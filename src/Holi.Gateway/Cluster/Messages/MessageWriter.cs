using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Holi.Wire;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>Writes the fields of a message between gateways: varints, and bytes with their length before them. Used again and again.</summary>
internal sealed class MessageWriter
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    public int Count => _output.WrittenCount;

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    /// <summary>Begins a message: version, kind, whose it is.</summary>
    public void Begin(MessageKind kind, NodeId origin)
    {
        _output.ResetWrittenCount();
        U8(MessageEnvelope.Version);
        U8((byte)kind);
        Fixed64(origin.Value);
        Fixed64(origin.Epoch);
    }

    /// <summary>Begins something that will stand inside a message.</summary>
    public void BeginPart() => _output.ResetWrittenCount();

    public void U8(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    public void Number(ulong value) => _output.Advance(Varint.Write(_output.GetSpan(Varint.BytesMax), value));

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_output.GetSpan(sizeof(ulong)), value);
        _output.Advance(sizeof(ulong));
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number((ulong)bytes.Length);
        _output.Write(bytes);
    }

    public void Text(string text)
    {
        Number((ulong)Encoding.UTF8.GetByteCount(text));
        _output.Advance(Encoding.UTF8.GetBytes(text, _output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    public byte[] ToArray() => _output.WrittenSpan.ToArray();
}
