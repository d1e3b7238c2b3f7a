using System.Buffers.Binary;
using Holi.Wire;
using SQLitePCL;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>The publications of a batch: loaded, written and, when their time is over, forgotten, inside the writer's open transaction.</summary>
internal sealed class PublicationRows(sqlite3 connection) : IDisposable
{
    private const int DigestBytes = 16;

    private readonly Statement _load = new(
        connection, "loading a publication",
        """
        select digest, topic, stage, "offset", code, decided_ms, due_ms, type, payload, expires_ms, publisher, road
        from publications where tenant = ?1 and key = ?2
        """);
    private readonly Statement _add = new(
        connection, "adding a publication",
        """
        insert into publications (stage, "offset", code, decided_ms, tenant, key, digest, topic, due_ms, type, payload, expires_ms, publisher, road)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """);
    // The only change there is: it is decided, and what it held goes.
    private readonly Statement _decide = new(
        connection, "deciding a publication",
        """
        update publications set stage = ?1, "offset" = ?2, code = ?3, decided_ms = ?4,
          due_ms = null, type = null, payload = null, expires_ms = null, publisher = null, road = null
        where tenant = ?5 and key = ?6
        """);
    private readonly Statement _forget = new(
        connection, "forgetting publications",
        """
        delete from publications where publication_id in (
          select publication_id from publications where decided_ms is not null and decided_ms < ?1 order by decided_ms limit ?2)
        """);

    public void Load(BatchKeys keys, BatchState state)
    {
        foreach (var key in keys.Publications)
            Load(key, state);
        foreach (var key in keys.Due)
        {
            if (!state.Publications.ContainsKey(key))
                Load(key, state);
        }
    }

    public void Write(BatchState state, BatchWrites writes)
    {
        foreach (var publication in state.Publications.Values)
        {
            if (publication.Changed)
                Write(publication);
        }
        if (writes.ForgetMax > 0)
            _forget.Bind(writes.ForgetDecidedBeforeMs).Bind((long)writes.ForgetMax).Run();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_load, _add, _decide, _forget])
            statement.Dispose();
    }

    private void Load(PublicationKey key, BatchState state)
    {
        if (!_load.Bind(key.Tenant).Bind(key.Key).Step())
            return;
        state.Publications.Add(key, new PublicationState
        {
            Key = key,
            Digest = BinaryPrimitives.ReadUInt128BigEndian(_load.Blob(0)),
            TopicName = _load.Text(1),
            Stage = (PublicationStage)_load.Long(2),
            Offset = _load.Number(3),
            Code = (HoliCode)_load.Long(4),
            DecidedMs = _load.OptionalLong(5),
            Scheduled = _load.OptionalLong(6) is { } due
                ? new ScheduledContent(
                    due, (ushort)_load.Long(7), _load.Blob(8).ToArray(), _load.OptionalLong(9), _load.Text(10), _load.Text(11))
                : null,
        });
        _load.Reset();
    }

    private void Write(PublicationState publication)
    {
        var statement = publication.IsNew ? _add : _decide;
        statement.Bind((long)publication.Stage).Bind(publication.Offset).Bind((long)publication.Code).Bind(publication.DecidedMs)
            .Bind(publication.Key.Tenant).Bind(publication.Key.Key);
        if (publication.IsNew)
        {
            Span<byte> digest = stackalloc byte[DigestBytes];
            BinaryPrimitives.WriteUInt128BigEndian(digest, publication.Digest);
            statement.Bind(digest).Bind(publication.TopicName);
            // What is not bound is null.
            if (publication.Scheduled is { } content)
            {
                statement.Bind(content.DueMs).Bind((long)content.Type).Bind(content.Payload).Bind(content.ExpiresMs)
                    .Bind(content.Publisher).Bind(content.Road);
            }
        }
        statement.Run();
    }
}
