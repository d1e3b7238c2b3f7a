using System.Text.Json;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Cluster;

/// <summary>Fault 14: Redis is killed, hangs, forgets, hangs up. Invariants D, S, L and X do not rest on it.</summary>
public sealed class RedisFaultTests(ClusterFixture fixture) : ClusterTest(fixture)
{
    [Theory]
    [InlineData(RedisFault.Killed)]
    [InlineData(RedisFault.Hung)]
    [InlineData(RedisFault.Restarted)]
    [InlineData(RedisFault.Flushed)]
    [InlineData(RedisFault.Cut)]
    public async Task Fault_14_whatever_becomes_of_Redis_messages_arrive_once_and_in_order_and_the_nodes_hear_each_other_again(RedisFault fault)
    {
        await using var ana = await AtAsync(0, Ana);
        await using var ben = await AtAsync(1, Ben);
        var id = await ana.CreateAsync(Ben);
        var said = new List<string>();
        await TalkAsync("before");
        await HurtRedisAsync(fault);
        await TalkAsync("at once");
        if (fault is RedisFault.Killed or RedisFault.Hung)
            await IsSlowerAsync();
        await TalkAsync("without it");
        await Cluster.HealAsync();
        await TalkAsync("after");

        async Task TalkAsync(string when)
        {
            for (var turn = 0; turn < 3; turn++)
            {
                foreach (var (one, other) in new[] { (ana, ben), (ben, ana) })
                {
                    for (var n = 0; n < 5; n++)
                    {
                        said.Add($"{when} {one.Client.User} {turn} {n}");
                        await one.SayAsync(id, said[^1]);
                    }
                    await other.HasTextsAsync(id, said);
                    await one.HasTextsAsync(id, said);
                }
            }
        }
    }

    // X.
    [Theory]
    [InlineData(RedisFault.None)]
    [InlineData(RedisFault.Killed)]
    [InlineData(RedisFault.Hung)]
    public async Task X_who_was_removed_at_another_node_is_shown_nothing_of_what_came_then_and_may_say_nothing_any_more(RedisFault redis)
    {
        await using var ana = await AtAsync(0, Ana);
        await using var cat = await AtAsync(1, Cat);
        await using var ben = await RawPeer.WelcomedAsync(Node(1), Ben);
        var id = await ana.CreateAsync(Ben, Cat);
        var name = TopicName.Conversation(id);
        var topic = await ben.TopicAsync(name);
        await ana.SaidAsync(id, "for all");
        await HurtRedisAsync(redis);
        await Eventually.EndsAsync((await ana.Client.Conversation(id).RemoveMemberAsync(Ben, Cancel)).Committed);
        for (var n = 0; n < 5; n++)
            await ana.SaidAsync(id, $"not for ben {n}");
        await Eventually.HoldsAsync(() => cat.Texts(id).Contains("not for ben 4"), () => "cat is not shown what ana said");
        var removed = ana.Shown(id).Single(e => e.Type == MessageTypes.MemberRemove).Offset;

        // Everything that came to ben of this topic, to its end and to the end of what can have been on its way.
        var (kind, body) = await ben.NextOfAsync(FrameKind.Event, FrameKind.TopicGone);
        for (; kind != FrameKind.TopicGone; (kind, body) = await ben.NextOfAsync(FrameKind.Event, FrameKind.TopicGone))
        {
            EventFrame.TryRead(new(body), ben.TimeBase, out var shown, out _).ShouldBeTrue();
            if (shown.Topic == topic.Number)
                shown.Offset.ShouldBeLessThan(removed);
        }
        TopicGoneFrame.TryRead(new(body), out var gone, out _).ShouldBeTrue();
        gone.Code.ShouldBe(HoliCode.Removed);
        await ben.PostAsync(1, name, "may not");
        (await ben.CommittedAsync(1)).Refusals.ShouldHaveSingleItem().Code.ShouldBe(HoliCode.NotFound);
        await ben.SendAsync(new HistoryRequestFrame(3, topic.Number, 0, 100).Write);
        (await ben.ErrorAsync()).Code.ShouldBe(HoliCode.NotFound);
        await using var again = await RawPeer.OpenAsync(Node(2).Endpoint);
        await again.HelloAsync(Node(2).Tokens.For(Ben), backlog: 100);
        (await again.WelcomeAsync()).Topics.ShouldBe(1, "his own");
    }

    // What an operator sees of it.
    private async Task IsSlowerAsync()
    {
        var (status, said) = (0, default(JsonElement));
        await Eventually.HoldsAsync(
            async () =>
            {
                (status, said) = await Cluster.ReadinessAsync(1);
                return said.GetProperty("fallbacks").EnumerateArray().Any(fallback => fallback.GetString() == "polling");
            },
            () => $"nobody notices: {said}");
        status.ShouldBe(200);
        said.GetProperty("cluster").GetProperty("line").GetString().ShouldBe("down");
        var redis = said.GetProperty("dependencies").EnumerateArray().Single(dependency => dependency.GetProperty("name").GetString() == "redis");
        redis.GetProperty("state").GetString().ShouldBe("degraded");
        redis.GetProperty("required").GetBoolean().ShouldBeFalse();
        redis.GetProperty("reason").GetString().ShouldNotBeNullOrEmpty();
        redis.GetProperty("since").ValueKind.ShouldBe(JsonValueKind.String);
    }
}
