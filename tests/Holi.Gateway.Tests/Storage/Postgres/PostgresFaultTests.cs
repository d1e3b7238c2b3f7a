using System.Diagnostics;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;
using Npgsql;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>
/// 4-proof.md faults 15 and 16 on Postgres: killed, hung, cut off, locked, full. Never acknowledged before it is on disk, never applied twice,
/// over in bounded time, and well again by itself.
/// </summary>
public sealed class PostgresFaultTests(OwnPostgres own) : IClassFixture<OwnPostgres>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_and_started_again_in_the_middle_of_it_everything_acknowledged_is_there_once()
    {
        await using var database = await own.CreateAsync();
        await using var store = await database.OpenAsync();
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var posts = Enumerable.Range(0, 600).Select(i => devices[0].Post(topic, $"{i}")).ToArray();
        var acknowledged = 0;
        var sending = SendAsync();
        foreach (var kills in Enumerable.Range(1, 3))
        {
            await UntilAsync(() => Volatile.Read(ref acknowledged) >= kills * 100);
            await own.Server.Process.KillAsync();
            await Should.ThrowAsync<StoreUnavailableException>(async () => await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel));
            await own.Server.RestartAsync(Cancel);
        }
        await sending;
        scene.Events("ana", topic).Select(e => e.Offset).ShouldBe(Enumerable.Range(1, 601).Select(i => (ulong)i));
        scene.Events("ana", topic).Skip(1).Select(e => e.Identity.Seq).ShouldBe(posts.Select(p => p.Seq));

        async Task SendAsync()
        {
            foreach (var some in posts.Chunk(2))
            {
                var run = new CommitRun(new CommitPlanner(new CommitLimits()), some);
                await UntilAnsweredAsync(() => run.AttemptAsync(store, 1, Cancel));
                Volatile.Write(ref acknowledged, acknowledged + some.Length);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_COMMIT_whose_answer_or_question_was_lost_is_found_out_and_applied_once(bool answerLost)
    {
        await using var database = await own.CreateAsync();
        await using var proxy = new CutProxy(own.Server.Port);
        await using var postgres = await database.OpenAsync(Through(proxy));
        var store = new FaultyLogStore(postgres);
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation(("ben", MemberRole.Member));
        var before = await database.AskAsync<long>("select last_batch from writers");
        var begun = store.Begun;
        store.BeforeCommit = () =>
        {
            store.BeforeCommit = null;
            (proxy.LosingAnswers, proxy.LosingQuestions) = (answerLost, !answerLost);
            _ = CutWhenAsync(proxy, async () => !answerLost || await database.AskAsync<long>("select last_batch from writers") > before);
            return Task.CompletedTask;
        };

        var outcome = scene.Run(
            devices[0].Post(topic, "x"),
            devices[0].Next("conversation/new", MessageTypes.ConversationCreate, new ConversationCreate(null, [new NewMember("new", MemberRole.Member)]).ToBytes()));

        (store.Begun - begun).ShouldBe(2, "the first attempt ended without an answer");
        (await database.AskAsync<long>("select last_batch from writers")).ShouldBe(before + 1);
        outcome.Appended.Count.ShouldBe(4);
        outcome.Appended.ShouldAllBe(a => a.TopicId == scene.See(a.Topic.Name == "user/new" ? "new" : "ana", a.Topic.Name)!.TopicId);
        scene.Events("ana", topic).Count.ShouldBe(3);
        devices[0].Open(devices[0].Generation).ShouldBe(HoliCode.None, "its digest rolled once");
    }

    [Fact]
    public async Task A_COMMIT_that_still_waits_for_its_standby_when_the_connection_breaks_is_waited_for_and_not_guessed()
    {
        await using var database = await own.CreateAsync();
        await using var proxy = new CutProxy(own.Server.Port);
        await using var postgres = await database.OpenAsync(o => Through(proxy)(o) with { LockTimeout = TimeSpan.FromMinutes(1), AnswerTimeout = TimeSpan.FromMinutes(1) });
        var store = new FaultyLogStore(postgres);
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var post = devices[0].Post(topic, "x");
        var run = new CommitRun(new CommitPlanner(new CommitLimits()), [post]);
        Task<BatchOutcome> again;
        try
        {
            // Nobody of that name is there: a COMMIT is on this disk and waits.
            await database.ExecuteAsync("alter system set synchronous_standby_names = 'absent'");
            await database.ExecuteAsync("select pg_reload_conf()");
            await UntilAsync(async () => await database.AskAsync<string>("show synchronous_standby_names") == "absent");
            store.BeforeCommit = () =>
            {
                _ = CutWhenAsync(proxy, async () => await database.AskAsync<long>("select count(*) from pg_stat_activity where wait_event = 'SyncRep'") > 0);
                return Task.CompletedTask;
            };
            await Should.ThrowAsync<StoreUnavailableException>(async () => await run.AttemptAsync(store, 1, Cancel));
            store.BeforeCommit = () => throw new InvalidOperationException("It is there already.");
            again = run.AttemptAsync(store, 2, Cancel).AsTask();
            await UntilAsync(async () => await database.AskAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") > 0);
            again.IsCompleted.ShouldBeFalse();
        }
        finally
        {
            await database.ExecuteAsync("alter system reset synchronous_standby_names");
            await database.ExecuteAsync("select pg_reload_conf()");
        }
        var outcome = await again;
        outcome.Appended.Single().Events.Single().TimeMs.ShouldBe(1, "it is the first attempt that counts");
        scene.Events("ana", topic).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_lock_that_somebody_else_holds_is_given_up_on_in_bounded_time_and_the_batch_goes_on_when_it_is_free()
    {
        await using var database = await own.CreateAsync();
        await using var store = await database.OpenAsync(o => o with { LockTimeout = TimeSpan.FromMilliseconds(100) });
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var post = devices[0].Post(topic, "x");
        await using (var other = new NpgsqlConnection(database.ConnectionString))
        {
            await other.OpenAsync(Cancel);
            await using var locks = new NpgsqlCommand("begin; lock table topics in access exclusive mode", other);
            await locks.ExecuteNonQueryAsync(Cancel);
            foreach (var _ in Enumerable.Range(0, 2))
            {
                var failure = await Should.ThrowAsync<StoreUnavailableException>(() => CommitAsync(store, post));
                failure.Message.ShouldBe("Postgres: locked by another for too long (55P03) while beginning a batch");
            }
            (await Should.ThrowAsync<StoreUnavailableException>(async () => await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel)))
                .Message.ShouldContain("reading a membership");
        }
        (await CommitAsync(store, post)).Committed.Single().Committed.ShouldBe(post.Seq);
    }

    [Fact]
    public async Task A_gateway_that_stops_in_the_middle_of_a_batch_loses_its_locks_before_others_give_up_and_commits_nothing_late()
    {
        await using var database = await own.CreateAsync();
        await using var paused = await database.OpenAsync(o => o with { IdleTimeout = TimeSpan.FromMilliseconds(200) });
        await using var other = await database.OpenAsync();
        var (scene, elsewhere) = (new Scene(paused), new Scene(other));
        var (topic, devices) = scene.Conversation(("ben", MemberRole.Member));
        var late = devices[0].Post(topic, "late");
        var run = new CommitRun(new CommitPlanner(new CommitLimits()), [late]);
        var faulty = new FaultyLogStore(paused);
        faulty.BeforeCommit = async () =>
        {
            faulty.BeforeCommit = null;
            // Holds the topic's row and does not move; meanwhile the others do, at their first attempt.
            var ben = new Device(elsewhere, new DeviceKey(Scene.Tenant, "ben", "tablet"));
            await CommitAsync(other, ben.Hello(0));
            ben.Fence.ShouldBe(1UL);
            (await CommitAsync(other, ben.Post(topic, "meanwhile"))).Appended.Single().Events.Single().Offset.ShouldBe(3UL);
        };
        var failure = await Should.ThrowAsync<StoreUnavailableException>(async () => await run.AttemptAsync(faulty, 1, Cancel));
        failure.Message.ShouldContain("committing a batch");
        (await run.AttemptAsync(faulty, 2, Cancel)).Appended.Single().Events.Single().Offset.ShouldBe(4UL);
        scene.Events("ana", topic).Select(e => e.Offset).ShouldBe([1UL, 2UL, 3UL, 4UL]);
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up_on_in_bounded_time_and_nothing_is_applied_twice()
    {
        await using var database = await own.CreateAsync();
        var short_ = TimeSpan.FromMilliseconds(300);
        await using var store = await database.OpenAsync(o => o with { AnswerTimeout = short_, ConnectTimeout = TimeSpan.FromSeconds(1) });
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var (post, faulty) = (devices[0].Post(topic, "x"), new FaultyLogStore(store));
        var run = new CommitRun(new CommitPlanner(new CommitLimits()), [post]);
        faulty.BeforeCommit = own.Server.Process.PauseAsync;
        try
        {
            (await Should.ThrowAsync<StoreUnavailableException>(async () => await run.AttemptAsync(faulty, 1, Cancel)))
                .Message.ShouldBe("Postgres did not answer in time while committing a batch");
            await Should.ThrowAsync<StoreUnavailableException>(async () => await run.AttemptAsync(faulty, 2, Cancel));
            await Should.ThrowAsync<StoreUnavailableException>(async () => await store.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel));
        }
        finally
        {
            await own.Server.Process.ResumeAsync();
        }
        faulty.BeforeCommit = null;
        await UntilAnsweredAsync(() => run.AttemptAsync(faulty, 3, Cancel));
        scene.Events("ana", topic).Select(e => e.Identity.Seq).ShouldBe([1UL, 2UL]);
        (await UntilAnsweredAsync(() => store.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel))).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Readers_that_find_no_free_connection_are_told_so_and_batches_go_on()
    {
        await using var database = await own.CreateAsync();
        await using var store = await database.OpenAsync(
            o => o with { ReadersMax = 1, ConnectTimeout = TimeSpan.FromSeconds(1), LockTimeout = TimeSpan.FromSeconds(4) });
        var scene = new Scene(store);
        var (topic, _) = scene.Conversation();
        await using var other = new NpgsqlConnection(database.ConnectionString);
        await other.OpenAsync(Cancel);
        await using var locks = new NpgsqlCommand("begin; create unlogged table held (x int); lock table audit_chains; alter table events add column x int", other);
        await locks.ExecuteNonQueryAsync(Cancel);
        var slow = store.ReadEventsAsync(1, 0, 1, 1, Cancel).AsTask();
        await UntilAsync(async () => await database.AskAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") == 1);
        (await Should.ThrowAsync<StoreUnavailableException>(async () => await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel)))
            .Message.ShouldContain("all connections are in use");
        await using (var rollback = new NpgsqlCommand("rollback", other))
            await rollback.ExecuteNonQueryAsync(Cancel);
        await slow;
        (await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_full_disk_acknowledges_nothing_and_goes_on_when_there_is_room()
    {
        var database = await own.CreateAsync();
        using var disk = SmallDisk.TryMount(megabytes: 12, owner: "postgres");
        if (disk is null)
            await database.DisposeAsync();
        Assert.SkipWhen(disk is null, "mounting a small disk takes root");
        var place = disk.Folder("space");
        await database.ExecuteAsync($"create tablespace small location '{place}'");
        await database.ExecuteAsync("do $$ begin execute format('alter database %I set default_tablespace = small', current_database()); end $$");
        try
        {
            await using var store = await database.OpenAsync();
            var scene = new Scene(store);
            var (topic, devices) = scene.Conversation();
            var ballast = Path.Combine(disk.Path, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[6 << 20], Cancel);
            var refused = await FillAsync(store, devices[0], topic);
            (await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel))!.Head.ShouldBe(refused.Seq - 1, "of the failed batch nothing is there");
            await Should.ThrowAsync<StoreUnavailableException>(() => CommitAsync(store, refused), "and again nothing");
            File.Delete(ballast);
            (await CommitAsync(store, refused)).Committed.Single().Committed.ShouldBe(refused.Seq);
            scene.Events("ana", topic).Select(e => e.Offset).ShouldBe(Enumerable.Range(1, (int)refused.Seq).Select(i => (ulong)i));
        }
        finally
        {
            await database.DisposeAsync();
            await DropTablespaceAsync();
        }
    }

    [Fact]
    public async Task A_command_cannot_be_stored_twice_whatever_the_rules_say()
    {
        await using var database = await own.CreateAsync();
        await using var store = await database.OpenAsync();
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var post = devices[0].Post(topic, "x");
        scene.Run(post);
        await using var batch = await store.BeginAsync(CommitPlanner.Keys([post]), Cancel);
        var (device, room) = (batch.State.Devices[post.Key], batch.State.Topics[new TopicKey(Scene.Tenant, topic)]);
        var writes = new BatchWrites();
        writes.Events.Add(new NewEvent(room, ++room.Head, 1, 1, 0, [0x90], 0, new AppliedCommand(device, post.Generation, post.Seq, 1, 0, 0, 0)));
        var fault = await Should.ThrowAsync<InvalidOperationException>(async () => await batch.CommitAsync(writes, Cancel));
        fault.ToString().ShouldNotContain("Key (", Case.Sensitive, "that would be what a row holds");
        await batch.DisposeAsync();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("y")).ShouldBe(HoliCode.None);
        scene.See("ana", topic)!.Head.ShouldBe(3UL);
    }

    private async Task DropTablespaceAsync()
    {
        await using var connection = new NpgsqlConnection(own.Server.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand("drop tablespace small", connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static Func<PostgresOptions, PostgresOptions> Through(CutProxy proxy) => options => options with
    {
        ConnectionString = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Port = proxy.Port }.ToString(),
    };

    // Posts until the store fails; gives the command it failed with.
    private static async Task<SubmitCommand> FillAsync(PostgresLogStore store, Device device, string topic)
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            // Nothing that could be compressed.
            var post = device.Post(topic, string.Concat(Enumerable.Range(0, 10_000).Select(_ => (char)random.Next('!', '~'))));
            try
            {
                await CommitAsync(store, post);
            }
            catch (StoreUnavailableException failure)
            {
                failure.Message.ShouldContain("disk full");
                return post;
            }
        }
        throw new InvalidOperationException("It was never full.");
    }

    private static async Task<BatchOutcome> CommitAsync(ILogStore store, params CommitInput[] inputs)
    {
        var outcome = await new CommitRun(new CommitPlanner(new CommitLimits()), inputs).AttemptAsync(store, 1, Cancel);
        foreach (var (source, opened) in outcome.Opened)
            source.Opened(opened);
        return outcome;
    }

    private static async Task<T> UntilAnsweredAsync<T>(Func<ValueTask<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }

    private static async Task CutWhenAsync(CutProxy proxy, Func<Task<bool>> isTime)
    {
        await UntilAsync(isTime);
        proxy.Cut();
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var limit = Stopwatch.StartNew();
        while (!await condition())
        {
            limit.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "it never came to that");
            await Task.Delay(5, Cancel);
        }
    }
}
