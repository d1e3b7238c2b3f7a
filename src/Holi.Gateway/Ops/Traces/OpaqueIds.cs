using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Holi.Gateway.Ops.Traces;

/// <summary>
/// Ids as traces show them: equal where the thing is the same, and otherwise saying nothing. The key is made at start and kept nowhere, so nobody can try
/// out names to find one.
/// </summary>
internal sealed class OpaqueIds
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ulong _shift;
    private readonly ulong _factor;

    public OpaqueIds()
    {
        _shift = BinaryPrimitives.ReadUInt64LittleEndian(_key);
        _factor = BinaryPrimitives.ReadUInt64LittleEndian(_key.AsSpan(8)) | 1;
    }

    /// <summary>Sixteen hexadecimal digits.</summary>
    public string Of(string first, string second, string third = "")
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{first}\n{second}\n{third}"), hash);
        return Convert.ToHexStringLower(hash[..8]);
    }

    /// <summary>A number for choosing some of many: evenly spread, the same for the same value, and not to be foreseen by whoever sends the value.</summary>
    public ulong Scatter(long value)
    {
        var mixed = ((ulong)value ^ _shift) * _factor;
        return (mixed ^ (mixed >> 32)) * _factor;
    }
}
