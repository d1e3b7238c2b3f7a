using Holi.Gateway.Ops.Doctor;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Looks at the table that backends insert into (backends.md §9): may it be fetched from, and is the gateway told of what comes.</summary>
internal static class OutboxDoctor
{
    private const string Subject = "outbox";

    private const string Sql = """
        select has_table_privilege(o.oid, 'select') and has_table_privilege(o.oid, 'delete') and has_table_privilege(d.oid, 'select')
            and has_table_privilege(d.oid, 'insert') and has_table_privilege(d.oid, 'update'),
          exists (select from pg_trigger t where t.tgrelid = o.oid and t.tgname = 'holi_outbox_is_told' and t.tgenabled in ('O', 'A')),
          o.relrowsecurity and not pg_has_role(o.relowner, 'usage')
        from pg_class o, pg_class d
        where o.oid = to_regclass('holi_outbox') and d.oid = to_regclass('holi_outbox_dead')
        """;

    /// <summary>Nothing where the table is not there: the gateway makes it with its schema, which is looked at before.</summary>
    public static async ValueTask<IReadOnlyList<Finding>> LookAsync(PostgresSources sources, CancellationToken cancel)
    {
        var findings = new List<Finding>();
        var connection = await sources.Plain.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var trip = new RoundTrip(connection);
            await using (trip.ConfigureAwait(false))
                await trip.Ask(row => Judge(findings, row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2)), Sql).SendAsync(cancel).ConfigureAwait(false);
        }
        return findings;
    }

    private static void Judge(List<Finding> findings, bool mayFetch, bool isTold, bool isHidden)
    {
        if (!mayFetch)
        {
            findings.Add(Finding.Problem(
                Subject, "the role may not fetch from holi_outbox, or put aside into holi_outbox_dead", "what backends insert is not published",
                "grant select, delete on holi_outbox and select, insert, update on holi_outbox_dead to the role"));
        }
        if (isHidden)
        {
            findings.Add(Finding.Problem(
                Subject, "row security hides rows of holi_outbox from the role", "what backends insert is not published",
                "alter table holi_outbox disable row level security, or make a policy for the role"));
        }
        if (!isTold)
        {
            findings.Add(Finding.Warning(
                Subject, "the trigger holi_outbox_is_told is missing or disabled", "what backends insert waits up to half a second until a gateway looks",
                "alter table holi_outbox enable trigger holi_outbox_is_told"));
        }
        if (findings.Count == 0)
            findings.Add(Finding.Fine(Subject, "what backends insert into holi_outbox can be fetched"));
    }
}
