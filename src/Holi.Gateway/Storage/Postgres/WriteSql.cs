using System.Globalization;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>The statements that write a batch: one for each table, however many rows.</summary>
internal static class WriteSql
{
    public const string NewDevices = """
        insert into devices (device_id, tenant, "user", device, generation, committed, digest, fence, opening)
        select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[], $9::bigint[])
        """;

    public const string Devices = """
        update devices d set generation = k.generation, committed = k.committed, digest = k.digest, fence = k.fence, opening = k.opening
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[])
          k(device_id, generation, committed, digest, fence, opening)
        where d.device_id = k.device_id
        """;

    public const string NewTopics = """
        insert into topics (topic_id, tenant, name, epoch, head, title, last_member, member_count)
        select * from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[])
        """;

    public const string Topics = """
        update topics t set head = k.head, title = k.title, last_member = k.last_member, member_count = k.member_count
        from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[]) k(topic_id, head, title, last_member, member_count)
        where t.topic_id = k.topic_id
        """;

    public const string NewMembers = """
        insert into members (topic_id, "user", role, present, first_offset, delivered, read, number)
        select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
        """;

    public const string Members = """
        update members m set role = k.role, present = k.present, first_offset = k.first_offset, delivered = k.delivered, read = k.read
        from unnest($1::bigint[], $2::text[], $3::bigint[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[])
          k(topic_id, "user", role, present, first_offset, delivered, read)
        where m.topic_id = k.topic_id and m."user" = k."user"
        """;

    /// <summary>Zero is "none".</summary>
    public const string Events = """
        insert into events (topic_id, "offset", time_ms, member, type, payload, target,
          device_id, generation, seq, check8, first_generation, first_seq, first_check8)
        select k.topic_id, k."offset", k.time_ms, k.member, k.type, k.payload, nullif(k.target, 0),
          nullif(k.device_id, 0), nullif(k.generation, 0), nullif(k.seq, 0), case when k.device_id <> 0 then k.check8 end,
          nullif(k.first_generation, 0), nullif(k.first_seq, 0), case when k.first_generation <> 0 then k.first_check8 end
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bigint[],
          $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
          k(topic_id, "offset", time_ms, member, type, payload, target,
            device_id, generation, seq, check8, first_generation, first_seq, first_check8)
        """;

    public const string Audit = """
        insert into audit (writer_id, audit_id, time_ms, tenant, "user", device, action, subject, hash)
        select $1, k.* from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[]) k
        """;

    public const string Writer = """
        update writers set last_batch = $2, audit_id = $3, audit_hash = $4, seen_at = now() where writer_id = $1
        """;

    public const string Commit = "commit";

    public const string Rollback = "rollback";

    /// <summary>An empty MessagePack array is what is left.</summary>
    public static readonly string Erasures = string.Create(CultureInfo.InvariantCulture, $"""
        update events e set type = {MessageTypes.MessageErased}, payload = '\x90'
        from unnest($1::bigint[], $2::bigint[]) k(topic_id, "offset")
        where e.topic_id = k.topic_id and e."offset" = k."offset"
        """);
}
