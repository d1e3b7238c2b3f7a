using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Wire.Payloads;

/// <summary>
/// SHA-256 over everything a command says (holi.v1.md §6.3): equal only where seq, first identity, type, topic and payload are equal.
/// </summary>
public readonly record struct CommandCheck
{
    /// <summary>Bytes of a check.</summary>
    public const int Bytes = SHA256.HashSizeInBytes;

    // Five varints of at most nine bytes each, then the topic's name.
    private const int HeadBytesMax = (5 * Varint.BytesMax) + WireLimits.TopicNameBytesMax;
    private const int OnStackMax = 1_024;

    private readonly ulong _a, _b, _c, _d;

    private CommandCheck(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The first eight bytes, most significant first: enough to tell a replay from other content in a log's row.</summary>
    public long First8 => (long)_a;

    /// <summary>The check of one command. Allocates nothing once the shared pool is warm.</summary>
    /// <param name="seq">The command's seq.</param>
    /// <param name="firstGeneration">0 unless it travels as CommandAgain.</param>
    /// <param name="firstSeq">0 unless it travels as CommandAgain.</param>
    /// <param name="type">The command's type.</param>
    /// <param name="topicName">
    /// UTF-8, at most <see cref="WireLimits.TopicNameBytesMax"/> bytes: the name, whatever number travelled.
    /// </param>
    /// <param name="payload">The bytes as they travel, not what they mean.</param>
    /// <exception cref="ArgumentOutOfRangeException">The topic's name is too long.</exception>
    public static CommandCheck Compute(
        ulong seq,
        uint firstGeneration,
        ulong firstSeq,
        ushort type,
        ReadOnlySpan<byte> topicName,
        in ReadOnlySequence<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topicName.Length, WireLimits.TopicNameBytesMax, nameof(topicName));
        var length = HeadBytesMax + checked((int)payload.Length);
        var rented = length > OnStackMax ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> canonical = rented is null ? stackalloc byte[OnStackMax] : rented;

        var head = WriteHead(canonical, seq, firstGeneration, firstSeq, type, topicName);
        payload.CopyTo(canonical[head..]);
        Span<byte> hash = stackalloc byte[Bytes];
        SHA256.HashData(canonical[..(head + (int)payload.Length)], hash);

        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return new CommandCheck(hash);
    }

    /// <summary>The check whose bytes these are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not <see cref="Bytes"/> bytes.</exception>
    public static CommandCheck FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes, nameof(bytes));
        return new CommandCheck(bytes);
    }

    /// <summary>Writes the check to the front of <paramref name="output"/>.</summary>
    public void CopyTo(Span<byte> output)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output, _a);
        BinaryPrimitives.WriteUInt64BigEndian(output[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(output[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(output[24..], _d);
    }

    private static int WriteHead(
        Span<byte> output, ulong seq, uint firstGeneration, ulong firstSeq, ushort type, ReadOnlySpan<byte> topicName)
    {
        var at = Varint.Write(output, seq);
        at += Varint.Write(output[at..], firstGeneration);
        at += Varint.Write(output[at..], firstSeq);
        at += Varint.Write(output[at..], type);
        at += Varint.Write(output[at..], (ulong)topicName.Length);
        topicName.CopyTo(output[at..]);
        return at + topicName.Length;
    }
}
