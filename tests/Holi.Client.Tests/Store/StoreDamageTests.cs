using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>
/// Files with flipped bits, cut short, gone (4-proof fault 4): nothing wrong is ever given out, what was not touched is still there, what is gone is reported,
/// and the store goes on.
/// </summary>
public sealed class StoreDamageTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_bit_anywhere_costs_at_most_what_it_hit(bool inLog)
    {
        var (filled, copy) = Fill(inLog);
        var random = new Random(inLog ? 11 : 12);
        var file = inLog ? _folder.Wal : _folder.Database;
        var lostCommands = 0;
        for (var run = 0; run < 100; run++)
        {
            var bytes = (byte[])copy.BytesOf(file).Clone();
            var at = run < 30 ? run * 4 : random.Next(bytes.Length);
            bytes[at] ^= (byte)(1 << random.Next(8));
            copy.Restore(file, bytes);
            using (var store = _folder.Open())
            {
                var (commands, topics) = filled.Check(store);
                commands.ShouldBeLessThanOrEqualTo(1, $"run {run}: byte {at}");
                topics.ShouldBeLessThanOrEqualTo(1, $"run {run}: byte {at}");
                lostCommands += commands;
                if (commands > 0 || store.Damage.FileReplaced)
                    filled.CheckRenumbering(store);
            }
            using (var again = _folder.Open())
                again.Damage.FileReplaced.ShouldBeFalse();
        }
        if (!inLog)
            lostCommands.ShouldBeGreaterThan(0, "no flip hit a command: the test proves nothing");
    }

    [Fact]
    public void A_flipped_bit_in_the_layout_costs_nothing()
    {
        var (filled, copy) = Fill(inLog: false);
        var original = copy.BytesOf(_folder.Database);
        var from = original.AsSpan(0, 4096).IndexOf("CREATE TABLE"u8) - 40;
        for (var at = from; at < 4096; at += 3)
        {
            var bytes = (byte[])original.Clone();
            bytes[at] ^= 0x02;
            copy.Restore(_folder.Database, bytes);
            using var store = _folder.Open();
            filled.Check(store).ShouldBe((0, 0), $"byte {at}");
        }
    }

    [Fact]
    public void A_lost_command_leaves_a_hole_until_a_new_generation()
    {
        // Plain, so that the test finds a command in the file.
        ulong[] rest = [1, 2, 4, 5];
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
            store.Write([new StartGeneration(1), .. Queue(1, 5)]);
        var bytes = File.ReadAllBytes(_folder.Database);
        bytes[bytes.AsSpan().IndexOf("message 3"u8) + 3] ^= 0x20;
        File.WriteAllBytes(_folder.Database, bytes);
        for (var opening = 0; opening < 2; opening++)
        {
            using var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana);
            store.Damage.LostCommands.ShouldBe([3UL]);
            store.Damage.FileReplaced.ShouldBeFalse();
            store.ReadIdentity().Generation.ShouldBe(0U);
            store.ReadOutboxSize().Count.ShouldBe(rest.Length);
            store.ReadOutbox(0, 10, int.MaxValue).Select(command => command.Seq).ShouldBe(rest);
            store.Write(Queue(6 + (ulong)opening, 6 + (ulong)opening));
            rest = [.. rest, 6 + (ulong)opening];
            Should.Throw<DeviceStoreException>(() => store.Write([new RewriteCommand(3, [])])).Failure.ShouldBe(DeviceStoreFailure.Damaged);
        }
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
        {
            store.Write([new StartGeneration(2)]);
            store.Damage.Any.ShouldBeFalse();
            store.ReadIdentity().Generation.ShouldBe(2U);
            store.ReadOutbox(0, 10, int.MaxValue).Select(command => (command.Seq, command.FirstSeq))
                .ShouldBe([(1UL, 1UL), (2UL, 2UL), (3UL, 4UL), (4UL, 5UL), (5UL, 6UL), (6UL, 7UL)]);
            store.ReadOutboxSize().ShouldBe((6, 54));
        }
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
            store.Damage.Any.ShouldBeFalse();
    }

    [Fact]
    public void A_damaged_event_is_found_by_the_read_and_the_topic_can_be_emptied()
    {
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
            store.Write([new PutTopic(NewTopic()), new AppendEvents("conversation/c1", 9, Events(1, 9))]);
        var bytes = File.ReadAllBytes(_folder.Database);
        bytes[bytes.AsSpan().IndexOf("event 4"u8) + 3] ^= 0x20;
        File.WriteAllBytes(_folder.Database, bytes);
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
        {
            store.ReadEvents("conversation/c1", 0, 100).Select(each => each.Offset).ShouldBe([1UL, 2, 3, 5, 6, 7, 8, 9]);
            store.Damage.TopicsToRefetch.ShouldBe(["conversation/c1"]);
            store.Write([new PutTopic(store.ReadTopics()[0] with { Epoch = 0, Cursor = 0 })]);
            store.Damage.Any.ShouldBeFalse();
            store.ReadEvents("conversation/c1", 0, 100).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Damage_deep_in_a_long_queue_is_found_by_the_read_that_meets_it()
    {
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
        {
            store.Write([new StartGeneration(4)]);
            for (var seq = 1UL; seq <= 12_000; seq += 1_000)
                store.Write(Queue(seq, seq + 999));
        }
        var bytes = File.ReadAllBytes(_folder.Database);
        bytes[bytes.AsSpan().IndexOf("message 11000"u8) + 3] ^= 0x20;
        File.WriteAllBytes(_folder.Database, bytes);
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
        {
            store.Damage.Any.ShouldBeFalse();
            store.ReadIdentity().Generation.ShouldBe(4U);
            FilledStore.ReadAll(store).Count.ShouldBe(11_999);
            store.Damage.LostCommands.ShouldBe([11_000UL]);
            store.ReadIdentity().Generation.ShouldBe(0U);
            store.Write([new StartGeneration(5)]);
            FilledStore.ReadAll(store).Count.ShouldBe(11_999);
            store.Damage.Any.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_page_that_goes_bad_while_the_store_is_open_is_said_and_the_next_opening_saves_the_rest()
    {
        for (var opening = 0; opening < 2; opening++)
        {
            using var store = _folder.Open();
            for (var seq = store.ReadIdentity().LastAssigned; seq < 12_000; seq += 1_000)
                store.Write(Queue(seq + 1, seq + 1_000));
            if (opening == 0)
                continue;
            using (var file = new FileStream(_folder.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Position = 100 * 4096;
                file.Write(new byte[8 * 4096]);
            }
            StoreKeyTests.FailureOf(() => FilledStore.ReadAll(store)).ShouldBe(DeviceStoreFailure.Damaged);
        }
        using (var store = _folder.Open())
        {
            store.Damage.FileReplaced.ShouldBeTrue();
            store.Damage.LostCommands.Count.ShouldBeInRange(1, 500);
            FilledStore.ReadAll(store).Select(command => command.Seq).Concat(store.Damage.LostCommands).Order()
                .ShouldBe(Enumerable.Range(1, 12_000).Select(seq => (ulong)seq));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_cut_short_at_any_length_gives_what_is_left_of_it(bool log)
    {
        var (filled, copy) = Fill(inLog: log);
        var file = log ? _folder.Wal : _folder.Database;
        var whole = copy.BytesOf(file);
        var random = new Random(5);
        var least = int.MaxValue;
        for (var run = 0; run <= 60; run++)
        {
            var length = (int)((long)whole.Length * run / 60);
            if (run % 2 == 1)
                length = Math.Min(whole.Length, (length & ~4095) + random.Next(64));
            copy.Restore(file, whole[..length]);
            using (var store = _folder.Open())
            {
                var (commands, _) = filled.Check(store);
                (commands == 0 || store.Damage.FileReplaced).ShouldBeTrue();
                filled.CheckRenumbering(store);
                least = Math.Min(least, commands);
            }
            using (var again = _folder.Open())
                again.Damage.Any.ShouldBeFalse();
        }
        least.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Many_damaged_bytes_never_make_wrong_content(bool inLog)
    {
        var (filled, copy) = Fill(inLog);
        var random = new Random(77);
        for (var run = 0; run < 40; run++)
        {
            var file = inLog ? _folder.Wal : _folder.Database;
            var bytes = (byte[])copy.BytesOf(file).Clone();
            for (var hits = random.Next(2, 400); hits > 0; hits--)
                bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            copy.Restore(file, bytes);
            using var store = _folder.Open();
            filled.Check(store);
            filled.CheckRenumbering(store);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whole_pages_of_zeros_or_rubbish_never_make_wrong_content(bool zeros)
    {
        var (filled, copy) = Fill(inLog: false);
        var random = new Random(78);
        var original = copy.BytesOf(_folder.Database);
        for (var page = 0; page < original.Length / 4096; page++)
        {
            var bytes = (byte[])original.Clone();
            var hit = bytes.AsSpan(page * 4096, 4096);
            if (zeros)
                hit.Clear();
            else
                random.NextBytes(hit);
            copy.Restore(_folder.Database, bytes);
            using var store = _folder.Open();
            filled.Check(store).Commands.ShouldBeLessThan(filled.Commands / 2);
            filled.CheckRenumbering(store);
        }
    }

    [Fact]
    public void A_damaged_or_missing_mark_is_no_harm()
    {
        var (filled, copy) = Fill(inLog: true);
        var mark = copy.BytesOf(_folder.Mark);
        copy.Restore(_folder.Mark, null);
        using (var store = _folder.Open())
            filled.CheckWhole(store);
        for (var at = 0; at < mark.Length; at++)
        {
            if (at == 4)
                continue; // the flags: they only call for more care
            var bytes = (byte[])mark.Clone();
            bytes[at] ^= 0x55;
            copy.Restore(_folder.Mark, bytes);
            using var store = _folder.Open();
            filled.CheckWhole(store);
        }
    }

    [Fact]
    public void A_missing_database_is_reported_and_the_device_stays_who_it_was()
    {
        var (filled, copy) = Fill(inLog: false);
        copy.Restore(_folder.Database, null);
        using var store = _folder.Open();
        filled.Check(store).Commands.ShouldBe(filled.Commands);
        store.Damage.FileReplaced.ShouldBeTrue();
        store.Damage.LostCommands.Count.ShouldBe(filled.Commands);
    }

    [Fact]
    public void A_database_older_than_its_mark_is_noticed()
    {
        StoreCopy older;
        using (var store = _folder.Open())
            store.Write([new StartGeneration(1), .. Queue(1, 5)]);
        older = new StoreCopy(_folder);
        using (var store = _folder.Open())
            store.Write([.. Queue(6, 9), new RaiseSendFloor(9)]);
        File.WriteAllBytes(_folder.Database, older.BytesOf(_folder.Database));
        File.Delete(_folder.Wal);
        using (var store = _folder.Open())
        {
            store.Damage.LostCommands.ShouldBe([6UL, 7, 8, 9]);
            store.Damage.FileReplaced.ShouldBeTrue();
            store.ReadIdentity().SendFloor.ShouldBe(9UL);
            store.ReadIdentity().Generation.ShouldBe(0U);
            FilledStore.ReadAll(store).Count.ShouldBe(5);
        }
    }

    [Fact]
    public void What_is_not_a_database_is_put_aside_not_thrown_away()
    {
        Directory.CreateDirectory(_folder.Path);
        var rubbish = new byte[10_000];
        new Random(3).NextBytes(rubbish);
        File.WriteAllBytes(_folder.Database, rubbish);
        using (var store = _folder.Open())
        {
            store.Damage.FileReplaced.ShouldBeTrue();
            store.Write(Queue(1, 1));
        }
        File.ReadAllBytes(_folder.Database + "-damaged-1").ShouldBe(rubbish);
    }

    [Theory]
    [InlineData("-saving")]
    [InlineData("-saved")]
    public void A_salvage_that_was_cut_off_is_ended_or_begun_anew(string left)
    {
        var (filled, copy) = Fill(inLog: false);
        copy.Restore();
        var saved = copy.BytesOf(_folder.Database);
        if (left == "-saving")
            saved = saved[..(saved.Length / 3)];
        else
            File.WriteAllBytes(_folder.Database, saved[..5000]);
        File.WriteAllBytes(_folder.Database + left, saved);
        using var store = _folder.Open();
        filled.CheckWhole(store);
    }

    private (FilledStore Filled, StoreCopy Copy) Fill(bool inLog)
    {
        FilledStore filled;
        StoreCopy? copy = null;
        using (var store = _folder.Open())
        {
            filled = new FilledStore(store);
            if (inLog)
                copy = new StoreCopy(_folder);
        }
        copy ??= new StoreCopy(_folder);
        copy.Restore();
        using (var store = _folder.Open())
            filled.CheckWhole(store);
        return (filled, copy);
    }
}
