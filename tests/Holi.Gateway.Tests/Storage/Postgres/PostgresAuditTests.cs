using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Npgsql;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>Each gateway's audit rows are a chain, and the chains hang together: what somebody touched, or took out, shows.</summary>
public sealed class PostgresAuditTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gateways_write_beside_each_other_and_every_chain_can_be_verified_meanwhile()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var one = await database.OpenAsync();
        await using var two = await database.OpenAsync();
        Fill(one, 1_500);
        Fill(two, 3);
        Fill(one, 1);
        var chains = await VerifyAsync(database);
        chains.Select(c => (c.IsWhole, c.Verdict.Rows)).ShouldBe([(true, 1_501), (true, 3)]);
        chains.Select(c => Convert.ToHexString(c.Verdict.LastHash.Span)).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("update audit set \"user\" = 'eve' where audit_id = 3")]
    [InlineData("update audit set time_ms = time_ms + 1 where audit_id = 3")]
    [InlineData("update audit set subject = subject || ' ' where audit_id = 1")]
    [InlineData("update audit set action = \"user\", \"user\" = action where audit_id = 5")]
    [InlineData("delete from audit where audit_id = 3")]
    [InlineData("delete from audit where audit_id = 3; update audit set audit_id = audit_id - 1 where audit_id > 3")]
    [InlineData("insert into audit select writer_id, 6, time_ms, tenant, \"user\", device, action, subject, hash from audit where audit_id = 5")]
    [InlineData("update audit set writer_id = (select writer_id from audit_chains where chain_id = 2) where writer_id = (select writer_id from audit_chains where chain_id = 1)")]
    [InlineData("delete from audit where writer_id = (select writer_id from audit_chains where chain_id = 1); delete from audit_chains where chain_id = 1")]
    [InlineData("delete from audit_chains where chain_id = 3")]
    [InlineData("update audit_chains set start = '\\x00' where chain_id = 1")]
    public async Task A_touched_row_and_a_missing_chain_are_found(string sql)
    {
        await using var database = await PostgresDatabase.CreateAsync();
        foreach (var rows in (int[])[5, 0, 5])
        {
            await using var store = await database.OpenAsync();
            Fill(store, rows);
        }
        (await VerifyAsync(database)).ShouldAllBe(c => c.IsWhole);
        // Whoever owns the tables can drop what keeps the honest from touching them.
        await database.ExecuteAsync(
            "drop trigger audit_is_not_changed on audit; drop trigger audit_chains_are_not_changed on audit_chains; " + sql);
        (await VerifyAsync(database)).ShouldContain(c => !c.IsWhole);
    }

    [Theory]
    [InlineData("update audit set \"user\" = 'eve'")]
    [InlineData("delete from audit")]
    [InlineData("truncate audit")]
    [InlineData("delete from audit_chains")]
    public async Task The_database_itself_keeps_rows_from_being_touched(string sql)
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var store = await database.OpenAsync();
        Fill(store, 2);
        (await Should.ThrowAsync<PostgresException>(() => database.ExecuteAsync(sql))).MessageText.ShouldContain("append-only");
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_no_row_and_the_next_goes_on_from_what_is_there()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var postgres = await database.OpenAsync();
        var store = new FaultyLogStore(postgres);
        var scene = new Scene(store);
        store.Faults.Enqueue(CommitFault.Lost);
        scene.Connect("ana");
        store.Faults.Enqueue(CommitFault.AnswerLost);
        scene.Connect("ben");
        scene.Connect("cai");
        (await VerifyAsync(database)).Single().ShouldSatisfyAllConditions(c => c.IsWhole.ShouldBeTrue(), c => c.Verdict.Rows.ShouldBe(3));
    }

    private static void Fill(PostgresLogStore store, int rows) => new Scene(store).Run(
        [.. Enumerable.Range(0, rows).Select(i => new SubmitAudit(new AuditEntry(i, Scene.Tenant, "ana", "phone", "test", $"row {i}")))]);

    private static async Task<IReadOnlyList<AuditChainVerdict>> VerifyAsync(PostgresDatabase database) =>
        await PostgresAudit.VerifyAsync(database.Options, TimeProvider.System, Cancel);
}
