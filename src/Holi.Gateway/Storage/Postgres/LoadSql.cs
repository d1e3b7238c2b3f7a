using System.Globalization;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// The statements that load a batch. Keys come as arrays, one for each column, and each row says by its ordinal which key it answers: what
/// depends on a row's number is found by joining its name, so that nothing needs a second round trip.
/// </summary>
internal static class LoadSql
{
    public const string Begin = "begin isolation level read committed";

    /// <summary>
    /// First of all: whatever a broken connection of this writer left behind holds this row until it has ended, so that last_batch tells how it did.
    /// </summary>
    public const string Writer = """
        select w.last_batch, w.audit_id, w.audit_hash, m.epoch, (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint,
          (extract(epoch from clock_timestamp()) * 1000)::bigint
        from writers w cross join meta m where w.writer_id = $1 for no key update of w
        """;

    /// <summary>
    /// Names that are not there. There is no row to lock, so each name's slot is: of two gateways that make the same device or topic one waits
    /// here and then finds it. Slots are few and locked in order, because a batch may name thousands. Each gets a number in case it is made.
    /// </summary>
    public const string Absent = """
        select is_device, ordinal, case when is_device then nextval('device_ids') else nextval('topic_ids') end,
          pg_advisory_xact_lock(1214737513, slot)
        from (
          select true as is_device, k.ordinal, hashtext(concat_ws('/', k.tenant, k."user", k.device)) & 511 as slot
          from unnest($1::text[], $2::text[], $3::text[]) with ordinality k(tenant, "user", device, ordinal)
          where not exists (select from devices d where d.tenant = k.tenant and d."user" = k."user" and d.device = k.device)
          union all
          select false, k.ordinal, hashtext(concat_ws('/', k.tenant, k.name)) & 511
          from unnest($4::text[], $5::text[]) with ordinality k(tenant, name, ordinal)
          where not exists (select from topics t where t.tenant = k.tenant and t.name = k.name)
          order by slot, is_device, ordinal
        ) absent
        """;

    public const string Devices = """
        select k.ordinal, d.device_id, d.generation, d.committed, d.digest, d.fence, d.opening
        from unnest($1::text[], $2::text[], $3::text[]) with ordinality k(tenant, "user", device, ordinal)
        join devices d on d.tenant = k.tenant and d."user" = k."user" and d.device = k.device
        order by d.device_id for no key update of d
        """;

    /// <summary>Those to be locked in any case, and those that one of the people asked about belongs to.</summary>
    public const string Topics = """
        select t.tenant, t.name, t.topic_id, t.epoch, t.head, t.title, t.last_member, t.member_count
        from topics t
        where t.topic_id = any(array(
          select o.topic_id from unnest($1::text[], $2::text[]) k(tenant, name)
          join topics o on o.tenant = k.tenant and o.name = k.name
          union all
          select o.topic_id from unnest($3::text[], $4::text[], $5::text[]) k(tenant, name, "user")
          join topics o on o.tenant = k.tenant and o.name = k.name
          join members m on m.topic_id = o.topic_id and m."user" = k."user" and m.present))
        order by t.topic_id for no key update of t
        """;

    public const string Members = """
        select k.ordinal, t.topic_id, m.number, m.role, m.present, m.first_offset, m.delivered, m.read
        from unnest($1::text[], $2::text[], $3::text[]) with ordinality k(tenant, name, "user", ordinal)
        join topics t on t.tenant = k.tenant and t.name = k.name
        left join members m on m.topic_id = t.topic_id and m."user" = k."user"
        """;

    public const string Rosters = """
        select k.ordinal, m."user", m.number, m.role, m.present, m.first_offset, m.delivered, m.read
        from unnest($1::text[], $2::text[]) with ordinality k(tenant, name, ordinal)
        join topics t on t.tenant = k.tenant and t.name = k.name
        join members m on m.topic_id = t.topic_id
        """;

    public const string Events = $"""
        select k.ordinal, {EventColumns.List}
        from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality k(tenant, name, "offset", ordinal)
        join topics t on t.tenant = k.tenant and t.name = k.name
        join events e on e.topic_id = t.topic_id and e."offset" = k."offset"
        """;

    /// <summary>By the command's own identity, or by that under which it first travelled.</summary>
    public const string Decided = """
        select k.ordinal, e.type, e.payload
        from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
          with ordinality k(tenant, "user", device, generation, seq, check8, ordinal)
        join devices d on d.tenant = k.tenant and d."user" = k."user" and d.device = k.device
        cross join lateral (
          select o.type, o.payload from events o
          where o.device_id = d.device_id and o.generation = k.generation and o.seq = k.seq and o.check8 = k.check8
          union all
          select f.type, f.payload from events f
          where f.device_id = d.device_id and f.first_generation = k.generation and f.first_seq = k.seq and f.first_check8 = k.check8
          limit 1) e
        """;

    public const string DeviceCounts = """
        select k.ordinal, (select count(*) from devices d where d.tenant = k.tenant and d."user" = k."user")
        from unnest($1::text[], $2::text[]) with ordinality k(tenant, "user", ordinal)
        """;

    public static readonly string Edits = string.Create(CultureInfo.InvariantCulture, $"""
        select k.ordinal, e."offset"
        from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality k(tenant, name, target, ordinal)
        join topics t on t.tenant = k.tenant and t.name = k.name
        join events e on e.topic_id = t.topic_id and e.target = k.target and e.type = {MessageTypes.MessageEdit}
        """);
}
