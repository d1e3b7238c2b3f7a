namespace Holi.Gateway.Storage.Postgres;

/// <summary>The statements about publications, for one batch: one for each purpose, however many rows.</summary>
internal static class PublicationSql
{
    private const string Columns = """
        k.ordinal, p.digest, p.topic, p.stage, p."offset", p.code, p.decided_ms, p.due_ms, p.type, p.payload, p.expires_ms, p.publisher, p.road
        """;

    /// <summary>
    /// A key that nobody has used has no row to lock, so each key's slot is: of two gateways that are given the same publication at once, one waits
    /// here and then finds what the other has made of it.
    /// </summary>
    public const string Lock = """
        select pg_advisory_xact_lock(1214737514, slot)
        from (
          select distinct hashtext(concat_ws('/', k.tenant, k.key)) & 511 as slot from unnest($1::text[], $2::text[]) k(tenant, key) order by slot
        ) slots
        """;

    public const string Load = $"""
        select {Columns}
        from unnest($1::text[], $2::text[]) with ordinality k(tenant, key, ordinal)
        join publications p on p.tenant = k.tenant and p.key = k.key
        order by p.publication_id for no key update of p
        """;

    /// <summary>What another gateway is about to append is left to it.</summary>
    public const string Claim = Load + " skip locked";

    /// <summary>Zero is "none". In the order in which they were submitted, which their numbers keep.</summary>
    public const string Add = """
        insert into publications (tenant, key, digest, topic, stage, "offset", code, decided_ms, due_ms, type, payload, expires_ms, publisher, road)
        select k.tenant, k.key, k.digest, k.topic, k.stage, k."offset", k.code, nullif(k.decided_ms, 0), nullif(k.due_ms, 0),
          case when k.due_ms <> 0 then k.type end, case when k.due_ms <> 0 then k.payload end, nullif(k.expires_ms, 0), k.publisher, k.road
        from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
          $10::bigint[], $11::bytea[], $12::bigint[], $13::text[], $14::text[]) with ordinality
          k(tenant, key, digest, topic, stage, "offset", code, decided_ms, due_ms, type, payload, expires_ms, publisher, road, ordinal)
        order by k.ordinal
        """;

    /// <summary>The only change there is: it is decided, and what it held goes.</summary>
    public const string Decide = """
        update publications p set stage = k.stage, "offset" = k."offset", code = k.code, decided_ms = nullif(k.decided_ms, 0),
          due_ms = null, type = null, payload = null, expires_ms = null, publisher = null, road = null
        from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) k(tenant, key, stage, "offset", code, decided_ms)
        where p.tenant = k.tenant and p.key = k.key
        """;

    /// <summary>What another gateway is forgetting just now is passed over.</summary>
    public const string Forget = """
        delete from publications where publication_id in (
          select publication_id from publications where decided_ms is not null and decided_ms < $1
          order by decided_ms limit $2 for update skip locked)
        """;

    public const string Scheduled = """
        select tenant, key, topic, due_ms, octet_length(payload) from publications
        where due_ms is not null order by due_ms, publication_id limit $1
        """;
}
