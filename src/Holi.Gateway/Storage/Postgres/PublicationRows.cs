using System.Buffers.Binary;
using Holi.Wire;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>The publications of a batch: what is asked of them at its load, and what is written of them.</summary>
internal sealed class PublicationRows
{
    private const int DigestBytes = 16;
    // Of a number that may be absent.
    private const long None = -1;

    private readonly PublicationKey[] _keys, _due;

    public PublicationRows(BatchKeys keys)
    {
        _keys = [.. keys.Publications];
        _due = [.. keys.Due.Where(key => !keys.Publications.Contains(key))];
    }

    /// <summary>Waits for whoever else is adding one of the keys. Before rows are locked.</summary>
    public void AskAbsent(RoundTrip trip)
    {
        if (_keys.Length > 0)
            trip.Ask(static _ => { }, PublicationSql.Absent, Columns(_keys));
    }

    /// <param name="trip">The load's.</param>
    /// <param name="state">The state once there is one.</param>
    public void Ask(RoundTrip trip, Func<BatchState?> state)
    {
        if (_keys.Length > 0)
            trip.Ask(row => Read(row, _keys, state()), PublicationSql.Load, Columns(_keys));
        if (_due.Length > 0)
            trip.Ask(row => Read(row, _due, state()), PublicationSql.Claim, Columns(_due));
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
            Add(trip, added);
        if (decided.Count > 0)
        {
            trip.Run(
                PublicationSql.Decide, Bind.Texts(decided, p => p.Key.Tenant), Bind.Texts(decided, p => p.Key.Key), Bind.Numbers(decided, p => (long)p.Stage),
                Bind.Numbers(decided, p => (long)p.Offset), Bind.Numbers(decided, p => (long)p.Code), Bind.Numbers(decided, p => p.DecidedMs ?? None));
        }
        var (done, dead) = (writes.Outbox.FindAll(row => row.Code == HoliCode.None), writes.Outbox.FindAll(row => row.Code != HoliCode.None));
        if (done.Count > 0)
            trip.Run(PublicationSql.OutboxDone, Bind.Numbers(done, row => row.Id));
        if (dead.Count > 0)
        {
            trip.Run(
                PublicationSql.OutboxDead, Bind.Numbers(dead, row => row.Id), Bind.Numbers(dead, row => (long)row.Code),
                Bind.Texts(dead, row => row.Reason));
        }
        if (writes.ForgetMax > 0)
            trip.Run(PublicationSql.Forget, Bind.Number(writes.ForgetDecidedBeforeMs), Bind.Number(writes.ForgetMax));
    }

    private static void Add(RoundTrip trip, List<PublicationState> added) => trip.Run(
        PublicationSql.Add, Bind.Texts(added, p => p.Key.Tenant), Bind.Texts(added, p => p.Key.Key), Bind.Blobs(added, p => Bytes(p.Digest)),
        Bind.Texts(added, p => p.TopicName), Bind.Numbers(added, p => (long)p.Stage), Bind.Numbers(added, p => (long)p.Offset),
        Bind.Numbers(added, p => (long)p.Code), Bind.Numbers(added, p => p.DecidedMs ?? None), Bind.Numbers(added, p => p.Scheduled?.DueMs ?? None),
        Bind.Numbers(added, p => p.Scheduled?.Type ?? None), Bind.OptionalBlobs(added, p => p.Scheduled?.Payload),
        Bind.Numbers(added, p => p.Scheduled?.ExpiresMs ?? None), Bind.Texts(added, p => p.Scheduled?.Publisher),
        Bind.Texts(added, p => p.Scheduled?.Road));

    private static void Read(NpgsqlDataReader row, PublicationKey[] keys, BatchState? state)
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
            DecidedMs = row.IsDBNull(6) ? null : row.GetInt64(6),
            Scheduled = row.IsDBNull(7)
                ? null
                : new ScheduledContent(
                    row.GetInt64(7), (ushort)row.GetInt64(8), row.GetFieldValue<byte[]>(9), row.IsDBNull(10) ? null : row.GetInt64(10), row.GetString(11),
                    row.GetString(12)),
        });
    }

    private static byte[] Bytes(UInt128 digest)
    {
        var bytes = new byte[DigestBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, digest);
        return bytes;
    }

    private static NpgsqlParameter[] Columns(PublicationKey[] keys) => [Bind.Texts(keys, k => k.Tenant), Bind.Texts(keys, k => k.Key)];
}
