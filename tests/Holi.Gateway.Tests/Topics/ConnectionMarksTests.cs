using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Topics;

public sealed class ConnectionMarksTests
{
    private sealed class Follow(HubTopic topic, ConnectionMarks marks) : Follower(topic, marks, 1, 1);

    [Fact]
    public async Task No_mark_is_lost_between_many_who_mark_and_one_who_takes()
    {
        const int rounds = 20_000;
        var marks = new ConnectionMarks("clinic", "ben", 10, () => { });
        var follows = Enumerable.Range(0, 8)
            .Select(i => new Follow(new HubTopic(i, new TopicKey("clinic", "conversation/x"), (uint)i + 1, 1, 0), marks)).ToArray();
        var news = new long[follows.Length];
        var seen = new long[follows.Length];
        var writers = Enumerable.Range(0, follows.Length).Select(i => Task.Run(() =>
        {
            for (var round = 0; round < rounds; round++)
            {
                Interlocked.Increment(ref news[i]);
                marks.Mark(follows[i]);
            }
        })).ToArray();
        while (!Array.TrueForAll(writers, writer => writer.IsCompleted))
            Take(marks, news, seen);
        await Task.WhenAll(writers);
        Take(marks, news, seen);
        seen.ShouldAllBe(count => count == rounds);
    }

    private static void Take(ConnectionMarks marks, long[] news, long[] seen)
    {
        for (var marked = marks.TakeMarked(); marked is not null;)
        {
            var next = ConnectionMarks.Unmark(marked);
            var i = (int)marked.Topic.TopicId;
            seen[i] = Interlocked.Read(ref news[i]);
            marked = next;
        }
    }

    [Fact]
    public void More_membership_changes_than_are_kept_ask_the_connection_to_come_back()
    {
        var marks = new ConnectionMarks("clinic", "ben", 2, () => { });
        for (var i = 0ul; i < 3; i++)
            marks.Note(new MembershipChange(1, new TopicKey("clinic", "conversation/x"), "ben", 1, MemberRole.Member, true, i));
        marks.CloseWanted.ShouldBe(HoliCode.GoingAway);
        marks.TakeNotes()!.Count.ShouldBe(2);
        marks.TakeNotes().ShouldBeNull();
    }

    [Fact]
    public void The_first_reason_to_close_counts()
    {
        var marks = new ConnectionMarks("clinic", "ben", 2, () => { });
        marks.Close(HoliCode.Fenced);
        marks.Close(HoliCode.TokenRevoked);
        marks.CloseWanted.ShouldBe(HoliCode.Fenced);
    }
}
