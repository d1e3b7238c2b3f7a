using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Tests.Commit;
using Holi.Servers;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>
/// Invariant E on Postgres (4-proof.md fault 17): a history that was reset is announced by a new epoch, once, also to gateways that were running;
/// one that was not keeps its own.
/// </summary>
public sealed class PostgresHistoryTests(OwnPostgres own) : IClassFixture<OwnPostgres>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restarts_crashes_and_other_gateways_change_nothing()
    {
        await using var database = await own.CreateAsync();
        var first = await RunAsync(database);
        first.Why.ShouldBeNull();
        await own.Server.Process.KillAsync();
        await own.Server.RestartAsync(Cancel);
        (await RunAsync(database)).ShouldBe((first.Epoch, null));
        // Freezes and moves every row.
        await database.ExecuteAsync("vacuum (full, freeze)");
        (await RunAsync(database)).ShouldBe((first.Epoch, null));
        using var elsewhere = new TempFolder();
        await using var other = await database.OpenAsync(o => o with { DataFolder = elsewhere.Path });
        (other.Epoch, other.WhyReset).ShouldBe((first.Epoch, null));
    }

    [Fact]
    public async Task An_older_server_in_place_of_the_newer_is_noticed_at_the_next_start_and_announced_once()
    {
        await using var database = await own.CreateAsync();
        var first = await RunAsync(database);
        using var backup = await BackUpAsync();
        await RunAsync(database, posts: 3);
        await RestoreAsync(backup);
        var restored = await RunAsync(database);
        restored.Why.ShouldNotBeNull();
        restored.Epoch.ShouldBeGreaterThan(first.Epoch);
        (await RunAsync(database)).ShouldBe((restored.Epoch, null));
    }

    [Fact]
    public async Task Gateways_that_run_notice_what_they_miss_announce_it_once_and_ask_to_be_started_again()
    {
        await using var database = await own.CreateAsync();
        await using var busy = await database.OpenAsync();
        await using var quiet = await database.OpenAsync();
        Post(quiet, 1);
        Post(busy, 1);
        using var backup = await BackUpAsync();
        Post(busy, 3);
        await RestoreAsync(backup);

        (await FailAsync(busy)).ShouldContain("start this gateway again");
        (await FailAsync(quiet)).ShouldContain("start this gateway again", Case.Insensitive, "it misses nothing of its own, but the other has announced");
        (await Should.ThrowAsync<StoreUnavailableException>(async () => await busy.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel)))
            .Message.ShouldContain("start this gateway again");

        await busy.DisposeAsync();
        var again = await RunAsync(database);
        again.Epoch.ShouldBeGreaterThan(busy.Epoch);
        again.Why.ShouldBeNull("it was announced already");
    }

    [Fact]
    public async Task A_dump_that_was_restored_is_noticed_even_into_the_same_server()
    {
        await using var database = await own.CreateAsync();
        var first = await RunAsync(database);
        await using var copy = await own.CreateAsync();
        // Made by the server's own programs; run in a shell, because one writes what the other reads.
        await ServerProcess.RunAsync(
            "sh", ["-c", $"pg_dump -h 127.0.0.1 -p {own.Server.Port} -U postgres {database.Name} | psql -q -h 127.0.0.1 -p {own.Server.Port} -U postgres {copy.Name}"], Cancel);
        var restored = await RunAsync(copy);
        restored.Why!.ShouldContain("dump");
        restored.Epoch.ShouldBeGreaterThan(first.Epoch);
        (await RunAsync(copy)).ShouldBe((restored.Epoch, null));
    }

    [Fact]
    public async Task A_standby_that_took_over_is_gone_on_with_where_a_gateway_lived_through_it_and_misses_nothing()
    {
        await using var database = await own.CreateAsync();
        await using (var store = await database.OpenAsync())
        {
            Post(store, 2);
            await PromoteAsync(database, () => FailAsync(store));
            Post(store, 2);
        }
        (await RunAsync(database)).Why.ShouldBeNull("the gateway that lived through it has said so");

        var before = await RunAsync(database);
        await PromoteAsync(database, () => Task.CompletedTask);
        var after = await RunAsync(database);
        after.Why!.ShouldContain("took over");
        after.Epoch.ShouldBeGreaterThan(before.Epoch);
    }

    [Fact]
    public async Task An_operator_may_say_so_and_topics_have_the_new_epoch_and_devices_new_generations()
    {
        await using var database = await own.CreateAsync();
        Device phone;
        await using (var store = await database.OpenAsync())
        {
            phone = new Scene(store).Connect("ana");
            phone.Send("conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
        }
        await using var again = await database.OpenAsync(o => o with { Restored = true });
        again.WhyReset!.ShouldContain("operator");
        var scene = new Scene(again);
        (await again.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel)).ShouldAllBe(m => m.Epoch == again.Epoch);
        var tablet = scene.Connect("ana", "tablet");
        tablet.Generation.ShouldBeGreaterThan(phone.Generation);
        tablet.Send("conversation/other", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
        scene.See("ana", "conversation/other")!.Epoch.ShouldBe(again.Epoch);
    }

    [Fact]
    public async Task Gateways_that_share_a_data_folder_keep_a_mark_each()
    {
        await using var database = await own.CreateAsync();
        await using var one = await database.OpenAsync();
        await using var two = await database.OpenAsync();
        File.Exists(PostgresMarker.PathOf(database.Folder.Path, 1)).ShouldBeTrue();
        File.Exists(PostgresMarker.PathOf(database.Folder.Path, 2)).ShouldBeTrue();
    }

    private static readonly PostgresMeta Meta = new(Guid.NewGuid(), 7, "server", "00000001", WrittenHere: true);
    private static readonly PostgresPlace Place = new("server", "00000001", 1_000, IsDurable: true);
    private static readonly PostgresMark Mark = new(Meta.StoreId, Guid.NewGuid(), 5, 900, 0);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    [Fact]
    public void What_was_seen_tells_a_history_that_goes_on_from_one_that_was_reset()
    {
        Why().ShouldBeNull();
        Why(batches: 9).ShouldBeNull("more is there than this gateway had time to mark");
        Why(mark: null, noMark: true).ShouldBeNull("a new gateway");
        Why(mark: Mark with { StoreId = Guid.NewGuid(), Lsn = 5_000 }, batches: null).ShouldBeNull("another log's mark");
        Why(batches: null, days: 2).ShouldBeNull("its row may have been cleared away since");

        Why(meta: Meta with { WrittenHere = false }).ShouldNotBeNull();
        Why(place: Place with { SystemId = "another" }).ShouldNotBeNull();
        Why(place: Place with { Timeline = "00000002" }).ShouldNotBeNull();
        Why(place: Place with { Lsn = 899 }).ShouldNotBeNull();
        Why(batches: 4).ShouldNotBeNull();
        Why(batches: null).ShouldNotBeNull();
    }

    [Fact]
    public void A_mark_comes_back_as_it_was_written()
    {
        var bytes = new byte[PostgresMark.Bytes];
        Mark.Write(bytes);
        PostgresMark.Read(bytes).ShouldBe(Mark);
    }

    private static string? Why(
        PostgresMeta? meta = null, PostgresPlace? place = null, PostgresMark? mark = null, bool noMark = false, ulong? batches = ulong.MaxValue, int days = 0) =>
        PostgresHistory.WhyReset(
            meta ?? Meta, place ?? Place, noMark ? null : mark ?? Mark, batches == ulong.MaxValue ? 5 : batches, Kept, (long)TimeSpan.FromDays(days).TotalMilliseconds);

    private static async Task<(ulong Epoch, string? Why)> RunAsync(PostgresDatabase database, int posts = 1)
    {
        await using var store = await database.OpenAsync();
        Post(store, posts);
        return (store.Epoch, store.WhyReset);
    }

    private static void Post(PostgresLogStore store, int count)
    {
        var scene = new Scene(store);
        for (var i = 0; i < count; i++)
            scene.Connect("ana");
    }

    // The first batch may find nothing but a broken connection.
    private static async Task<string> FailAsync(PostgresLogStore store)
    {
        var message = "";
        for (var i = 0; i < 3; i++)
        {
            try
            {
                await using var batch = await store.BeginAsync(new BatchKeys(), Cancel);
                return message;
            }
            catch (StoreUnavailableException failure)
            {
                message = failure.Message;
            }
        }
        return message;
    }

    private async Task<TempFolder> BackUpAsync()
    {
        var backup = new TempFolder();
        await own.Server.Process.StopAsync("INT");
        await ServerProcess.RunAsync("cp", ["-a", own.Server.DataFolder, backup.File("data")], Cancel);
        await own.Server.RestartAsync(Cancel);
        return backup;
    }

    private async Task RestoreAsync(TempFolder backup)
    {
        await own.Server.Process.StopAsync("INT");
        Directory.Delete(own.Server.DataFolder, recursive: true);
        await ServerProcess.RunAsync("cp", ["-a", backup.File("data"), own.Server.DataFolder], Cancel);
        await own.Server.RestartAsync(Cancel);
    }

    // Comes up as a standby of nobody, and then takes over.
    private async Task PromoteAsync(PostgresDatabase database, Func<Task> meanwhile)
    {
        await own.Server.Process.StopAsync("INT");
        await File.WriteAllTextAsync(Path.Combine(own.Server.DataFolder, "standby.signal"), "", Cancel);
        await own.Server.RestartAsync(Cancel);
        await meanwhile();
        (await database.AskAsync<bool>("select pg_promote()")).ShouldBeTrue();
    }
}
