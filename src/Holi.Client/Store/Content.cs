using System.Buffers.Binary;
using System.Text;
using Holi.Wire;

namespace Holi.Client.Store;

/// <summary>Puts together what is inside a sealed row: varints, fixed numbers, texts. One buffer, used again for each row.</summary>
internal sealed class ContentWriter
{
    /// <summary>A full 64-bit number: nothing that a caller hands over may fail to fit.</summary>
    internal const int NumberBytesMax = 10;

    private byte[] _buffer = new byte[1024];
    private int _written;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _written);

    public ContentWriter Start()
    {
        _written = 0;
        return this;
    }

    public ContentWriter Number(ulong value)
    {
        _written += Varint.Write(Room(NumberBytesMax), value);
        return this;
    }

    public ContentWriter Time(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);
        _written += sizeof(long);
        return this;
    }

    public ContentWriter Text(string value)
    {
        Number((ulong)Encoding.UTF8.GetByteCount(value));
        _written += Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetMaxByteCount(value.Length)));
        return this;
    }

    public ContentWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        _written += value.Length;
        return this;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _written < bytes)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _written + bytes));
        return _buffer.AsSpan(_written);
    }
}

/// <summary>
/// Takes apart what <see cref="ContentWriter"/> put together. What it reads has passed its tag, so a fault means a newer format or a bug:
/// it sets <see cref="Failed"/>, and the row counts as damaged. Fields after those that a reader knows are left alone: that is how the format grows.
/// </summary>
internal ref struct ContentReader(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;

    public bool Failed { get; private set; }

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public ulong Number()
    {
        var value = 0UL;
        for (var at = 0; at < Math.Min(_rest.Length, ContentWriter.NumberBytesMax); at++)
        {
            value |= (ulong)(_rest[at] & 0x7F) << (7 * at);
            if (_rest[at] >= 0x80)
                continue;
            _rest = _rest[(at + 1)..];
            return value;
        }
        Failed = true;
        return 0;
    }

    public long Time() => Take(sizeof(long)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public string Text()
    {
        var length = Number();
        if (length == 0)
            return "";
        return length <= (ulong)_rest.Length ? Encoding.UTF8.GetString(Take((int)length)) : Fail();
    }

    public ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _rest.Length)
        {
            Failed = true;
            return default;
        }
        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    private string Fail()
    {
        Failed = true;
        return "";
    }
}
