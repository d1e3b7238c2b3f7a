using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Tests.Storage.Postgres;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>A batch takes effect once over any number of attempts, and its outcome is that of the attempt that is on disk.</summary>
public abstract class CommitRunTests : IAsyncLifetime
{
    private FaultyLogStore _store = null!;
    private Scene _scene = null!;

    /// <summary>An empty store, open.</summary>
    protected abstract ValueTask<ILogStore> OpenAsync();

    public async ValueTask InitializeAsync()
    {
        _store = new FaultyLogStore(await OpenAsync());
        _scene = new Scene(_store);
    }

    public static TheoryData<string> Failures =>
    [
        "Lost",
        "AnswerLost",
        "Lost Lost AnswerLost",
        "Lost Lost",
    ];

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Commands_refusals_and_events_come_out_as_if_nothing_had_failed(string faults)
    {
        var (topic, devices) = _scene.Conversation(("ben", MemberRole.Member));
        Fail(faults);
        var outcome = _scene.Run(
            devices[0].Post(topic, "1"),
            devices[0].Next("conversation/none", MessageTypes.MessagePost, new MessagePost("refused").ToBytes()),
            devices[0].Next(topic, MessageTypes.MemberAdd, new MemberAdd("cai", MemberRole.Member).ToBytes()),
            devices[1].Post(topic, "2"));

        devices[0].CommittedSeq.ShouldBe(4UL);
        devices[0].Refusals.ShouldBe([new Refusal(3, HoliCode.NotFound)]);
        outcome.Appended.Single(a => a.Topic.Name == topic).Events.Select(e => (e.Offset, e.TopicId == _scene.See("ana", topic)!.TopicId))
            .ShouldBe([(3UL, true), (4UL, true), (5UL, true)]);
        outcome.Memberships.Select(m => m.User).ShouldBe(["cai"]);
        _scene.Events("ana", topic).Select(e => e.Offset).ShouldBe([1UL, 2UL, 3UL, 4UL, 5UL]);
        _scene.Events("ana", "user/ana").Count(e => e.Type == MessageTypes.CommandRejected).ShouldBe(1);
        devices[0].Open(devices[0].Generation).ShouldBe(HoliCode.None, "the digest rolled once");
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void An_opening_comes_out_as_if_nothing_had_failed(string faults)
    {
        Fail(faults);
        var ana = _scene.Connect("ana");
        ana.Opening.DeviceId.ShouldNotBe(0);
        ana.Fence.ShouldBe(1UL);
        var first = ana.Generation;
        Fail(faults);
        ana.Open(generation: 0).ShouldBe(HoliCode.None);
        ana.Generation.ShouldBe(first + 1);
        ana.Fence.ShouldBe(2UL);
        ana.Send("conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, [])).ShouldBe(HoliCode.None);
    }

    [Fact]
    public void A_new_topic_of_an_unanswered_batch_is_known_by_its_key()
    {
        var ana = _scene.Connect("ana");
        Fail("AnswerLost");
        var outcome = _scene.Run(ana.Next("conversation/room", MessageTypes.ConversationCreate, new ConversationCreate(null, []).ToBytes()));
        var appended = outcome.Appended.Single(a => a.Topic.Name == "conversation/room");
        appended.TopicId.ShouldBe(_scene.See("ana", "conversation/room")!.TopicId);
        appended.Events.Single().Identity.DeviceId.ShouldBe(ana.Opening.DeviceId);
    }

    [Fact]
    public void A_batch_that_comes_to_nothing_is_not_committed()
    {
        var (topic, devices) = _scene.Conversation();
        var again = devices[0].Post(topic, "x");
        _scene.Run(again);
        _store.BeforeCommit = () => throw new InvalidOperationException("committed");
        _scene.Run(again, new SubmitDelivered(new TopicKey(Scene.Tenant, topic), "ana", 1));
        devices[0].CommittedSeq.ShouldBe(2UL);
    }

    private void Fail(string faults)
    {
        foreach (var fault in faults.Split(' '))
            _store.Faults.Enqueue(Enum.Parse<CommitFault>(fault));
    }
}

public sealed class MemoryCommitRunTests : CommitRunTests
{
    protected override ValueTask<ILogStore> OpenAsync() => ValueTask.FromResult<ILogStore>(new MemoryLogStore());
}

public sealed class SqliteCommitRunTests : CommitRunTests
{
    private readonly TempFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override async ValueTask<ILogStore> OpenAsync() =>
        await SqliteFaultTests.Open(new SqliteOptions { Path = _folder.File("holi.db") });
}

public sealed class PostgresCommitRunTests : CommitRunTests
{
    private PostgresDatabase? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    protected override async ValueTask<ILogStore> OpenAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        return await _database.OpenAsync();
    }
}
