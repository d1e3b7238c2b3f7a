using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Tests.Storage.Postgres;
using Holi.Servers;
using Holi.Wire.Payloads;
using Npgsql;

namespace Holi.Gateway.Tests.Ingress.Sql;

/// <summary>Publications from the outbox table of a real Postgres (backends.md §9): with the backend's transaction or not at all, each once, in order.</summary>
public sealed class OutboxRoadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_backend_commits_is_published_and_what_it_rolls_back_is_not()
    {
        await using var scene = await OutboxScene.StartAsync();
        await scene.Database.ExecuteAsync($"begin; {OutboxScene.Insert("dropped")} rollback;");
        await scene.Database.ExecuteAsync($"begin; create table theirs (id int); {OutboxScene.Insert("a")} {OutboxScene.Insert("b")} commit;");
        await scene.HasTitlesAsync("a", "b");
        (await scene.DeadAsync()).ShouldBe("");
    }

    [Fact]
    public async Task Every_column_means_what_its_field_means()
    {
        await using var scene = await OutboxScene.StartAsync();
        await scene.NotifyAsync("kept", ", v, deliver_at, expires, priority", ", 1, now() + interval '700 ms', now() + interval '1 hour', 7");
        await scene.NotifyAsync("dropped", ", deliver_at", ", now() + interval '800 ms'");
        await scene.Database.ExecuteAsync("insert into holi_outbox (tenant, key, kind) values ('clinic', 'dropped', 'cancel')");
        var payload = Convert.ToHexString(new Notification("n", 5, "packed", null, null, null).ToBytes());
        await scene.Database.ExecuteAsync(
            $"insert into holi_outbox (tenant, key, target, kind, payload) values ('clinic', 'packed', 'user/ana', 'notification', '\\x{payload}')");
        await scene.HasTitlesAsync("packed", "kept");
        await scene.NotifyAsync("last");
        await scene.HasTitlesAsync("packed", "kept", "last");
        (await scene.DeadAsync()).ShouldBe("");
    }

    [Fact]
    public async Task What_cannot_be_published_is_put_aside_with_its_reason_and_stops_nobody()
    {
        await using var scene = await OutboxScene.StartAsync();
        await scene.NotifyAsync("a");
        await scene.NotifyAsync("a", ", priority", ", 1");
        await scene.NotifyAsync("bad key");
        await scene.NotifyAsync("forever", ", deliver_at", ", 'infinity'");
        await scene.NotifyAsync("never", ", expires", ", '-infinity'");
        await scene.NotifyAsync("before", ", deliver_at", ", '0044-03-15 BC'");
        await scene.NotifyAsync("after", ", deliver_at", ", '20000-01-01'");
        await scene.NotifyAsync("minus", ", priority", ", -1");
        await scene.NotifyAsync("late", ", expires", ", '2001-01-01'");
        await scene.NotifyAsync("both", ", payload", ", '\\x90'");
        await scene.Database.ExecuteAsync(
            "insert into holi_outbox (tenant, key, target, kind, content) select 'clinic', 'huge', 'user/ana', 'notification', jsonb_build_object('title', repeat('x', 2000000))");
        await scene.Database.ExecuteAsync("insert into holi_outbox (tenant, key, kind) values (repeat('x', 1000), repeat('k', 100000), repeat('z', 100000))");
        await scene.NotifyAsync("b");
        await scene.HasTitlesAsync("a", "b");
        (await scene.DeadAsync()).ShouldBe(
            "4607 a, 4606 bad key, 4606 forever, 4606 never, 4606 before, 4606 after, 4606 minus, 4611 late, 4606 both, 4603 huge, 4606 " + new string('k', 20));
        (await scene.Database.AskAsync<string>("select reason from holi_outbox_dead where key = 'minus'")).ShouldBe("priority: it must be 0–9.");
        (await scene.Database.AskAsync<string>("select content::text from holi_outbox_dead where key = 'both'")).ShouldContain("title");
    }

    [Fact]
    public async Task O_a_COMMIT_whose_reply_was_lost_neither_repeats_nor_loses_a_row()
    {
        await using var scene = await OutboxScene.StartAsync();
        await scene.NotifyAsync("first");
        await scene.HasTitlesAsync("first");
        foreach (var fault in new[] { CommitFault.AnswerLost, CommitFault.Lost, CommitFault.AnswerLost })
            scene.Node.Store.Faults.Enqueue(fault);
        for (var i = 0; i < 50; i++)
            await scene.NotifyAsync($"k{i}");
        await scene.HasTitlesAsync(["first", .. Enumerable.Range(0, 50).Select(i => $"k{i}")]);
    }

    [Fact]
    public async Task Two_gateways_publish_each_row_once_in_order_and_when_one_stops_the_other_goes_on()
    {
        await using var scene = await OutboxScene.StartAsync(nodes: 2);
        var keys = Enumerable.Range(0, 600).Select(i => $"k{i}").ToArray();
        foreach (var chunk in keys[..300].Chunk(10))
            await scene.Database.ExecuteAsync(string.Concat(chunk.Select(key => OutboxScene.Insert(key))));
        await OutboxScene.UntilAsync(async () => (await scene.TitlesAsync()).Count > 50);
        await scene.RemoveAsync(scene.Node);
        foreach (var chunk in keys[300..].Chunk(10))
            await scene.Database.ExecuteAsync(string.Concat(chunk.Select(key => OutboxScene.Insert(key))));
        await scene.HasTitlesAsync(keys);
    }

    [Fact]
    public async Task Fault_12_a_gateway_that_is_paused_in_its_turn_does_not_hold_up_the_others()
    {
        await using var scene = await OutboxScene.StartAsync(nodes: 0);
        await using var paused = new NpgsqlConnection(scene.Database.ConnectionString);
        await paused.OpenAsync(Cancel);
        await using (var turn = new NpgsqlCommand("select pg_advisory_lock(1349286002)", paused))
            await turn.ExecuteNonQueryAsync(Cancel);
        await scene.AddNodeAsync();
        await scene.NotifyAsync("a");
        await scene.HasTitlesAsync("a");
    }

    [Fact]
    public async Task Fault_15_Postgres_killed_and_restarted_loses_nothing_that_backends_committed()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed");
        await using var server = await PostgresServer.StartAsync(Cancel);
        await using var scene = await OutboxScene.StartAsync(server: server);
        for (var i = 0; i < 100; i++)
            await scene.NotifyAsync($"k{i}");
        await server.Process.KillAsync();
        await server.RestartAsync(Cancel);
        for (var i = 100; i < 200; i++)
            await scene.NotifyAsync($"k{i}");
        await scene.HasTitlesAsync(Enumerable.Range(0, 200).Select(i => $"k{i}"));
    }

    [Fact]
    public async Task A_row_that_is_committed_late_with_a_lower_id_is_published_when_it_is()
    {
        await using var scene = await OutboxScene.StartAsync();
        await using var slow = new NpgsqlConnection(scene.Database.ConnectionString);
        await slow.OpenAsync(Cancel);
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await using (var insert = new NpgsqlCommand(OutboxScene.Insert("slow"), slow, transaction))
            await insert.ExecuteNonQueryAsync(Cancel);
        await scene.NotifyAsync("quick");
        await OutboxScene.UntilAsync(async () => (await scene.TitlesAsync()).Count == 1);
        await transaction.CommitAsync(Cancel);
        await scene.HasTitlesAsync("quick", "slow");
    }

    [Fact]
    public async Task A_backend_needs_the_right_to_insert_and_no_other()
    {
        await using var scene = await OutboxScene.StartAsync();
        // Roles are the server's, and others use it, too.
        var lab = $"r{Guid.NewGuid():N}";
        await scene.Database.ExecuteAsync($"""
            create role {lab} nologin;
            grant insert (tenant, key, target, kind, content, payload, deliver_at, expires, priority) on holi_outbox to {lab};
            """);
        await scene.Database.ExecuteAsync($"set role {lab}; {OutboxScene.Insert("a", ", priority", ", 3")} reset role;");
        await scene.HasTitlesAsync("a");
        foreach (var more in new[] { "select * from holi_outbox", "select * from publications", "delete from holi_outbox", "insert into holi_outbox (tenant, key, kind, created_at) values ('t', 'k', 'cancel', 'infinity')" })
            await Should.ThrowAsync<PostgresException>(() => scene.Database.ExecuteAsync($"set role {lab}; {more}"));
        await scene.Database.ExecuteAsync($"drop owned by {lab}; drop role {lab}");
    }

    [Fact]
    public async Task An_id_that_was_put_aside_before_stops_nobody()
    {
        await using var scene = await OutboxScene.StartAsync();
        await scene.NotifyAsync("bad key");
        await OutboxScene.UntilAsync(async () => (await scene.DeadAsync()).Length > 0);
        await scene.Database.ExecuteAsync("truncate holi_outbox restart identity");
        await scene.NotifyAsync("worse key");
        await scene.NotifyAsync("a");
        await scene.HasTitlesAsync("a");
        (await scene.DeadAsync()).ShouldBe("4606 worse key");
    }

    [Fact]
    public async Task Its_lag_is_the_age_of_what_waits_and_its_failures_are_told()
    {
        await using var scene = await OutboxScene.StartAsync();
        await OutboxScene.UntilAsync(() => Task.FromResult(scene.Node.Lag == TimeSpan.Zero && scene.Health.Health is { FailingSince: null, Lag: not null }));
        await scene.Database.ExecuteAsync("alter table holi_outbox rename to hidden");
        await OutboxScene.UntilAsync(() => Task.FromResult(scene.Health.Health.Reason?.Contains("42P01", StringComparison.Ordinal) is true && scene.Node.Lag is null));
        await scene.Database.ExecuteAsync($"alter table hidden rename to holi_outbox; {OutboxScene.Insert("a")}");
        await scene.HasTitlesAsync("a");
        scene.Health.Health.FailingSince.ShouldBeNull();
        var hold = new TaskCompletionSource();
        scene.Node.Store.BeforeCommit = () => hold.Task;
        await scene.Database.ExecuteAsync("insert into holi_outbox (tenant, key, target, kind, content, created_at) values ('clinic', 'old', 'user/ana', 'notification', '{\"title\":\"old\"}', now() - interval '1 hour')");
        await OutboxScene.UntilAsync(() => Task.FromResult(scene.Node.Lag > TimeSpan.FromMinutes(59)));
        hold.SetResult();
        await OutboxScene.UntilAsync(() => Task.FromResult(scene.Node.Lag == TimeSpan.Zero));
    }

    [Fact]
    public async Task Rows_come_though_nobody_tells_of_them()
    {
        await using var scene = await OutboxScene.StartAsync();
        await scene.Database.ExecuteAsync("alter table holi_outbox disable trigger holi_outbox_is_told");
        await scene.NotifyAsync("a");
        await scene.HasTitlesAsync("a");
    }
}
