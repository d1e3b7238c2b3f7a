using System.Buffers;
using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Engine.EngineBench;

namespace Holi.Client.Tests.Engine;

/// <summary>Watched people (holi.v1.md §9): whoever comes or goes while a conversation is watched.</summary>
public sealed class WatchTests
{
    private const string Ward = "conversation/c1";

    [Theory]
    [InlineData(MessageTypes.MemberAdd)]
    [InlineData(MessageTypes.MemberRemove)]
    [InlineData(MessageTypes.MemberRole)]
    public void A_change_of_members_asks_for_the_roster_once_more(ushort type)
    {
        var bench = Watching(head: 4);
        bench.Receive(Changed(5, type));
        Asked(bench).ShouldBe([WatchMode.Once]);
        bench.Receive(Roster("ana", "ben", "cleo"));
        Asked(bench).ShouldBeEmpty();
        bench.Notices.OfType<PeopleChanged>().Last().People.Select(p => p.User).ShouldBe(["ana", "ben", "cleo"]);
    }

    [Fact]
    public void Many_changes_ask_twice_at_most_and_the_last_answer_knows_them_all()
    {
        var bench = Watching(head: 4);
        for (ulong offset = 5; offset < 25; offset++)
            bench.Receive(Changed(offset, MessageTypes.MemberAdd));
        Asked(bench).ShouldBe([WatchMode.Once]);
        // From before the later ones, for all that we know.
        bench.Receive(Roster("ana", "ben"));
        Asked(bench).ShouldBe([WatchMode.Once]);
        bench.Receive(Roster("ana", "ben", "cleo"));
        Asked(bench).ShouldBeEmpty();
    }

    [Fact]
    public void A_change_while_the_first_roster_is_on_its_way_is_not_missed()
    {
        var bench = new EngineBench().Ready(topics: 1);
        bench.Receive(Topic(head: 4, start: 4), Skip(4), Complete(4));
        bench.Engine.Watch(Ward, on: true, bench.Time);
        Asked(bench).ShouldBe([WatchMode.On]);
        bench.Receive(Changed(5, MessageTypes.MemberAdd));
        Asked(bench).ShouldBeEmpty();
        bench.Receive(Roster("ana", "ben"));
        Asked(bench).ShouldBe([WatchMode.Once]);
    }

    [Fact]
    public void What_happened_before_the_topic_was_announced_is_in_the_roster_already()
    {
        var bench = Watching(head: 4, start: 0);
        bench.Receive(Changed(1, MessageTypes.MemberAdd), Changed(2, MessageTypes.MemberRemove));
        Asked(bench).ShouldBeEmpty();
    }

    [Fact]
    public void A_roster_that_was_refused_does_not_keep_the_next_change_from_asking()
    {
        var bench = Watching(head: 4);
        bench.Receive(Changed(5, MessageTypes.MemberAdd));
        Asked(bench).ShouldBe([WatchMode.Once]);
        bench.Receive(new ErrorFrame(HoliCode.Busy, 0, 1, 0).Write);
        bench.Receive(Changed(6, MessageTypes.MemberAdd));
        Asked(bench).ShouldBe([WatchMode.Once]);
    }

    [Fact]
    public void Nobody_is_asked_about_what_nobody_watches()
    {
        var bench = Watching(head: 4);
        bench.Engine.Watch(Ward, on: false, bench.Time);
        Asked(bench).ShouldBe([WatchMode.Off]);
        bench.Receive(Changed(5, MessageTypes.MemberAdd));
        Asked(bench).ShouldBeEmpty();
    }

    private static EngineBench Watching(ulong head, ulong? start = null)
    {
        var bench = new EngineBench().Ready(topics: 1);
        bench.Engine.Watch(Ward, on: true, bench.Time);
        bench.Receive(Topic(head: head, start: start ?? head));
        if (start is null)
            bench.Receive(Skip(head), Complete(head));
        Asked(bench).ShouldBe([WatchMode.On]);
        bench.Receive(Roster("ana", "ben"));
        return bench;
    }

    private static WatchMode[] Asked(EngineBench bench) => [.. bench.Sent().OfType<WatchFrame>().Select(w => w.Mode)];

    private static Action<IBufferWriter<byte>> Skip(ulong through) => new SkipFrame(1, through, SkipReason.BeyondBacklog).Write;

    private static Action<IBufferWriter<byte>> Complete(ulong offset) => new CompleteFrame(1, offset, 1_800_000_000_000).Write;

    private static Action<IBufferWriter<byte>> Roster(params string[] users) => new RosterFrame(
        1, [.. users.Select((user, n) => new RosterMember((uint)n + 1, user, MemberRole.Member, 0, 0, false, 0))]).Write;

    private static Action<IBufferWriter<byte>> Changed(ulong offset, ushort type)
    {
        var payload = type switch
        {
            MessageTypes.MemberAdd => new MemberAdded(3, "cleo", MemberRole.Member).ToBytes(),
            MessageTypes.MemberRemove => new MemberRemoved(3, "cleo", LeftHow.Removed).ToBytes(),
            _ => new MemberRoleChanged(2, MemberRole.Admin).ToBytes(),
        };
        return output => new EventFrame(1, offset, 1_800_000_000_000, 1, type, new(payload)).Write(output, 1_800_000_000_000);
    }
}
