using System.Buffers.Binary;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>How far a gateway has seen the log come. It is outside of the log, so it can tell when the log went back.</summary>
/// <param name="StoreId">Which log.</param>
/// <param name="Writer">The life of the gateway.</param>
/// <param name="LastBatch">Its count of batches, or less.</param>
/// <param name="Lsn">How far the server's disk had come, or less.</param>
/// <param name="TimeMs">When, ms since 1970.</param>
internal readonly record struct PostgresMark(Guid StoreId, Guid Writer, ulong LastBatch, ulong Lsn, long TimeMs)
{
    /// <summary>Bytes of a mark.</summary>
    public const int Bytes = (2 * IdBytes) + (3 * sizeof(ulong));

    private const int IdBytes = 16;

    public void Write(Span<byte> output)
    {
        StoreId.TryWriteBytes(output);
        Writer.TryWriteBytes(output[IdBytes..]);
        BinaryPrimitives.WriteUInt64BigEndian(output[32..], LastBatch);
        BinaryPrimitives.WriteUInt64BigEndian(output[40..], Lsn);
        BinaryPrimitives.WriteInt64BigEndian(output[48..], TimeMs);
    }

    public static PostgresMark Read(ReadOnlySpan<byte> input) => new(
        new Guid(input[..IdBytes]),
        new Guid(input[IdBytes..(2 * IdBytes)]),
        BinaryPrimitives.ReadUInt64BigEndian(input[32..]),
        BinaryPrimitives.ReadUInt64BigEndian(input[40..]),
        BinaryPrimitives.ReadInt64BigEndian(input[48..]));
}
