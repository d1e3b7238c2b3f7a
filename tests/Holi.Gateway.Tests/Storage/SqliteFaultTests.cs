using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Tests.Storage;

/// <summary>4-proof.md faults 15 and 16 on the embedded store: a full disk, a locked database, a damaged one. Never acknowledged, never half.</summary>
public sealed class SqliteFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_database_acknowledges_nothing_and_goes_on_when_there_is_room()
    {
        SubmitCommand refused;
        await using (var small = await Open(new SqliteOptions { Path = _folder.File("holi.db"), PagesMax = 80 }))
        {
            var scene = new Scene(small);
            var (topic, devices) = scene.Conversation();
            refused = await FillAsync(small, devices[0], topic);
            (await small.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel))!.Head.ShouldBe(refused.Seq - 1, "of the failed batch nothing is there");
            await Should.ThrowAsync<StoreUnavailableException>(() => CommitAsync(small, refused), "and again nothing");
        }
        await using var store = await Open(new SqliteOptions { Path = _folder.File("holi.db") });
        store.WasRestored.ShouldBeFalse();
        var outcome = await CommitAsync(store, refused);
        outcome.Committed.Single().Committed.ShouldBe(refused.Seq);
        outcome.Appended.Single().Events.Single().Offset.ShouldBe(refused.Seq);
    }

    [Fact]
    public async Task A_full_disk_acknowledges_nothing_and_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.TryMount(megabytes: 4);
        Assert.SkipWhen(disk is null, "mounting a small disk takes root");
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[2 << 20], Cancel);
        await using var store = await Open(new SqliteOptions { Path = Path.Combine(disk.Path, "holi.db"), CheckpointPages = 100 });
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();

        var refused = await FillAsync(store, devices[0], topic);
        (await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel))!.Head.ShouldBe(refused.Seq - 1);
        File.Delete(ballast);
        (await CommitAsync(store, refused)).Committed.Single().Committed.ShouldBe(refused.Seq);
        scene.Events("ana", topic).Select(e => e.Offset).ShouldBe(Enumerable.Range(1, (int)refused.Seq).Select(i => (ulong)i));
    }

    [Fact]
    public async Task A_locked_database_fails_in_bounded_time_and_goes_on_when_free()
    {
        await using var store = await Open(new SqliteOptions { Path = _folder.File("holi.db"), BusyTimeout = TimeSpan.FromMilliseconds(20) });
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var post = devices[0].Post(topic, "x");
        using (var other = new SqliteConnection($"Data Source={_folder.File("holi.db")};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "begin immediate";
            command.ExecuteNonQuery();
            var failure = await Should.ThrowAsync<StoreUnavailableException>(() => CommitAsync(store, post));
            failure.Message.ShouldContain("locked");
            (await store.ReadMembershipAsync(Scene.Tenant, "ana", topic, Cancel))!.Head.ShouldBe(1UL, "readers go on");
        }
        (await CommitAsync(store, post)).Committed.Single().Committed.ShouldBe(2UL);
    }

    [Fact]
    public async Task A_second_gateway_is_kept_out()
    {
        await using var store = await Open(new SqliteOptions { Path = _folder.File("holi.db") });
        await using var second = new SqliteLogStore(new SqliteOptions { Path = _folder.File("holi.db") }, TimeProvider.System);
        await Should.ThrowAsync<StoreUnavailableException>(async () => await second.OpenAsync(Cancel));
    }

    [Fact]
    public async Task What_is_no_database_is_unavailable_and_is_left_alone()
    {
        var path = _folder.File("holi.db");
        var bytes = new byte[10_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        await using var store = new SqliteLogStore(new SqliteOptions { Path = path }, TimeProvider.System);
        await Should.ThrowAsync<StoreUnavailableException>(async () => await store.OpenAsync(Cancel));
        (await File.ReadAllBytesAsync(path, Cancel)).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_log_of_a_later_version_is_refused()
    {
        var path = _folder.File("holi.db");
        await (await Open(new SqliteOptions { Path = path })).DisposeAsync();
        Execute(path, "pragma user_version = 999");
        await using var store = new SqliteLogStore(new SqliteOptions { Path = path }, TimeProvider.System);
        (await Should.ThrowAsync<InvalidOperationException>(async () => await store.OpenAsync(Cancel))).Message.ShouldContain("later version");
    }

    [Fact]
    public async Task A_log_from_before_openings_were_counted_takes_its_devices_as_they_are()
    {
        var path = _folder.File("holi.db");
        Device ana;
        await using (var first = await Open(new SqliteOptions { Path = path }))
            ana = new Scene(first).Connect("ana");
        Execute(path, "drop table publications; alter table devices drop column opening; pragma user_version = 1");
        await using var store = await Open(new SqliteOptions { Path = path });
        var again = new Device(new Scene(store), ana.Key);
        again.Open(ana.Generation, opening: 3).ShouldBe(HoliCode.None);
        again.Open(ana.Generation, opening: 2).ShouldBe(HoliCode.OpeningOutdated);
    }

    [Fact]
    public async Task Only_the_owner_may_read_its_files()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("permissions are of Unix");
            return;
        }
        var folder = Path.Combine(_folder.Path, "new", "data");
        await using var store = await Open(new SqliteOptions { Path = Path.Combine(folder, "holi.db") });
        new Scene(store).Conversation();
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.GetUnixFileMode(folder).ShouldBe(own | UnixFileMode.UserExecute);
        var files = Directory.GetFiles(folder);
        files.Select(Path.GetFileName).ShouldBe(["holi.db", "holi.db-shm", "holi.db-wal", "holi.db.mark"], ignoreOrder: true);
        foreach (var file in files)
            File.GetUnixFileMode(file).ShouldBe(own, file);
    }

    [Fact]
    public async Task An_erased_message_is_in_no_file_once_the_log_is_closed()
    {
        var path = _folder.File("holi.db");
        await using (var store = await Open(new SqliteOptions { Path = path }))
        {
            var (topic, devices) = new Scene(store).Conversation();
            devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("marker-string-of-this-test"));
            devices[0].Send(topic, MessageTypes.MessageEdit, new MessageEdit(2, "marker-string-of-this-test, edited"));
            devices[0].Send(topic, MessageTypes.MessageDelete, new MessageDelete(2)).ShouldBe(HoliCode.None);
        }
        foreach (var file in Directory.GetFiles(_folder.Path))
            (await File.ReadAllBytesAsync(file, Cancel)).AsSpan().IndexOf("marker-string"u8).ShouldBe(-1, file);
    }

    [Fact]
    public async Task A_command_cannot_be_stored_twice_whatever_the_rules_say()
    {
        await using var store = await Open(new SqliteOptions { Path = _folder.File("holi.db") });
        var scene = new Scene(store);
        var (topic, devices) = scene.Conversation();
        var post = devices[0].Post(topic, "x");
        scene.Run(post);
        await using var batch = await store.BeginAsync(CommitPlanner.Keys([post]), Cancel);
        var (device, room) = (batch.State.Devices[post.Key], batch.State.Topics[new TopicKey(Scene.Tenant, topic)]);
        var writes = new BatchWrites();
        writes.Events.Add(new NewEvent(room, ++room.Head, 1, 1, 0, [0x90], 0, new AppliedCommand(device, post.Generation, post.Seq, 1, 0, 0, 0)));
        await Should.ThrowAsync<InvalidOperationException>(async () => await batch.CommitAsync(writes, Cancel));
        await batch.DisposeAsync();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("y")).ShouldBe(HoliCode.None);
        scene.See("ana", topic)!.Head.ShouldBe(3UL);
    }

    internal static async Task<SqliteLogStore> Open(SqliteOptions options)
    {
        var store = new SqliteLogStore(options, TimeProvider.System);
        await store.OpenAsync(Cancel);
        return store;
    }

    internal static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // Posts until the store fails; gives the command it failed with.
    private static async Task<SubmitCommand> FillAsync(SqliteLogStore store, Device device, string topic)
    {
        var text = new string('x', 10_000);
        for (var i = 0; i < 10_000; i++)
        {
            var post = device.Post(topic, text);
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

    private static async Task<BatchOutcome> CommitAsync(SqliteLogStore store, SubmitCommand command) =>
        await new CommitRun(new CommitPlanner(new CommitLimits()), [command]).AttemptAsync(store, 1, Cancel);
}
