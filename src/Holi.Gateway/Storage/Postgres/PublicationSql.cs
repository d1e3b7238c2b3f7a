namespace Holi.Gateway.Storage.Postgres;

/// <summary>The statements for what backends publish: they travel with those of a batch's load and write.</summary>
internal static class PublicationSql
{
    /// <summary>Keys without a row: as LoadSql.Absent, so that of two gateways that are sent one key one waits here and then finds it.</summary>
    public const string Absent = """
        select pg_advisory_xact_lock(1349286001, slot)
        from (
          select distinct hashtext(concat_ws('/', k.tenant, k.key)) & 511 as slot
          from unnest($1::text[], $2::text[]) k(tenant, key)
          where not exists (select from publications p where p.tenant = k.tenant and p.key = k.key)
          order by slot
        ) absent
        """;

    public const string Load = $"""
        select k.ordinal, {Columns}
        from unnest($1::text[], $2::text[]) with ordinality k(tenant, key, ordinal)
        join publications p on p.tenant = k.tenant and p.key = k.key
        order by p.publication_id for no key update of p
        """;

    /// <summary>What another gateway is delivering, or has delivered, is passed over.</summary>
    public const string Claim = $"""
        select k.ordinal, {Columns}
        from unnest($1::text[], $2::text[]) with ordinality k(tenant, key, ordinal)
        join publications p on p.tenant = k.tenant and p.key = k.key and p.due_ms is not null
        order by p.publication_id for no key update of p skip locked
        """;

    /// <summary>Below zero is "none".</summary>
    public const string Add = """
        insert into publications (tenant, key, digest, topic, stage, "offset", code, decided_ms, due_ms, type, payload, expires_ms, publisher, road)
        select k.tenant, k.key, k.digest, k.topic, k.stage, k."offset", k.code, nullif(k.decided_ms, -1), nullif(k.due_ms, -1), nullif(k.type, -1),
          k.payload, nullif(k.expires_ms, -1), k.publisher, k.road
        from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
          $9::bigint[], $10::bigint[], $11::bytea[], $12::bigint[], $13::text[], $14::text[]) with ordinality
          k(tenant, key, digest, topic, stage, "offset", code, decided_ms, due_ms, type, payload, expires_ms, publisher, road, ordinal)
        order by k.ordinal
        """;

    /// <summary>The only change there is: it is decided, and what it held goes.</summary>
    public const string Decide = """
        update publications p set stage = k.stage, "offset" = k."offset", code = k.code, decided_ms = k.decided_ms,
          due_ms = null, type = null, payload = null, expires_ms = null, publisher = null, road = null
        from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
          k(tenant, key, stage, "offset", code, decided_ms)
        where p.tenant = k.tenant and p.key = k.key
        """;

    /// <summary>An array, because a list that is asked for again while rows are deleted would be longer than it may.</summary>
    public const string Forget = """
        delete from publications where publication_id = any(array(
          select publication_id from publications where decided_ms < $1 order by decided_ms limit $2 for update skip locked))
        """;

    public const string OutboxDone = "delete from holi_outbox where id = any($1)";

    /// <summary>Ids come again where somebody has reset their sequence: the later row counts, rather than none after it.</summary>
    public const string OutboxDead = """
        with dead as (
          delete from holi_outbox o using unnest($1::bigint[], $2::bigint[], $3::text[]) k(id, code, reason) where o.id = k.id
          returning o.*, k.code as why, k.reason)
        insert into holi_outbox_dead (id, v, tenant, key, target, kind, content, payload, deliver_at, expires, priority, created_at, code, reason)
        select id, v, tenant, key, target, kind, content, payload, deliver_at, expires, priority, created_at, why, reason from dead
        on conflict (id) do update set
          v = excluded.v, tenant = excluded.tenant, key = excluded.key, target = excluded.target, kind = excluded.kind, content = excluded.content,
          payload = excluded.payload, deliver_at = excluded.deliver_at, expires = excluded.expires, priority = excluded.priority,
          created_at = excluded.created_at, code = excluded.code, reason = excluded.reason, died_at = clock_timestamp()
        """;

    /// <summary>With the server's time, by which all gateways go: one row at least.</summary>
    public const string Scheduled = """
        select (extract(epoch from clock_timestamp()) * 1000)::bigint, p.tenant, p.key, p.topic, p.due_ms, octet_length(p.payload)
        from (values (1)) one
        left join (select * from publications where due_ms is not null order by due_ms, publication_id limit $1) p on true
        order by p.due_ms, p.publication_id
        """;

    private const string Columns =
        """p.digest, p.topic, p.stage, p."offset", p.code, p.decided_ms, p.due_ms, p.type, p.payload, p.expires_ms, p.publisher, p.road""";
}
