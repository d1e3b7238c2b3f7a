using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Presence;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>Two gateways' insides on one log, with the real loops, timers and readers, and a line that does as it is told.</summary>
public sealed class ClusterNodeTests : IAsyncDisposable
{
    private readonly LossyLine.Hub _line = new();
    private readonly SharedLog _log = new SharedLog(new MemoryLogStore());

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public async Task What_one_gateway_commits_is_published_by_the_other()
    {
        await using var one = Node();
        await using var two = Node(rare: true);
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = two.Join("ben", topic);
        await UntilAsync(() => two.Cluster.Counts.Comparisons > 0);
        Post(one, devices[0], topic, "hello");
        await UntilAsync(() => ben.Topic.Head == 3);
        ben.Topic.TryGetFrame(3, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task What_nobody_told_of_is_found_in_the_log()
    {
        await using var one = Node();
        await using var two = Node();
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = two.Join("ben", topic);
        _line.Loses = (name, _) => name.Text.StartsWith("holi:w", StringComparison.Ordinal);
        Post(one, devices[0], topic, "hello");
        await UntilAsync(() => ben.Topic.Head == 3);
        two.Holes.Events.ShouldBe(1);
    }

    [Fact]
    public async Task A_wake_up_that_was_lost_is_made_up_for_when_the_next_comes()
    {
        await using var one = Node();
        await using var two = Node(rare: true);
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = two.Join("ben", topic);
        await UntilAsync(() => two.Cluster.Counts.Comparisons > 0);
        _line.Loses = (name, _) => name.Text.StartsWith("holi:w", StringComparison.Ordinal);
        Post(one, devices[0], topic, "lost");
        await UntilAsync(() => one.Cluster.Counts.Waiting == 0);
        _line.Loses = (_, _) => false;
        Post(one, devices[0], topic, "heard");
        await UntilAsync(() => ben.Topic.Head == 4);
    }

    // X: the removal lies in what was lost.
    [Fact]
    public async Task Who_was_removed_by_another_gateway_is_limited_before_the_head_passes_it_whatever_was_lost()
    {
        await using var one = Node();
        await using var two = Node();
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member), ("cai", MemberRole.Member));
        var (ben, cai) = (two.Join("ben", topic), two.Join("cai", topic));
        _line.Loses = (name, _) => name.Text.StartsWith("holi:w", StringComparison.Ordinal);
        devices[0].Send(topic, MessageTypes.MemberRemove, new MemberRemove("ben")).ShouldBe(HoliCode.None);
        one.Tell();
        await UntilAsync(() => one.Cluster.Counts.Waiting == 0);
        _line.Loses = (_, _) => false;
        Post(one, devices[0], topic, "not for ben");
        await UntilAsync(() => cai.Topic.Head == 5);
        (ben.Limit, cai.IsLimited).ShouldBe((4ul, false));
        ben.Marks.TakeNotes()!.ShouldContain(change => change.User == "ben" && !change.Present && change.Offset == 4);
    }

    [Fact]
    public async Task Who_is_added_by_another_gateway_hears_of_it_by_their_own_topic()
    {
        await using var one = Node();
        await using var two = Node();
        var (topic, devices) = one.Scene.Conversation();
        one.Scene.Connect("ben");
        var ben = two.Join("ben", "user/ben");
        devices[0].Send(topic, MessageTypes.MemberAdd, new MemberAdd("ben", MemberRole.Member)).ShouldBe(HoliCode.None);
        one.Tell();
        await UntilAsync(() => ben.Topic.Head == 1);
        var note = ben.Marks.TakeNotes().ShouldHaveSingleItem();
        (note.IsInvitation, note.Topic.Name, note.Present).ShouldBe((true, topic, true));
    }

    [Fact]
    public async Task A_deleted_message_is_gone_from_the_tails_of_all_gateways()
    {
        await using var one = Node();
        await using var two = Node();
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = two.Join("ben", topic);
        Post(one, devices[0], topic, "to be deleted");
        await UntilAsync(() => ben.Topic.TryGetFrame(3, out _));
        devices[0].Send(topic, MessageTypes.MessageDelete, new MessageDelete(3)).ShouldBe(HoliCode.None);
        one.Tell();
        await UntilAsync(() => ben.Topic.Head == 4);
        (ben.Topic.TryGetFrame(3, out _), ben.Topic.TryGetFrame(4, out _)).ShouldBe((false, true));
    }

