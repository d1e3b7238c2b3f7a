using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Time.Testing;

namespace Holi.Gateway.Tests.Storage;

/// <summary>Invariant E: a history that was reset is announced by a new epoch; one that was not keeps its own.</summary>
public sealed class EpochTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Database => _folder.File("data/holi.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_has_an_epoch_from_its_beginning_and_keeps_it_over_restarts()
    {
        var first = await RunAsync();
        first.Epoch.ShouldBe((ulong)_time.GetUtcNow().ToUnixTimeSeconds());
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            (await RunAsync()).ShouldBe((first.Epoch, false));
        }
    }

    [Fact]
    public async Task A_store_begun_anew_has_another_epoch()
    {
        var first = await RunAsync();
        Directory.Delete(_folder.File("data"), recursive: true);
        _time.Advance(TimeSpan.FromMinutes(1));
        (await RunAsync()).Epoch.ShouldNotBe(first.Epoch);
    }

    [Fact]
    public async Task An_older_database_in_place_of_the_newer_is_noticed()
    {
        var first = await RunAsync();
        var old = await File.ReadAllBytesAsync(Database, Cancel);
        await RunAsync(posts: 3);
        // The very same file, so that only the marker can tell.
        await File.WriteAllBytesAsync(Database, old, Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        var restored = await RunAsync();
        restored.Restored.ShouldBeTrue();
        restored.Epoch.ShouldBeGreaterThan(first.Epoch);
        (await RunAsync()).ShouldBe((restored.Epoch, false));
    }

    [Fact]
    public async Task A_backup_of_the_running_store_is_noticed_by_its_count_of_batches()
    {
        byte[] old;
        await using (var store = await OpenAsync())
        {
            Post(store, 1);
            SqliteFaultTests.Execute(Database, $"vacuum into '{_folder.File("backup.db")}'");
            old = await File.ReadAllBytesAsync(_folder.File("backup.db"), Cancel);
            Post(store, 1);
        }
        await File.WriteAllBytesAsync(Database, old, Cancel);
        (await RunAsync()).Restored.ShouldBeTrue();
    }

    [Fact]
    public async Task A_whole_folder_put_back_from_a_copy_is_noticed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere a file and its copy look alike");
        var first = await RunAsync();
        Copy("data", "backup");
        await RunAsync(posts: 3);
        Directory.Delete(_folder.File("data"), recursive: true);
        Directory.Move(_folder.File("backup"), _folder.File("data"));
        _time.Advance(TimeSpan.FromMinutes(1));
        var restored = await RunAsync();
        restored.Restored.ShouldBeTrue();
        restored.Epoch.ShouldBeGreaterThan(first.Epoch);
    }

    [Fact]
    public async Task A_folder_that_was_only_moved_is_the_same_store()
    {
        var first = await RunAsync();
        Directory.Move(_folder.File("data"), _folder.File("moved"));
        Directory.Move(_folder.File("moved"), _folder.File("data"));
        (await RunAsync()).ShouldBe((first.Epoch, false));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("of another store")]
    [InlineData("torn in both places")]
    public async Task Without_its_own_marker_a_store_cannot_know_and_announces(string marker)
    {
        await RunAsync();
        var path = SqliteLogStore.MarkerPath(Database);
        if (marker == "missing")
            File.Delete(path);
        else if (marker == "of another store")
            await OtherMarkerAsync(path);
        else
            await File.WriteAllBytesAsync(path, new byte[8_192], Cancel);
        (await RunAsync()).Restored.ShouldBeTrue();
        (await RunAsync()).Restored.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_096)]
    public async Task A_marker_torn_in_one_place_still_tells(int at)
    {
        for (var i = 0; i < 2; i++)
        {
            await RunAsync();
            var path = SqliteLogStore.MarkerPath(Database);
            var bytes = await File.ReadAllBytesAsync(path, Cancel);
            bytes[at + 20] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Cancel);
            // The later of its two may be the torn one: the earlier is never ahead of the database.
            (await RunAsync()).Restored.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task An_operator_may_say_so()
    {
        var first = await RunAsync();
        var restored = await RunAsync(restored: true);
        restored.Restored.ShouldBeTrue();
        restored.Epoch.ShouldBe(first.Epoch + 1, "even within one second");
    }

    [Fact]
    public async Task After_a_restore_topics_have_the_new_epoch_and_devices_new_generations()
    {
        Device phone;
        await using (var store = await OpenAsync())
        {
            phone = new Scene(store).Connect("ana");
            phone.Send("conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
        }
        _time.Advance(TimeSpan.FromMinutes(1));
        await using var again = await OpenAsync(restored: true);
        var scene = new Scene(again);
        (await again.ReadMembershipsAsync(Scene.Tenant, "ana", Cancel)).ShouldAllBe(m => m.Epoch == again.Epoch);
        var tablet = scene.Connect("ana", "tablet");
        tablet.Generation.ShouldBeGreaterThan(phone.Generation);
        tablet.Send("conversation/other", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
        scene.See("ana", "conversation/other")!.Epoch.ShouldBe(again.Epoch);
    }

    private async Task<SqliteLogStore> OpenAsync(bool restored = false)
    {
        var store = new SqliteLogStore(new SqliteOptions { Path = Database, Restored = restored }, _time);
        await store.OpenAsync(Cancel);
        return store;
    }

    private async Task<(ulong Epoch, bool Restored)> RunAsync(int posts = 1, bool restored = false)
    {
        await using var store = await OpenAsync(restored);
        Post(store, posts);
        return (store.Epoch, store.WasRestored);
    }

    private static void Post(SqliteLogStore store, int count)
    {
        var scene = new Scene(store);
        for (var i = 0; i < count; i++)
            scene.Connect("ana");
    }

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(_folder.File(to));
        foreach (var file in Directory.GetFiles(_folder.File(from)))
            File.Copy(file, Path.Combine(_folder.File(to), Path.GetFileName(file)));
    }

    private async Task OtherMarkerAsync(string path)
    {
        var other = new SqliteLogStore(new SqliteOptions { Path = _folder.File("other/holi.db") }, _time);
        await other.OpenAsync(Cancel);
        await other.DisposeAsync();
        File.Copy(SqliteLogStore.MarkerPath(_folder.File("other/holi.db")), path, overwrite: true);
    }
}
