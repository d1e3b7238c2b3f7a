using System.Buffers.Binary;
using Holi.Wire;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>The publications of a batch, as part of its two round trips: locked and loaded in the first, written and forgotten in the second.</summary>
internal sealed class PublicationTrip(BatchKeys keys)
{
    private const int DigestBytes = 16;

    private readonly PublicationKey[] _asked = [.. keys.Publications];
    private readonly PublicationKey[] _due = [.. keys.Due.Where(key => !keys.Publications.Contains(key))];

    /// <param name="trip">The batch's first.</param>
    /// <param name="state">What the trip's first answer begins; null where this writer's row is missing.</param>
    public void Ask(RoundTrip trip, Func<BatchState?> state)
    {
        if (_asked.Length > 0)
        {
            trip.Ask(_ => { }, PublicationSql.Lock, Columns(_asked));
            trip.Ask(row => Add(state(), _asked, row), PublicationSql.Load, Columns(_asked));
        }
        if (_due.Length > 0)
            trip.Ask(row => Add(state(), _due, row), PublicationSql.Claim, Columns(_due));
    }

    public static void Write(RoundTrip trip, BatchState state, BatchWrites writes)
    {
        var (added, decided) = (new List<PublicationState>(), new List<PublicationState>());
        foreach (var publication in state.Publications.Values)
        {
            if (publication.Changed)
                (publication.IsNew ? added : decided).Add(publication);
        }
        if (added.Count > 0)
        {
            trip.Run(
                PublicationSql.Add, Bind.Texts(added, p => p.Key.Tenant), Bind.Texts(added, p => p.Key.Key), Bind.Blobs(added, p => ToBytes(p.Digest)),
                Bind.Texts(added, p => p.TopicName), Bind.Numbers(added, p => (long)p.Stage), Bind.Numbers(added, p => (long)p.Offset),
                Bind.Numbers(added, p => (long)p.Code), Bind.Numbers(added, p => p.DecidedMs ?? 0), Bind.Numbers(added, p => p.Scheduled?.DueMs ?? 0),
                Bind.Numbers(added, p => p.Scheduled?.Type ?? 0), Bind.Blobs(added, p => p.Scheduled?.Payload ?? []),
                Bind.Numbers(added, p => p.Scheduled?.ExpiresMs ?? 0), Bind.Texts(added, p => p.Scheduled?.Publisher),
                Bind.Texts(added, p => p.Scheduled?.Road));
        }
        if (decided.Count > 0)
        {
            trip.Run(
                PublicationSql.Decide, Bind.Texts(decided, p => p.Key.Tenant), Bind.Texts(decided, p => p.Key.Key),
                Bind.Numbers(decided, p => (long)p.Stage), Bind.Numbers(decided, p => (long)p.Offset), Bind.Numbers(decided, p => (long)p.Code),
                Bind.Numbers(decided, p => p.DecidedMs ?? 0));
        }
        if (writes.ForgetMax > 0)
            trip.Run(PublicationSql.Forget, Bind.Number(writes.ForgetDecidedBeforeMs), Bind.Number(writes.ForgetMax));
    }

    private static void Add(BatchState? state, PublicationKey[] keys, NpgsqlDataReader row)
    {
        var key = keys[row.GetInt64(0) - 1];
        state?.Publications.Add(key, new PublicationState
        {
            Key = key,
            Digest = BinaryPrimitives.ReadUInt128BigEndian(row.GetFieldValue<byte[]>(1)),
            TopicName = row.GetString(2),
            Stage = (PublicationStage)row.GetInt64(3),
            Offset = (ulong)row.GetInt64(4),
            Code = (HoliCode)row.GetInt64(5),
            DecidedMs = Optional(row, 6),
            Scheduled = Optional(row, 7) is { } due
                ? new ScheduledContent(
                    due, (ushort)row.GetInt64(8), row.GetFieldValue<byte[]>(9), Optional(row, 10), row.GetString(11), row.GetString(12))
                : null,
        });
    }

    private static long? Optional(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static byte[] ToBytes(UInt128 digest)
    {
        var bytes = new byte[DigestBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, digest);
        return bytes;
    }

    private static NpgsqlParameter[] Columns(PublicationKey[] keys) => [Bind.Texts(keys, k => k.Tenant), Bind.Texts(keys, k => k.Key)];
}