    [Fact]
    public async Task Receipts_typing_and_presence_come_from_other_gateways_and_from_the_log_where_they_were_lost()
    {
        await using var one = Node();
        await using var two = Node();
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        Post(one, devices[0], topic, "read me");
        var (ana, ben) = (one.Join("ana", topic), two.Join("ben", topic));
        var room = two.Watch(ben);
        await UntilAsync(() => room.Roster()[0].Online);

        one.Scene.Run(devices[0].Next(topic, MessageTypes.ReadMark, new ReadMark(2).ToBytes()));
        one.Tell();
        await UntilAsync(() => room.Roster()[0].Read == 3, "ana had read her own message");
        var seen = room.Version;
        one.Cluster.Typed(ana.Topic, ana.Member, on: true);
        await UntilAsync(() => Typing(room, ref seen).Contains((1u, true)));

        _line.Loses = (name, _) => name.Text.StartsWith("holi:w", StringComparison.Ordinal);
        one.Scene.Run(devices[1].Next(topic, MessageTypes.ReadMark, new ReadMark(3).ToBytes()));
        one.Tell();
        await UntilAsync(() => room.Roster()[1].Read == 3);
    }

    [Fact]
    public async Task People_of_a_killed_gateway_go_offline_and_those_of_one_that_ends_in_order_sooner()
    {
        var limits = new GatewayLimits { Cluster = new ClusterLimits { Lease = TimeSpan.FromSeconds(1.5), HeartbeatInterval = TimeSpan.FromMilliseconds(300) } };
        var killed = new LoneNode(_log, _line.Line(), limits);
        await using var two = new LoneNode(_log, _line.Line(), limits);
        var (topic, _) = killed.Scene.Conversation(("ben", MemberRole.Member));
        killed.Join("ana", topic);
        var room = two.Watch(two.Join("ben", topic));
        await UntilAsync(() => room.Roster()[0].Online && two.Cluster.Counts.Nodes == 1);
        await killed.DisposeAsync();
        await UntilAsync(() => !room.Roster()[0].Online);
        room.Roster()[0].LastSeenMs.ShouldBeGreaterThan(0);
        two.Cluster.Counts.Nodes.ShouldBe(0);
    }

    [Fact]
    public async Task A_gateway_that_comes_later_hears_who_is_where_and_which_tokens_are_revoked()
    {
        await using var one = Node();
        var (topic, _) = one.Scene.Conversation(("ben", MemberRole.Member));
        one.Join("ana", topic);
        one.Revoked.Revoke("stolen", long.MaxValue, 0).ShouldBeTrue();
        await UntilAsync(() => one.Cluster.Counts.Waiting == 0);
        await using var two = Node();
        var room = two.Watch(two.Join("ben", topic));
        await UntilAsync(() => room.Roster()[0].Online && two.Revoked.Contains("stolen"));
    }

    [Fact]
    public async Task A_revocation_reaches_gateways_that_did_not_hear_it_when_they_hear_again()
    {
        await using var one = Node();
        await using var two = Node();
        await UntilAsync(() => two.Cluster.Health.IsHealthy);
        _line.Loses = (_, _) => true;
        one.Revoked.Revoke("stolen", long.MaxValue, 0).ShouldBeTrue();
        await UntilAsync(() => !two.Cluster.Health.IsHealthy);
        two.Revoked.Contains("stolen").ShouldBeFalse();
        _line.Loses = (_, _) => false;
        _line.Restore();
        await UntilAsync(() => two.Revoked.Contains("stolen") && two.Cluster.Health.IsHealthy);
    }

    [Fact]
    public async Task A_device_that_is_opened_at_another_gateway_is_closed_here_told_or_not()
    {
        await using var one = Node();
        await using var two = Node();
        var device = one.Scene.Connect("ana");
        var (told, untold) = (Marks(), Marks());
        two.Cluster.Devices.Add(device.Opening.DeviceId, device.Fence, told);
        device.Open(device.Generation).ShouldBe(HoliCode.None);
        one.Tell();
        await UntilAsync(() => told.CloseWanted == HoliCode.Fenced);

        two.Cluster.Devices.Add(device.Opening.DeviceId, device.Fence, untold);
        device.Open(device.Generation).ShouldBe(HoliCode.None);
        await UntilAsync(() => untold.CloseWanted == HoliCode.Fenced, "nobody told of it, the log did");
    }

