using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>The schema is brought up to date from nothing and from any earlier state, once, whoever else starts or runs; a later one is refused.</summary>
public sealed class PostgresMigrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Files_are_numbered_without_a_gap() =>
        PostgresMigrations.Known.Select(name => int.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture))
            .ShouldBe(Enumerable.Range(1, PostgresMigrations.Known.Count));

    [Fact]
    public async Task An_empty_database_gets_all_of_them_in_order_and_none_twice()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        (await PostgresStart.MigrateAsync(database.Options, TimeProvider.System, Cancel)).ShouldBe(PostgresMigrations.Known);
        (await PostgresStart.MigrateAsync(database.Options, TimeProvider.System, Cancel)).ShouldBeEmpty();
        (await AppliedAsync(database)).ShouldBe(string.Join(',', PostgresMigrations.Known));
    }

    [Fact]
    public async Task A_log_of_the_first_version_is_upgraded_and_keeps_what_it_has()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using (var sources = new PostgresSources(database.Options))
            PostgresMigrations.Apply(sources.Upkeep, PostgresMigrations.Known.Take(1)).ShouldBe(["0001-log.sql"]);
        await database.ExecuteAsync(
            """
            insert into topics values (nextval('topic_ids'), 'clinic', 'conversation/old', 5, 1, 'Old', 1, 1);
            insert into members values (1, 'ana', 1, 3, true, 1, 1, 1);
            insert into events values (1, 1, 7, 1, 8, '\x90');
            """);
        await using var store = await database.OpenAsync();
        var old = (await store.ReadMembershipAsync(Scene.Tenant, "ana", "conversation/old", Cancel))!;
        (old.Title, old.Head, old.TopicId).ShouldBe(("Old", 1UL, 1L));
        var ana = new Scene(store).Connect("ana");
        ana.Send("conversation/old", MessageTypes.MessagePost, new MessagePost("new")).ShouldBe(HoliCode.None);
        (await store.ReadEventsAsync(1, 0, 10, 10_000, Cancel)).Select(e => e.Offset).ShouldBe([1UL, 2UL]);
    }

    [Fact]
    public async Task Several_that_start_at_once_on_nothing_all_come_up_on_one_log()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => database.OpenAsync())));
        stores.Select(s => (s.Epoch, s.WhyReset)).Distinct().ShouldHaveSingleItem().WhyReset.ShouldBeNull();
        (await AppliedAsync(database)).ShouldBe(string.Join(',', PostgresMigrations.Known));
        (await database.AskAsync<long>("select count(*) from writers")).ShouldBe(4);
        foreach (var store in stores)
        {
            new Scene(store).Connect("ana").Fence.ShouldBeGreaterThan(0UL);
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_a_later_version_adds_while_this_one_runs_stops_nobody()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var store = await database.OpenAsync();
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("before")).ShouldBe(HoliCode.None);
        await database.ExecuteAsync(
            """
            alter table topics add column more text; alter table events add column more text; alter table devices add column more bigint default 7;
            alter table members add column more text; alter table writers add column more text; alter table meta add column more text;
            create index events_more on events (more) where more is not null;
            insert into holi_schema (scriptname, applied) values ('9999-more.additive.sql', now());
            """);
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("after")).ShouldBe(HoliCode.None);
        scene.Events("ana", topic).Select(e => e.Offset).ShouldBe([1UL, 2UL, 3UL]);
        await using var restarted = await database.OpenAsync();
        new Scene(restarted).Events("ana", topic).Count.ShouldBe(3, "this version may be started again while the later one is rolled out");
    }

    [Fact]
    public async Task A_schema_that_this_version_does_not_know_is_refused_and_left_alone()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await (await database.OpenAsync()).DisposeAsync();
        await database.ExecuteAsync("insert into holi_schema (scriptname, applied) values ('9999-later.sql', now())");
        var writers = await database.AskAsync<long>("select count(*) from writers");
        var refused = await Should.ThrowAsync<SchemaTooNewException>(() => database.OpenAsync());
        refused.Message.ShouldContain("later version");
        refused.Message.ShouldContain("9999-later.sql");
        (await database.AskAsync<long>("select count(*) from writers")).ShouldBe(writers);
    }

    [Fact]
    public async Task One_that_fails_leaves_nothing_behind_and_is_done_by_the_next_start()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await database.ExecuteAsync("create table audit (x int)");
        await Should.ThrowAsync<InvalidOperationException>(() => database.OpenAsync());
        (await AppliedAsync(database)).ShouldBe("0001-log.sql");
        (await database.AskAsync<bool>("select to_regclass('audit_chains') is null")).ShouldBeTrue();
        await database.ExecuteAsync("drop table audit");
        await using var store = await database.OpenAsync();
        new Scene(store).Connect("ana").Fence.ShouldBe(1UL);
    }

    private static Task<string> AppliedAsync(PostgresDatabase database) =>
        database.AskAsync<string>("select string_agg(scriptname, ',' order by schemaversionsid) from holi_schema");
}
