using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>What verifying one writer's chain of the audit trail found.</summary>
/// <param name="Writer">Whose.</param>
/// <param name="IsLinked">False where its beginning does not follow from the chain before it.</param>
/// <param name="Verdict">Its rows.</param>
public sealed record AuditChainVerdict(Guid Writer, bool IsLinked, AuditVerdict Verdict)
{
    public bool IsWhole => IsLinked && Verdict.FirstBadId is null;
}

/// <summary>Walks every chain of the audit trail from its first row. Works beside running gateways.</summary>
public static class PostgresAudit
{
    // Rows read at a time: bounded memory, whatever the trail's length.
    private const int PageRows = 1_000;

    /// <summary>One verdict for each life of a gateway, in the order of their beginnings.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be read.</exception>
    public static async ValueTask<IReadOnlyList<AuditChainVerdict>> VerifyAsync(PostgresOptions options, TimeProvider time, CancellationToken cancel)
    {
        await using var sources = new PostgresSources(options);
        return await new PostgresCall(time).RunAsync(
            options.UpgradeTimeout, "verifying the audit trail", token => VerifyAsync(sources.Readers, token), cancel).ConfigureAwait(false);
    }

    private static async ValueTask<IReadOnlyList<AuditChainVerdict>> VerifyAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        var verdicts = new List<AuditChainVerdict>();
        var before = AuditChain.Start();
        foreach (var (id, writer, start) in await ChainsAsync(source, cancel).ConfigureAwait(false))
        {
            // Chains are numbered densely, too: one that was taken out shows at the next.
            var isLinked = id == verdicts.Count + 1 && start.AsSpan().SequenceEqual(AuditChain.Start(before, writer));
            verdicts.Add(new AuditChainVerdict(writer, isLinked, await WalkAsync(source, writer, start, cancel).ConfigureAwait(false)));
            before = start;
        }
        return verdicts;
    }

    // A writer's rows without a chain are one that does not follow from anything.
    private static async ValueTask<List<(long Id, Guid Writer, byte[] Start)>> ChainsAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        var chains = new List<(long, Guid, byte[])>();
        await using var connection = await source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var trip = new RoundTrip(connection);
        await trip.Ask(
            row => chains.Add((row.GetInt64(0), row.GetGuid(1), row.GetFieldValue<byte[]>(2))),
            """
            select chain_id, writer_id, start from audit_chains
            union all
            select 0, a.writer_id, ''::bytea from audit a
            where a.audit_id = 1 and not exists (select from audit_chains c where c.writer_id = a.writer_id)
            order by 1
            """).SendAsync(cancel).ConfigureAwait(false);
        // Those without a number come last: they would shift the others.
        return [.. chains.Where(c => c.Item1 > 0), .. chains.Where(c => c.Item1 == 0)];
    }

    private static async ValueTask<AuditVerdict> WalkAsync(NpgsqlDataSource source, Guid writer, byte[] start, CancellationToken cancel)
    {
        var walk = new AuditWalk(start);
        await using var connection = await source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        while (true)
        {
            var page = new List<(long Id, AuditEntry Entry, byte[] Hash)>();
            await using var trip = new RoundTrip(connection);
            await trip.Ask(
                row => page.Add((row.GetInt64(0), Entry(row), row.GetFieldValue<byte[]>(7))),
                """
                select audit_id, time_ms, tenant, "user", device, action, subject, hash
                from audit where writer_id = $1 and audit_id > $2 order by audit_id limit $3
                """,
                Bind.Id(writer), Bind.Number(walk.Rows), Bind.Number(PageRows)).SendAsync(cancel).ConfigureAwait(false);
            foreach (var (id, entry, hash) in page)
            {
                if (!walk.Take(id, entry, hash))
                    return walk.Verdict;
            }
            if (page.Count < PageRows)
                return walk.Verdict;
        }
    }

    private static AuditEntry Entry(NpgsqlDataReader row) => new(
        row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6));
}
