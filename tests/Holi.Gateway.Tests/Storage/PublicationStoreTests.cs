using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;

namespace Holi.Gateway.Tests.Storage;

/// <summary>What every store keeps of publications, whatever is behind it. Each implementation runs all of it.</summary>
public abstract class PublicationStoreTests : IAsyncLifetime
{
    private ILogStore _store = null!;
    private Scene _scene = null!;
    private Backend _lab = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An empty store, not yet open.</summary>
    protected abstract ValueTask<ILogStore> CreateAsync();

    public async ValueTask InitializeAsync()
    {
        _store = await CreateAsync();
        await _store.OpenAsync(Cancel);
        _scene = new Scene(_store);
        _lab = new Backend(_scene);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_new_store_has_none()
    {
        (await _store.ReadScheduledAsync(10, Cancel)).First.ShouldBeEmpty();
        (await FindAsync("k")).ShouldBeNull();
        (await FindAsync("k", due: true)).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_appended_is_remembered_without_its_content()
    {
        _scene.NowMs = 77_000;
        var asked = _lab.Notify("k", "alert/ana");
        _scene.Run(asked);
        var found = (await FindAsync("k")).ShouldNotBeNull();
        (found.Digest, found.TopicName, found.Stage, found.Offset, found.Code, found.DecidedMs, found.Scheduled, found.IsNew, found.Changed)
            .ShouldBe((asked.Digest, "alert/ana", PublicationStage.Appended, 1UL, HoliCode.None, 77_000, null, false, false));
        (await FindAsync("k", "other")).ShouldBeNull();
        (await FindAsync("K")).ShouldBeNull("keys differ by case");
    }

    [Fact]
    public async Task What_is_scheduled_comes_back_as_it_was_committed_by_either_question()
    {
        var asked = _lab.Notify("k", deliverAt: 1L << 40, expires: 1L << 41);
        _scene.NowMs = (1L << 40) - 5_000;
        _scene.Run(asked);
        foreach (var due in new[] { false, true })
        {
            var found = (await FindAsync("k", due: due)).ShouldNotBeNull();
            (found.Digest, found.Stage, found.DecidedMs).ShouldBe((asked.Digest, PublicationStage.Scheduled, null));
            found.Scheduled.ShouldBe(new ScheduledContent(1L << 40, asked.Type, found.Scheduled!.Payload, 1L << 41, "lab", "http"));
            found.Scheduled.Payload.ShouldBe(asked.Payload);
        }
        (await _store.ReadScheduledAsync(10, Cancel)).First.ShouldHaveSingleItem()
            .ShouldBe(new WaitingPublication(asked.Key, "user/ana", 1L << 40, asked.Payload.Length));
    }

    [Fact]
    public async Task Asked_for_twice_it_is_there_once()
    {
        _scene.Run(_lab.Notify("k"));
        var keys = new BatchKeys();
        keys.Publications.Add(new PublicationKey(Scene.Tenant, "k"));
        keys.Due.Add(new PublicationKey(Scene.Tenant, "k"));
        await using var batch = await _store.BeginAsync(keys, Cancel);
        batch.State.Publications.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Those_that_come_due_first_are_read_first_and_no_more_than_asked_for()
    {
        foreach (var (key, at) in new[] { ("c", 50_000), ("a", 50_000), ("late", 60_000), ("b", 50_000), ("first", 49_000) })
            _scene.Run(_lab.Notify(key, deliverAt: at));
        (await KeysAsync(10)).ShouldBe(["first", "c", "a", "b", "late"]);
        (await KeysAsync(2)).ShouldBe(["first", "c"]);

        async Task<string[]> KeysAsync(int count) => [.. (await _store.ReadScheduledAsync(count, Cancel)).First.Select(w => w.Key.Key)];
    }

    [Theory]
    [InlineData(PublicationStage.Appended)]
    [InlineData(PublicationStage.Expired)]
    [InlineData(PublicationStage.Cancelled)]
    public async Task Once_decided_it_waits_no_more_and_holds_no_content(PublicationStage end)
    {
        _scene.Run(_lab.Notify("k", deliverAt: 50_000, expires: 60_000), _lab.Notify("l", deliverAt: 70_000));
        _scene.NowMs = end == PublicationStage.Expired ? 60_000 : 50_000;
        _scene.Run(end == PublicationStage.Cancelled ? _lab.Cancel("k") : _lab.Due().Single());
        var found = (await FindAsync("k")).ShouldNotBeNull();
        (found.Stage, found.Scheduled, found.DecidedMs).ShouldBe((end, null, end == PublicationStage.Expired ? 60_000 : 50_000));
        (await _store.ReadScheduledAsync(10, Cancel)).First.ShouldHaveSingleItem().Key.Key.ShouldBe("l");
    }

    [Fact]
    public async Task What_is_not_committed_is_not_there()
    {
        var keys = CommitPlanner.Keys([_lab.Notify("k", deliverAt: 50_000)]);
        await using (var batch = await _store.BeginAsync(keys, Cancel))
            new CommitPlanner(new CommitLimits()).Plan([_lab.Notify("k", deliverAt: 50_000)], batch.State, 1);
        (await FindAsync("k")).ShouldBeNull();
        (await _store.ReadScheduledAsync(10, Cancel)).First.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_are_forgotten_oldest_first_and_no_more_than_said_but_never_what_is_scheduled()
    {
        var month = (long)new CommitLimits().KeysRemembered.TotalMilliseconds;
        _scene.Run(_lab.Notify("waits", deliverAt: month * 3));
        for (var i = 1; i <= 5; i++)
        {
            _scene.NowMs = i * 10_000;
            _scene.Run(_lab.Notify($"k{i}"));
        }
        _scene.NowMs = month + 35_000;
        _scene.Run(_lab.Notify("new"));
        (await ThereAsync()).ShouldBe(["waits", "k3", "k4", "k5", "new"]);
        _scene.NowMs = month + 35_000;
        _scene.Run(_lab.Notify("newer"));
        (await ThereAsync()).ShouldBe(["waits", "k4", "k5", "new", "newer"]);

        async Task<List<string>> ThereAsync()
        {
            var there = new List<string>();
            foreach (var key in new[] { "waits", "k1", "k2", "k3", "k4", "k5", "new", "newer" })
            {
                if (await FindAsync(key) is not null)
                    there.Add(key);
            }
            return there;
        }
    }

    private async Task<PublicationState?> FindAsync(string key, string tenant = Scene.Tenant, bool due = false)
    {
        var keys = new BatchKeys();
        (due ? keys.Due : keys.Publications).Add(new PublicationKey(tenant, key));
        await using var batch = await _store.BeginAsync(keys, Cancel);
        return batch.State.Publications.GetValueOrDefault(new PublicationKey(tenant, key));
    }
}

/// <summary>In memory.</summary>
public sealed class MemoryPublicationStoreTests : PublicationStoreTests
{
    protected override ValueTask<ILogStore> CreateAsync() => new(new MemoryLogStore());
}

/// <summary>On SQLite.</summary>
public sealed class SqlitePublicationStoreTests : PublicationStoreTests
{
    private readonly TempFolder _folder = new();

    protected override ValueTask<ILogStore> CreateAsync() =>
        new(new SqliteLogStore(new SqliteOptions { Path = _folder.File("holi.db") }, TimeProvider.System));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
