using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Wire;
using Holi.Wire.Payloads;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Tests.Storage;

/// <summary>What the writer remembers of rows is what is on disk: after a batch that was not committed, and after somebody else wrote.</summary>
public sealed class RecentRowsTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteLogStore _store;

    public RecentRowsTests() => _store = new SqliteLogStore(new SqliteOptions { Path = _folder.File("holi.db") }, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_batch_changed_and_did_not_commit_is_forgotten()
    {
        await _store.OpenAsync(Cancel);
        var scene = new Scene(_store);
        var (topic, devices) = scene.Conversation(("ben", MemberRole.Member));
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("one")).ShouldBe(HoliCode.None);
        var head = scene.See("ana", topic)!.Head;

        var lost = devices[0].Post(topic, "two");
        await using (var batch = await _store.BeginAsync(CommitPlanner.Keys([lost]), Cancel))
            new CommitPlanner(new CommitLimits()).Plan([lost], batch.State, 1).Writes.Events.Count.ShouldBe(1);

        var outcome = scene.Run(lost);
        outcome.Committed.Single().Committed.ShouldBe(lost.Seq);
        outcome.Appended.Single().Events.Single().Offset.ShouldBe(head + 1);
    }

    [Fact]
    public async Task What_another_connection_wrote_is_seen_by_the_next_batch()
    {
        await _store.OpenAsync(Cancel);
        var scene = new Scene(_store);
        var (topic, devices) = scene.Conversation(("ben", MemberRole.Member));
        devices[1].Send(topic, MessageTypes.MessagePost, new MessagePost("one")).ShouldBe(HoliCode.None);

        using (var shell = new SqliteConnection($"Data Source={_folder.File("holi.db")};Pooling=false"))
        {
            shell.Open();
            using var command = shell.CreateCommand();
            command.CommandText = "update members set present = 0 where user = 'ben' and topic_id = (select topic_id from topics where name = 'conversation/room')";
            command.ExecuteNonQuery().ShouldBe(1);
        }
        devices[1].Send(topic, MessageTypes.MessagePost, new MessagePost("two")).ShouldBe(HoliCode.NotFound);
    }

    [Fact]
    public void Only_a_member_finds_a_topic()
    {
        var (rows, state, topic) = (new RecentRows(), new BatchState(), new TopicKey("clinic", "conversation/room"));
        var room = new TopicState { Key = topic, TopicId = 7 };
        room.Members.Add("ana", new MemberState { User = "ana", IsNew = true, Changed = true });
        state.Topics.Add(topic, room);
        rows.Keep(state);
        (room.Members["ana"].IsNew, room.Members["ana"].Changed).ShouldBe((false, false));

        Ask(rows, topic, "ana").ShouldBe([topic]);
        Ask(rows, topic, "eve").ShouldBeEmpty("or its answer would come sooner than that for a topic that is not there");
        Ask(rows, topic, "ana", "eve").ShouldBeEmpty();
        rows.Forget(state);
        Ask(rows, topic, "ana").ShouldBeEmpty();
    }

    [Fact]
    public void It_is_bounded_and_keeps_what_was_used_last()
    {
        var recent = new Recent<int, string>(half: 10);
        for (var i = 0; i < 1_000; i++)
        {
            recent.Keep(i, "row");
            recent.Find(0).ShouldNotBeNull("it is used all the time");
        }
        Enumerable.Range(0, 1_000).Count(i => recent.Find(i) is not null).ShouldBeLessThanOrEqualTo(20);
    }

    private static TopicKey[] Ask(RecentRows rows, TopicKey topic, params string[] users)
    {
        var (keys, state) = (new BatchKeys(), new BatchState());
        keys.Topics.Add(topic);
        foreach (var user in users)
            keys.Members.Add((topic, user));
        rows.Find(keys, state);
        return [.. state.Topics.Keys];
    }
}
