using System.Text;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>
/// Reads the fields of a message between gateways. The first mistake sticks: from then on every field reads as zero or empty. Nothing is allocated by
/// a length or count that was only declared.
/// </summary>
internal ref struct MessageReader(ReadOnlySpan<byte> bytes)
{
    private const int VarintBytesMax = 9;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True once something could not be read.</summary>
    public bool IsBad { get; private set; }

    /// <summary>True while fields are left and nothing was wrong.</summary>
    public readonly bool HasMore => !_rest.IsEmpty;

    public byte U8()
    {
        if (_rest.IsEmpty)
            return (byte)Fail();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    /// <summary>Below 2⁶³.</summary>
    public ulong Number()
    {
        var value = 0ul;
        for (var i = 0; i < VarintBytesMax && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] >= 0x80)
                continue;
            _rest = _rest[(i + 1)..];
            return value;
        }
        return Fail();
    }

    public ulong Number(ulong max)
    {
        var value = Number();
        return value <= max ? value : Fail();
    }

    /// <summary>Eight bytes.</summary>
    public ulong Fixed64()
    {
        if (_rest.Length < sizeof(ulong))
            return Fail();
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(_rest);
        _rest = _rest[sizeof(ulong)..];
        return value;
    }

    /// <summary>Bytes with their length before them.</summary>
    public ReadOnlySpan<byte> Bytes(int bytesMax)
    {
        var length = Number((ulong)bytesMax);
        if (length > (ulong)_rest.Length)
            Fail();
        if (IsBad)
            return default;
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    /// <summary>Text of 1 to <paramref name="bytesMax"/> bytes of UTF-8.</summary>
    public string Text(int bytesMax)
    {
        var bytes = Bytes(bytesMax);
        if (bytes.IsEmpty || !System.Text.Unicode.Utf8.IsValid(bytes))
            Fail();
        return IsBad ? "" : Encoding.UTF8.GetString(bytes);
    }

    private ulong Fail()
    {
        IsBad = true;
        _rest = default;
        return 0;
    }
}