    [Fact]
    public async Task Without_a_line_everything_comes_from_the_log()
    {
        await using var one = new LoneNode(_log, new NoLine());
        await using var two = new LoneNode(_log, new NoLine());
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = two.Join("ben", topic);
        for (var i = 1; i <= 3; i++)
            Post(one, devices[0], topic, $"message {i}");
        await UntilAsync(() => ben.Topic.Head == 5);
        two.Cluster.Health.Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task The_line_is_something_to_lean_on_that_says_since_when_and_why_it_fails_and_how_slow_it_is()
    {
        await using var one = Node();
        await UntilAsync(() => one.Cluster.Dependency is { FailingSince: null, Lag: not null });
        (one.Cluster.Dependency.Name, one.Cluster.Dependency.IsRequired, one.Cluster.Dependency.Reason).ShouldBe(("redis", false, null));
        _line.Loses = (_, _) => true;
        await UntilAsync(() => one.Cluster.Dependency.FailingSince is not null);
        one.Cluster.Dependency.Reason.ShouldBe("what is sent there does not come back");
        _line.Loses = (_, _) => false;
        await UntilAsync(() => one.Cluster.Dependency.FailingSince is null);
    }

    // Whoever can publish on the same Redis, and has not the log.
    [Fact]
    public async Task X_what_no_gateway_of_this_log_said_changes_nothing_and_is_counted()
    {
        await using var one = Node();
        await using var stranger = new LoneNode(new SharedLog(new MemoryLogStore()) { LineKey = Enumerable.Repeat((byte)7, 32).ToArray() }, _line.Line());
        var (topic, _) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = one.Join("ben", topic);
        await UntilAsync(() => one.Cluster.Health.IsHealthy && one.Cluster.Counts.Dropped > 1);
        (one.Cluster.Counts.Nodes, one.Cluster.Counts.Heard, ben.Topic.Head).ShouldBe((0, 0, 2ul));
    }

    [Fact]
    public async Task A_log_that_is_away_for_a_while_is_asked_again()
    {
        await using var one = Node();
        await using var two = Node();
        var (topic, devices) = one.Scene.Conversation(("ben", MemberRole.Member));
        var ben = two.Join("ben", topic);
        _line.Loses = (name, _) => name.Text.StartsWith("holi:w", StringComparison.Ordinal);
        Post(one, devices[0], topic, "hello");
        _log.IsAway = true;
        var refused = _log.Refused;
        await UntilAsync(() => _log.Refused > refused + 2);
        _log.IsAway = false;
        await UntilAsync(() => ben.Topic.Head == 3);
    }

    // Somebody restored a backup under the running gateways.
    [Fact]
    public async Task A_log_that_has_less_than_it_had_sends_its_followers_away_to_come_back()
    {
        var other = new SharedLog(new MemoryLogStore());
        var before = new LoneNode(_log, _line.Line());
        var (topic, devices) = before.Scene.Conversation(("ben", MemberRole.Member));
        Post(before, devices[0], topic, "lost with the history");
        await before.DisposeAsync();
        new Scene(other).Conversation(("ben", MemberRole.Member));
        var swapped = new SwappedLog { Now = _log };
        await using var two = new LoneNode(swapped, _line.Line());
        var ben = two.Join("ben", topic);
        ben.Topic.Head.ShouldBe(3ul);
        swapped.Now = other;
        await UntilAsync(() => ben.Marks.CloseWanted == HoliCode.GoingAway);
        two.Join("ben", topic).Topic.Head.ShouldBe(2ul);
    }

    private LoneNode Node(bool rare = false) => new(
        _log, _line.Line(), rare ? new GatewayLimits { Cluster = new ClusterLimits { CompareInterval = TimeSpan.FromHours(1), SilenceMax = TimeSpan.FromHours(1) } } : null);

    private static void Post(LoneNode node, Device device, string topic, string text)
    {
        node.Scene.Run(device.Post(topic, text));
        node.Tell();
    }

    private static List<(uint, bool)> Typing(Room room, ref ulong seen)
    {
        var news = new RoomNews([], [], []);
        seen = room.Collect(seen, 0, 0, news);
        return [.. news.Typing];
    }

    private static ConnectionMarks Marks() => new("clinic", "ana", 10, () => { });

    private static async Task UntilAsync(Func<bool> isSo, string? why = null)
    {
        for (var patience = 0; !isSo(); patience++)
        {
            patience.ShouldBeLessThan(2_000, why);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }
    }
}
