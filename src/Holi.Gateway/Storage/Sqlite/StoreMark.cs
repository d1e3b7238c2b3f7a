using System.Buffers.Binary;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>How far a store is known to have come.</summary>
/// <param name="StoreId">Which store.</param>
/// <param name="Incarnation">Its count of openings.</param>
/// <param name="LastBatch">Its count of batches, or less.</param>
internal readonly record struct StoreMark(Guid StoreId, ulong Incarnation, ulong LastBatch)
{
    /// <summary>Bytes of a mark.</summary>
    public const int Bytes = IdBytes + 8 + 8;

    private const int IdBytes = 16;

    /// <summary>True where <paramref name="found"/>, the database as it lies there, is not what this mark has seen of it.</summary>
    public bool IsAheadOf(StoreMark found) =>
        found.StoreId != StoreId
        || found.Incarnation < Incarnation
        || (found.Incarnation == Incarnation && found.LastBatch < LastBatch);

    public void Write(Span<byte> output)
    {
        StoreId.TryWriteBytes(output);
        BinaryPrimitives.WriteUInt64BigEndian(output[IdBytes..], Incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(output[(IdBytes + 8)..], LastBatch);
    }

    public static StoreMark Read(ReadOnlySpan<byte> input) => new(
        new Guid(input[..IdBytes]),
        BinaryPrimitives.ReadUInt64BigEndian(input[IdBytes..]),
        BinaryPrimitives.ReadUInt64BigEndian(input[(IdBytes + 8)..]));
}
