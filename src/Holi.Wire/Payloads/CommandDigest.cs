using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Wire.Payloads;

/// <summary>
/// The rolling digest of a generation's commands (holi.v1.md §6.3). Two sides that agree on it after the same seq have seen the same
/// commands in the same order. The default is D₀: before any command.
/// </summary>
public readonly record struct CommandDigest
{
    /// <summary>Bytes of a digest.</summary>
    public const int Bytes = WireLimits.DigestBytes;

    private readonly ulong _a, _b;

    private CommandDigest(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>The digest whose bytes these are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not <see cref="Bytes"/> bytes.</exception>
    public static CommandDigest FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes, nameof(bytes));
        return new CommandDigest(bytes);
    }

    /// <summary>The digest after one more command. Allocates nothing.</summary>
    public CommandDigest Roll(in CommandCheck check)
    {
        Span<byte> input = stackalloc byte[Bytes + CommandCheck.Bytes];
        CopyTo(input);
        check.CopyTo(input[Bytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return new CommandDigest(hash[..Bytes]);
    }

    /// <summary>Writes the digest to the front of <paramref name="output"/>.</summary>
    public void CopyTo(Span<byte> output)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output, _a);
        BinaryPrimitives.WriteUInt64BigEndian(output[8..], _b);
    }

    /// <summary>The digest as bytes of its own.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Compares in a time that does not depend on where the two differ: one side of it came from the network.</summary>
    public bool FixedTimeEquals(CommandDigest other) => ((_a ^ other._a) | (_b ^ other._b)) == 0;
}
