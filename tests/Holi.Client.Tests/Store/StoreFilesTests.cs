using Holi.Client.Store;
using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>Opening, listing, wiping; what a file's size does.</summary>
public sealed class StoreFilesTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_is_opened_once()
    {
        using (_folder.Open())
        {
            StoreKeyTests.FailureOf(() => _folder.Open()).ShouldBe(DeviceStoreFailure.InUse);
            StoreKeyTests.FailureOf(() => _folder.Files.Wipe(StoreFolder.Ana)).ShouldBe(DeviceStoreFailure.InUse);
            using var other = _folder.Files.Open(StoreFolder.Ben, _folder.Key);
        }
        _folder.Open().Dispose();
    }

    [Fact]
    public void A_wipe_removes_every_file_of_one_user_and_none_of_another()
    {
        using (var ben = _folder.Files.Open(StoreFolder.Ben, _folder.Key))
            ben.Write(Queue(1, 2));
        using (var ana = _folder.Open())
            ana.Write(Queue(1, 2));
        File.WriteAllText(_folder.Database + "-damaged-1", "put aside");
        using var still = new FileStream(_folder.Database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var before = still.Length;

        _folder.Files.Wipe(StoreFolder.Ana);

        Directory.EnumerateFiles(_folder.Path, _folder.Files.NameOf(StoreFolder.Ana) + "*").ShouldBeEmpty();
        _folder.Files.List().ShouldBe([_folder.Files.NameOf(StoreFolder.Ben)]);
        var bytes = new byte[before];
        still.ReadExactly(bytes);
        bytes.ShouldAllBe(each => each == 0, "the bytes were overwritten, not only unlinked");
        using (var ana = _folder.Open())
            ana.ReadOutboxSize().Count.ShouldBe(0);
        using (var ben = _folder.Files.Open(StoreFolder.Ben, _folder.Key))
            ben.ReadOutboxSize().Count.ShouldBe(2);
        _folder.Files.Wipe(_folder.Files.NameOf(StoreFolder.Ben));
        _folder.Files.Wipe(new StoreOwner("no", "one"));
        Should.Throw<ArgumentException>(() => _folder.Files.Wipe("0123"));
    }

    [Fact]
    public void A_wipe_that_was_cut_off_is_ended_by_the_next_opening()
    {
        string device;
        using (var store = _folder.Open())
        {
            store.Write(Queue(1, 2));
            device = store.ReadIdentity().Device;
        }
        var mark = File.ReadAllBytes(_folder.Mark);
        mark[4] = 2; // StoreMark.Flag.Wiping
        File.WriteAllBytes(_folder.Mark, mark);
        using (var store = _folder.Open())
        {
            store.ReadOutboxSize().Count.ShouldBe(0);
            store.ReadIdentity().Device.ShouldNotBe(device);
            store.Damage.Any.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_file_of_a_newer_app_is_left_alone()
    {
        var path = StorePaths.Of(_folder.Path, StoreFolder.Ana).Database;
        Directory.CreateDirectory(_folder.Path);
        StoreConnection.CreateFile(path);
        var header = StoreHeader.Create(_folder.Key, StoreFolder.Ana);
        using (var file = new StoreFile(StoreConnection.OpenWriter(path), header, new StoreKeys(_folder.Key, header, StoreFolder.Ana)))
        {
            var state = new StoreState();
            StoreTable.Create(file.Connection, header, state, file.Rows);
            (state.Layout, state.Commits) = (99, 1);
            using var put = file.Connection.Prepare(StoreTable.Put);
            StoreTable.PutState(put, state, file.Rows);
        }
        var copy = new StoreCopy(_folder);
        foreach (var damaged in new[] { false, true })
        {
            copy.Restore();
            if (damaged)
                File.WriteAllBytes(path, [.. copy.BytesOf(path).Select((each, at) => at == 20 ? (byte)9 : each)]);
            StoreKeyTests.FailureOf(() => _folder.Open()).ShouldBe(DeviceStoreFailure.Failed);
            Directory.EnumerateFiles(_folder.Path, "*damaged*").ShouldBeEmpty();
        }
    }

    [Fact]
    public void One_writer_at_a_time()
    {
        using var store = _folder.Open();
        using var writes = new BlockingWrites(() => Should.Throw<InvalidOperationException>(() => store.Write(Queue(1, 1))));
        store.Write(writes);
        store.ReadOutboxSize().Count.ShouldBe(0);
        store.Write(Queue(1, 1));
    }

    [Fact]
    public void A_disposed_store_says_so()
    {
        var store = _folder.Open();
        store.Dispose();
        store.Dispose();
        Should.Throw<ObjectDisposedException>(() => store.Write(Queue(1, 1)));
        Should.Throw<ObjectDisposedException>(() => store.ReadOutbox(0, 1, 1));
    }

    [Fact]
    public void Renumbering_a_long_queue_writes_next_to_nothing()
    {
        using var store = _folder.Open();
        for (var seq = 1UL; seq <= 20_000; seq += 1_000)
            store.Write(Queue(seq, seq + 999));
        store.Write([new StartGeneration(1)]);
        var before = new FileInfo(_folder.Wal).Length + new FileInfo(_folder.Database).Length;
        store.Write([new StartGeneration(2)]);
        (new FileInfo(_folder.Wal).Length + new FileInfo(_folder.Database).Length - before).ShouldBeLessThan(64 * 1024);
        store.ReadOutbox(19_999, 10, int.MaxValue).Single().FirstSeq.ShouldBe(20_000UL);
    }

    [Fact]
    public void A_store_of_a_version_that_did_not_count_openings_has_counted_none()
    {
        var written = new ContentWriter().Start();
        new StoreState { Known = 7, Openings = 0 }.Write(written);
        StoreState.TryRead(written.Written[..^1], out var before).ShouldBeTrue("0 is one byte, and the last");
        (before!.Known, before.Openings).ShouldBe((7UL, 0UL));
    }

    [Fact]
    public void A_drained_queue_gives_its_space_back()
    {
        using (var store = _folder.Open())
        {
            var seq = 0UL;
            for (; seq < 60_000; seq += 1_000)
                store.Write(Queue(seq + 1, seq + 1_000));
            for (var known = 500UL; known <= seq; known += 500)
                store.Write([new DropCommitted(known, default)]);
            for (var write = 0; write < 30; write++)
                store.Write([new RaiseSendFloor(seq)]);
        }
        // 60,000 commands take 6 MB; a megabyte or four of free pages stay for the next ones.
        new FileInfo(_folder.Database).Length.ShouldBeLessThan(5 * 1024 * 1024);
        new FileInfo(_folder.Wal).Length.ShouldBe(0);
        using (var store = _folder.Open())
            store.ReadOutboxSize().ShouldBe((0, 0));
    }

    /// <summary>Writes that do something while they are written.</summary>
    private sealed class BlockingWrites(Action during) : IReadOnlyList<StoreWrite>, IDisposable
    {
        public int Count => 1;

        public StoreWrite this[int index] => new DropCommitted(0, default);

        public IEnumerator<StoreWrite> GetEnumerator()
        {
            during();
            yield break;
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose()
        {
        }
    }
}
