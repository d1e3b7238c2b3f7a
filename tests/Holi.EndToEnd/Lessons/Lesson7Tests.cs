using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Lessons;

/// <summary>"Anyone could join any room and read a consultation's live transcript. Presence went to every socket in the system."</summary>
public sealed class Lesson7Tests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben"), _eve = SharedGateway.Somebody("eve");

    [Fact]
    public async Task Lesson_7_nobody_joins_or_touches_a_conversation_that_is_not_theirs()
    {
        var cancel = TestContext.Current.CancellationToken;
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var eve = await AppDevice.StartAsync(gateway, _eve);
        var id = await ana.CreateAsync(_ben);
        await ana.SaidAsync(id, "private");

        // What is not hers and what does not exist are refused alike.
        foreach (var target in new[] { id, Guid.NewGuid().ToString("N") })
        {
            var conversation = eve.Client.Conversation(target);
            QueuedCommand[] attempts =
            [
                await conversation.SendAsync("let me in", cancel), await conversation.AddMemberAsync(_eve, MemberRole.Owner, cancel),
                await conversation.MarkReadAsync(1, cancel), await conversation.DeleteAsync(1, cancel), await conversation.LeaveAsync(cancel),
            ];
            foreach (var attempt in attempts)
                (await Should.ThrowAsync<CommandRefusedException>(Eventually.EndsAsync(attempt.Committed))).Code.ShouldBe(HoliCode.NotFound);
            await Should.ThrowAsync<HistoryUnavailableException>(() => conversation.LoadHistoryAsync(cancellation: cancel));
            conversation.Typing(true).ShouldBeFalse();
        }
        await ana.SaidAsync(id, "still private");
        await ana.HasTextsAsync(id, "private", "still private");
        eve.Shown(id).ShouldBeEmpty();
        eve.Client.Conversation(id).Summary.ShouldBeNull();
    }

    [Fact]
    public async Task Lesson_7_presence_typing_and_receipts_reach_nobody_who_shares_no_conversation()
    {
        var gateway = await shared.StartedAsync();
        await using var eve = await RawPeer.WelcomedAsync(gateway, _eve);
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        var id = await ana.CreateAsync(_ben);
        await eve.SendAsync(new FollowFrame(0, new(System.Text.Encoding.UTF8.GetBytes(TopicName.Conversation(id))), 0, 0, 10).Write);
        (await eve.ErrorAsync()).Code.ShouldBe(HoliCode.NotFound);

        await using var people = await ana.WatchAsync(id);
        await using (var ben = await AppDevice.StartAsync(gateway, _ben))
        {
            await ana.SaidAsync(id, "hello");
            await ben.HasTextsAsync(id, "hello");
            ben.Client.Conversation(id).Typing(true);
            await people.ShowsAsync(_ben, p => p.IsTyping && p.IsOnline && p.Delivered > 1, "ana does not see what ben does");
        }
        await people.ShowsAsync(_ben, p => !p.IsOnline, "ana does not see ben go");
        // The Pong, and nothing in all that time but it.
        (await eve.HeardAsync()).ShouldAllBe(kind => kind == FrameKind.Pong || kind == FrameKind.Complete);
    }

    [Fact]
    public async Task Lesson_7_who_was_removed_gets_no_later_byte_even_after_coming_back()
    {
        var cancel = TestContext.Current.CancellationToken;
        var gateway = await shared.StartedAsync();
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ana.CreateAsync(_ben);
        await ana.SaidAsync(id, "for both");
        await ben.HasTextsAsync(id, "for both");
        await Eventually.EndsAsync((await ana.Client.Conversation(id).RemoveMemberAsync(_ben, cancel)).Committed);
        await ana.SaidAsync(id, "for ana");
        await Eventually.HoldsAsync(() => ben.Client.Conversation(id).Summary is { IsGone: true }, "ben is not told that he was removed");

        ben.GoOffline();
        await ana.SaidAsync(id, "for ana, too");
        ben.GoOnline();
        await ben.IsAsync(ConnectionState.Ready);
        var own = await ben.CreateAsync();
        await ben.SaidAsync(own, "a whole round trip later");
        ben.Texts(id).ShouldBe(["for both"]);
        (await Should.ThrowAsync<CommandRefusedException>(ben.SaidAsync(id, "may I?"))).Code.ShouldBe(HoliCode.NotFound);
    }
}
