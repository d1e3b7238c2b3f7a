using System.Security.Cryptography;
using System.Text;
using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>Who can read a store: the owner with the key, nobody else, and not from the bytes of any of its files.</summary>
public sealed class StoreKeyTests : IDisposable
{
    private const string Marker = "MARKER-7Q";
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Another_key_does_not_open_the_store_and_does_no_harm()
    {
        FillOne();
        var copy = new StoreCopy(_folder);
        FailureOf(() => _folder.Files.Open(StoreFolder.Ana, RandomNumberGenerator.GetBytes(32))).ShouldBe(DeviceStoreFailure.WrongKey);
        FailureOf(() => _folder.Files.OpenUnencrypted(StoreFolder.Ana)).ShouldBe(DeviceStoreFailure.WrongKey);
        File.ReadAllBytes(_folder.Database).ShouldBe(copy.BytesOf(_folder.Database));
        using var store = _folder.Open();
        store.ReadOutbox(0, 10, int.MaxValue).Count.ShouldBe(3);
        store.Damage.Any.ShouldBeFalse();
    }

    [Fact]
    public void A_wrong_key_is_told_from_damage_even_where_there_is_damage()
    {
        FillOne();
        var bytes = File.ReadAllBytes(_folder.Database);
        bytes[20] ^= 1;
        File.WriteAllBytes(_folder.Database, bytes);
        FailureOf(() => _folder.Files.Open(StoreFolder.Ana, RandomNumberGenerator.GetBytes(32))).ShouldBe(DeviceStoreFailure.WrongKey);
        File.ReadAllBytes(_folder.Database).ShouldBe(bytes);
        using var store = _folder.Open();
        store.ReadOutbox(0, 10, int.MaxValue).Count.ShouldBe(3);
        store.Damage.FileReplaced.ShouldBeTrue();
    }

    [Fact]
    public void Another_users_file_does_not_open_under_ones_own_name_and_key()
    {
        FillOne();
        var mine = Path.Combine(_folder.Path, _folder.Files.NameOf(StoreFolder.Ben) + ".holi");
        File.Copy(_folder.Database, mine);
        FailureOf(() => _folder.Files.Open(StoreFolder.Ben, _folder.Key)).ShouldBe(DeviceStoreFailure.WrongKey);
        File.Delete(mine);
        File.Delete(mine + "-mark");
        using (var store = _folder.Files.Open(StoreFolder.Ben, _folder.Key))
            store.ReadOutboxSize().Count.ShouldBe(0);
        _folder.Files.List().Count.ShouldBe(2);
    }

    [Fact]
    public void Tenant_and_user_are_kept_apart_however_they_are_cut()
    {
        var names = new[] { new StoreOwner("a", "bc"), new StoreOwner("ab", "c"), new StoreOwner("", "abc"), new StoreOwner("abc", "") }.Select(_folder.Files.NameOf);
        names.Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void A_plain_store_does_not_open_with_a_key()
    {
        using (var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana))
            store.Write(Queue(1, 1));
        FailureOf(() => _folder.Open()).ShouldBe(DeviceStoreFailure.WrongKey);
    }

    [Fact]
    public void A_key_has_32_bytes() => Should.Throw<ArgumentException>(() => _folder.Files.Open(StoreFolder.Ana, new byte[16]));

    [Fact]
    public void What_people_wrote_stands_in_no_file()
    {
        var owner = new StoreOwner("clinic", Marker);
        foreach (var encrypted in new[] { true, false })
        {
            using var folder = new StoreFolder();
            using (var store = encrypted ? folder.Files.Open(owner, folder.Key) : folder.Files.OpenUnencrypted(owner))
            {
                var topic = $"conversation/{Marker}";
                store.Write([
                    new QueueCommand(Command(1, Marker) with { Topic = topic }), new QueueCommand(Command(2, Marker + new string('x', 20_000))),
                    new PutTopic(NewTopic(topic) with { Title = Marker }), new AppendEvents(topic, 2, [Event(1, Marker), Event(2, Marker)])]);
                store.Write([new EraseEvent(topic, 1)]);
                store.Write([new RewriteCommand(1, Payload(Marker))]);
                FilesWithMarker(folder).ShouldBe(encrypted ? 0 : 2); // database and log
            }
            FilesWithMarker(folder).ShouldBe(encrypted ? 0 : 1);
        }
    }

    [Fact]
    public void An_erased_payload_leaves_even_an_unencrypted_file()
    {
        using var store = _folder.Files.OpenUnencrypted(StoreFolder.Ana);
        store.Write([new PutTopic(NewTopic()), new AppendEvents("conversation/c1", 3, [Event(1), Event(2, Marker + new string('x', 20_000) + Marker), Event(3)])]);
        FilesWithMarker(_folder).ShouldBe(1);
        store.Write([new EraseEvent("conversation/c1", 2)]);
        FilesWithMarker(_folder).ShouldBe(0);
    }

    [Fact]
    public void Only_the_owner_of_the_process_may_read_the_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        using var store = _folder.Open();
        store.Write(Queue(1, 1));
#pragma warning disable CA1416 // not on Windows: see above
        File.GetUnixFileMode(_folder.Database).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(_folder.Wal).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
    }

    internal static DeviceStoreFailure FailureOf(Action action) => Should.Throw<DeviceStoreException>(action).Failure;

    private static int FilesWithMarker(StoreFolder folder)
    {
        var copy = new StoreCopy(folder);
        return Directory.EnumerateFiles(folder.Path).Where(path => !path.EndsWith("-shm", StringComparison.Ordinal))
            .Count(path => copy.BytesOf(path).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Marker)) >= 0);
    }

    private void FillOne()
    {
        using var store = _folder.Open();
        store.Write(Queue(1, 3));
    }
}
