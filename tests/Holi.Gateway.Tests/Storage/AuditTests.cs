using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage;

/// <summary>The audit trail is committed with its effect, hangs together, and shows where somebody touched it.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private SqliteOptions Options => new() { Path = _folder.File("holi.db") };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_trail_of_several_runs_hangs_together_and_can_be_verified_beside_them()
    {
        AuditVerification.Verify(await FillAsync(0)).ShouldSatisfyAllConditions(v => v.Rows.ShouldBe(0), v => v.FirstBadId.ShouldBeNull());
        var first = AuditVerification.Verify(await FillAsync(1_500));
        (first.Rows, first.FirstBadId).ShouldBe((1_500, null));
        var second = AuditVerification.Verify(await FillAsync(1));
        (second.Rows, second.FirstBadId).ShouldBe((1_501, null));
        second.LastHash.ToArray().ShouldNotBe(first.LastHash.ToArray());
    }

    [Theory]
    [InlineData("update audit set user = 'eve' where audit_id = 3", 3)]
    [InlineData("update audit set time_ms = time_ms + 1 where audit_id = 3", 3)]
    [InlineData("update audit set subject = subject || ' ' where audit_id = 1", 1)]
    [InlineData("update audit set action = user, user = action where audit_id = 5", 5)]
    [InlineData("delete from audit where audit_id = 3", 4)]
    [InlineData("delete from audit where audit_id = 3; update audit set audit_id = audit_id - 1 where audit_id > 3", 3)]
    [InlineData("insert into audit select 6, time_ms, tenant, user, device, action, subject, hash from audit where audit_id = 5", 6)]
    public async Task A_touched_row_is_found(string sql, long bad)
    {
        await FillAsync(5);
        // Whoever can write the file can drop what keeps the honest from touching it.
        SqliteFaultTests.Execute(Options.Path, "drop trigger audit_is_not_changed; drop trigger audit_is_not_deleted; " + sql);
        AuditVerification.Verify(Options).FirstBadId.ShouldBe(bad);
    }

    [Theory]
    [InlineData("update audit set user = 'eve'")]
    [InlineData("delete from audit")]
    public async Task The_database_itself_keeps_rows_from_being_touched(string sql)
    {
        await FillAsync(2);
        Should.Throw<Microsoft.Data.Sqlite.SqliteException>(() => SqliteFaultTests.Execute(Options.Path, sql)).Message.ShouldContain("append-only");
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_no_row_and_the_next_goes_on_from_what_is_there()
    {
        var store = new FaultyLogStore(await SqliteFaultTests.Open(Options));
        var scene = new Scene(store);
        store.Faults.Enqueue(CommitFault.Lost);
        scene.Connect("ana");
        store.Faults.Enqueue(CommitFault.AnswerLost);
        scene.Connect("ben");
        await store.DisposeAsync();
        var verdict = AuditVerification.Verify(Options);
        (verdict.Rows, verdict.FirstBadId).ShouldBe((2, null));
    }

    [Fact]
    public void Fields_cannot_be_shifted_into_each_other()
    {
        var entry = new AuditEntry(1, "t", "ab", "c", "d", "e");
        AuditChain.Next(AuditChain.Start(), 1, entry).ShouldNotBe(AuditChain.Next(AuditChain.Start(), 1, entry with { User = "a", Device = "bc" }));
    }

    [Fact]
    public void What_a_device_named_as_a_topic_is_not_repeated_where_it_is_none()
    {
        var scene = new Scene();
        var ana = scene.Connect("ana");
        ana.Send("conversation/none", MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.NotFound);
        ana.Send("<b>the patient</b>", MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.NotFound);
        scene.Memory.Audit.Skip(1).Select(a => a.Subject).ShouldBe(["4604 conversation/none", "4604 ?"]);
    }

    private async Task<SqliteOptions> FillAsync(int rows)
    {
        await using var store = await SqliteFaultTests.Open(Options);
        new Scene(store).Run(
            [.. Enumerable.Range(0, rows).Select(i => new Holi.Gateway.Commit.SubmitAudit(new AuditEntry(i, Scene.Tenant, "ana", "phone", "test", $"row {i}")))]);
        return Options;
    }
}
