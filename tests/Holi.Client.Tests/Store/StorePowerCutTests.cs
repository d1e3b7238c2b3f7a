using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Store;

/// <summary>
/// What a power cut leaves of what was written: here, the files as they were when they were last synced, for nobody can cut the power of a test.
/// </summary>
public sealed class StorePowerCutTests : IDisposable
{
    private const string Topic = "conversation/c1";

    private readonly StoreFolder _folder = new();
    private readonly IDeviceStore _store;

    public StorePowerCutTests()
    {
        _store = _folder.Open();
        _store.Write([new PutTopic(new ReplicaTopic(Topic, 7, 0, 0, 9, 0, MemberRole.Member, 1, null, 2, 0, 0, Gone: false)), new Sync()]);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_was_not_synced_may_go_and_that_is_no_damage()
    {
        _store.Write([Append(1), new Sync()]);
        var synced = new FileInfo(_folder.Wal).Length;
        _store.Write([Append(2)]);
        _store.Write([Append(3)]);

        using var left = AfterPowerCut(synced);

        left.Damage.Any.ShouldBeFalse();
        left.ReadTopics().Single().Cursor.ShouldBe(1ul);
        left.ReadEvents(Topic, 0, 10).Select(e => e.Offset).ShouldBe([1ul]);
    }

    [Fact]
    public void A_sync_alone_is_remembered_so_that_its_loss_would_be_noticed()
    {
        _store.Write([Append(1)]);
        var before = new FileInfo(_folder.Wal).Length;
        _store.Write([Append(2)]);
        _store.Write([new Sync()]);

        using var left = AfterPowerCut(before);

        left.Damage.Any.ShouldBeTrue("a disk that lost what it said was synced has lied");
    }

    [Fact]
    public void A_command_takes_everything_before_it_along()
    {
        _store.Write([Append(1)]);
        _store.Write([new QueueCommand(new OutboxCommand(1, 0, 0, Topic, MessageTypes.MessagePost, new MessagePost("hello").ToBytes(), 5))]);
        var synced = new FileInfo(_folder.Wal).Length;
        _store.Write([Append(2)]);

        using var left = AfterPowerCut(synced);

        left.ReadTopics().Single().Cursor.ShouldBe(1ul);
        left.ReadOutbox(0, 10, 1_000).Count.ShouldBe(1);
    }

    private IDeviceStore AfterPowerCut(long logBytes)
    {
        var files = new StoreCopy(_folder);
        _store.Dispose();
        files.Restore(_folder.Wal, files.BytesOf(_folder.Wal)[..(int)logBytes]);
        return _folder.Open();
    }

    private static AppendEvents Append(ulong offset) =>
        new(Topic, offset, [new ReplicaEvent(Topic, offset, 1_000, 2, MessageTypes.MessagePost, new MessagePost("text").ToBytes())]);
}
