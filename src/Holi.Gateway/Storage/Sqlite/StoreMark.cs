using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>How far a store is known to have come.</summary>
/// <param name="StoreId">Which store.</param>
/// <param name="Incarnation">Its count of openings.</param>
/// <param name="LastBatch">Its count of batches, or less.</param>
internal readonly record struct StoreMark(Guid StoreId, ulong Incarnation, ulong LastBatch)
{
    /// <summary>Bytes of a mark: id, incarnation, batch, its place in the order of writes, and a check over them.</summary>
    public const int Bytes = 64;

    private const int IdBytes = 16, CheckAt = 40, CheckBytes = 24;

    /// <summary>True where <paramref name="found"/>, the database as it lies there, is not what this mark has seen of it.</summary>
    public bool IsAheadOf(StoreMark found) =>
        found.StoreId != StoreId
        || found.Incarnation < Incarnation
        || (found.Incarnation == Incarnation && found.LastBatch < LastBatch);

    public void Write(Span<byte> output, ulong order)
    {
        output[..Bytes].Clear();
        StoreId.TryWriteBytes(output);
        BinaryPrimitives.WriteUInt64BigEndian(output[IdBytes..], Incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(output[(IdBytes + 8)..], LastBatch);
        BinaryPrimitives.WriteUInt64BigEndian(output[(IdBytes + 16)..], order);
        Check(output, output[CheckAt..]);
    }

    /// <summary>Null where the bytes are no whole mark.</summary>
    public static (StoreMark Mark, ulong Order)? Read(ReadOnlySpan<byte> input)
    {
        Span<byte> check = stackalloc byte[CheckBytes];
        Check(input, check);
        if (!input.Slice(CheckAt, CheckBytes).SequenceEqual(check))
            return null;
        var mark = new StoreMark(
            new Guid(input[..IdBytes]),
            BinaryPrimitives.ReadUInt64BigEndian(input[IdBytes..]),
            BinaryPrimitives.ReadUInt64BigEndian(input[(IdBytes + 8)..]));
        return (mark, BinaryPrimitives.ReadUInt64BigEndian(input[(IdBytes + 16)..]));
    }

    private static void Check(ReadOnlySpan<byte> mark, Span<byte> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(mark[..CheckAt], hash);
        hash[..CheckBytes].CopyTo(check);
    }
}
