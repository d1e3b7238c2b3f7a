using Holi.Client.Tests.Engine;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Client;

/// <summary>The client as an app uses it, over a wire in memory, with a store in memory.</summary>
public sealed class ClientTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;
    private readonly TinyGateway _gateway = new();
    private readonly MemoryDeviceStore _store = new();

    public void Dispose() => _store.Dispose();

    private HoliClientOptions Options => new()
    {
        Endpoint = new Uri("ws://localhost/v1/ws"),
        User = "ana",
        Token = _ => new("token"),
        OpenStore = () => _store,
        Connector = _gateway,
    };

    private async Task<HoliClient> StartAsync(HoliClientOptions? options = null)
    {
        var client = new HoliClient(options ?? Options);
        await client.StartAsync(Stop);
        return client;
    }

    private static async Task Until(HoliClient client, Func<ClientStatus, bool> condition)
    {
        await foreach (var status in client.Status.WatchAsync(Stop).WithCancellation(Stop))
        {
            if (condition(status))
                return;
        }
    }

    [Fact(Timeout = 20_000)]
    public async Task A_message_is_durable_then_committed_then_an_event()
    {
        await using var client = await StartAsync();
        var ward = (await client.CreateConversationAsync("Ward 3", [new("ben", MemberRole.Member)], Stop)).Conversation;

        var sent = await ward.SendAsync("Bed 4 is free", Stop);
        await sent.Committed.WaitAsync(Stop);

        sent.IsAnswered.ShouldBeTrue();
        await foreach (var happened in ward.Events(0, Stop))
        {
            if (happened.Text is null)
                continue;
            happened.Text.ShouldBe("Bed 4 is free");
            happened.Offset.ShouldBe(2ul);
            break;
        }
    }

    [Fact(Timeout = 20_000)]
    public async Task An_app_may_choose_the_id_of_the_conversation_it_makes()
    {
        await using var client = await StartAsync();
        var pair = client.Conversation("ana-and-ben");

        await (await pair.CreateAsync(null, [new("ben", MemberRole.Member)], Stop)).Committed.WaitAsync(Stop);

        client.Topics().ShouldContain(t => t.ConversationId == "ana-and-ben");
        await Should.ThrowAsync<ArgumentException>(async () => await pair.CreateAsync(null, [new("not a user", MemberRole.Member)], Stop));
    }

    [Fact(Timeout = 20_000)]
    public async Task What_is_written_offline_leaves_in_order_when_the_gateway_is_there()
    {
        _gateway.IsUp = false;
        await using var client = await StartAsync();
        var ward = client.Conversation("ward-3");
        var sent = new List<QueuedCommand>();
        for (var i = 0; i < 500; i++)
            sent.Add(await ward.SendAsync($"{i}", Stop));
        await Until(client, s => s.QueuedCommands == 500);
        client.Status.State.ShouldNotBe(ConnectionState.Ready);

        _gateway.IsUp = true;
        client.NetworkAvailable();
        await sent[^1].Committed.WaitAsync(Stop);

        _gateway.TextsOf("conversation/ward-3").ShouldBe(Enumerable.Range(0, 500).Select(i => $"{i}"));
        await Until(client, s => s is { QueuedCommands: 0, QueuedBytes: 0, State: ConnectionState.Ready });
    }

    [Fact(Timeout = 30_000)]
    public async Task Cuts_lose_nothing_and_repeat_nothing()
    {
        await using var client = await StartAsync();
        var ward = client.Conversation("ward-3");
        var senders = Enumerable.Range(0, 8).Select(s => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
                await ward.SendAsync($"{s}:{i}", Stop);
        }, Stop)).ToArray();
        var cutter = Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await Task.Delay(20, Stop);
                _gateway.Cut();
                client.NetworkAvailable();
            }
        }, Stop);
        await Task.WhenAll(senders);
        await cutter;
        await (await ward.SendAsync("last", Stop)).Committed.WaitAsync(Stop);

        var texts = _gateway.TextsOf("conversation/ward-3");
        texts.Length.ShouldBe(1_601);
        texts.Distinct().Count().ShouldBe(1_601);
        for (var s = 0; s < 8; s++)
            texts.Where(t => t.StartsWith($"{s}:", StringComparison.Ordinal)).ShouldBe(Enumerable.Range(0, 200).Select(i => $"{s}:{i}"));
        _gateway.Connections.ShouldBeGreaterThan(1);
    }

    [Fact(Timeout = 20_000)]
    public async Task Events_begin_anywhere_and_go_on_live_each_once()
    {
        for (var i = 1; i <= 600; i++)
            await _gateway.PostAsync("conversation/ward-3", $"{i}");
        await using var client = await StartAsync(Options with { Backlog = 1_000 });
        await Until(client, s => s.State == ConnectionState.Ready);

        var seen = new List<ulong>();
        await foreach (var happened in client.Conversation("ward-3").Events(after: 100, Stop))
        {
            seen.Add(happened.Offset);
            if (happened.Offset is > 599 and < 650)
                await _gateway.PostAsync("conversation/ward-3", "more");
            if (happened.Offset == 650)
                break;
        }
        seen.ShouldBe(Enumerable.Range(101, 550).Select(i => (ulong)i));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_reader_that_falls_behind_misses_nothing()
    {
        await using var client = await StartAsync();
        await Until(client, s => s.State == ConnectionState.Ready);
        await _gateway.PostAsync("conversation/ward-3", "first");
        var seen = new List<ulong>();
        await foreach (var happened in client.Conversation("ward-3").Events(0, Stop))
        {
            seen.Add(happened.Offset);
            if (happened.Offset == 1)
            {
                for (var i = 0; i < 3_000; i++)
                    await _gateway.PostAsync("conversation/ward-3", "flood");
                // Behind it is once all of them are stored.
                while ((await client.Conversation("ward-3").ReadBackAsync(0, 1, Stop))[0].Offset < 3_001)
                    await Task.Delay(5, Stop);
            }
            if (happened.Offset == 3_001)
                break;
        }
        seen.ShouldBe(Enumerable.Range(1, 3_001).Select(i => (ulong)i));
    }

    [Fact(Timeout = 20_000)]
    public async Task The_feed_of_all_topics_goes_on_from_a_written_position()
    {
        await using var client = await StartAsync();
        await Until(client, s => s.State == ConnectionState.Ready);
        foreach (var topic in new[] { "conversation/a", "conversation/b" })
        {
            await _gateway.PostAsync(topic, "1");
            await _gateway.PostAsync(topic, "2");
        }
        var feed = client.AllEvents();
        var seen = new List<string>();
        await foreach (var happened in feed.WithCancellation(Stop))
        {
            seen.Add($"{happened.Topic} {happened.Offset}");
            if (seen.Count == 3)
                break;
        }
        FeedPosition.TryParse(feed.Position.ToString(), out var position).ShouldBeTrue();
        await foreach (var happened in client.AllEvents(position).WithCancellation(Stop))
        {
            seen.Add($"{happened.Topic} {happened.Offset}");
            if (seen.Count == 4)
                break;
        }
        seen.Order().ShouldBe(["conversation/a 1", "conversation/a 2", "conversation/b 1", "conversation/b 2"]);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_refusal_reaches_whoever_asks_early_or_late()
    {
        _gateway.Refused = "no";
        await using var client = await StartAsync();
        var ward = client.Conversation("ward-3");
        var early = await ward.SendAsync("no", Stop);
        var refused = await Should.ThrowAsync<CommandRefusedException>(() => early.Committed);
        refused.Code.ShouldBe(HoliCode.RoleTooLow);
        await (await ward.SendAsync("yes", Stop)).Committed.WaitAsync(Stop);

        await Should.ThrowAsync<CommandRefusedException>(() => early.Committed);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_full_disk_is_told_to_the_sender()
    {
        await using var client = await StartAsync();
        _store.FailWith = new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left.");
        (await Should.ThrowAsync<DeviceStoreException>(async () => await client.Conversation("w").SendAsync("x", Stop)))
            .Failure.ShouldBe(DeviceStoreFailure.DiskFull);
        await Until(client, s => s.QueuedCommands == 0);
        _store.FailWith = null;
        await (await client.Conversation("w").SendAsync("y", Stop)).Committed.WaitAsync(Stop);
    }

    [Fact(Timeout = 20_000)]
    public async Task People_are_watched_and_typing_needs_a_connection()
    {
        await using var client = await StartAsync();
        var ward = client.Conversation("ward-3");
        ward.Typing(true).ShouldBeFalse();
        await (await ward.SendAsync("hello", Stop)).Committed.WaitAsync(Stop);
        await using var watch = await ward.WatchAsync(Stop);
        await foreach (var people in watch.WatchAsync(Stop))
        {
            if (people.Count == 2)
                break;
        }
        watch.People[1].User.ShouldBe("ben");
        while (!ward.Typing(true))
            await Task.Delay(5, Stop);
        ward.Typing(true).ShouldBeTrue("within three seconds it is not sent again");
        while (_gateway.Signals.Count == 0)
            await Task.Delay(5, Stop);
        _gateway.Signals.Count.ShouldBe(1);
    }

    [Fact(Timeout = 20_000)]
    public async Task Older_events_are_loaded_on_demand_and_read_back()
    {
        for (var i = 1; i <= 100; i++)
            await _gateway.PostAsync("conversation/ward-3", $"{i}");
        await using var client = await StartAsync(Options with { Backlog = 10 });
        var ward = client.Conversation("ward-3");
        while (ward.Staleness.Freshness != Freshness.Current)
            await Task.Delay(5, Stop);

        var page = await ward.LoadHistoryAsync(before: 91, count: 20, Stop);

        page.ShouldBe(new HistoryPage(20, 71, false));
        (await ward.ReadBackAsync(0, 30, Stop)).Select(e => e.Text).ShouldBe(Enumerable.Range(71, 30).Select(i => $"{i}"));
        ward.Unread.ShouldBe(100);
        ward.Staleness.CompleteThrough.ShouldBe(100ul);
    }

    [Fact(Timeout = 20_000)]
    public async Task After_the_end_everything_says_so_and_what_was_queued_stays_queued()
    {
        _gateway.IsUp = false;
        var client = await StartAsync();
        var sent = await client.Conversation("w").SendAsync("kept", Stop);
        var committed = sent.Committed;
        await client.LogoffAsync();
        await client.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => committed);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await client.Conversation("w").SendAsync("x", Stop));
        client.NetworkAvailable();
        _store.ReadOutboxSize().Count.ShouldBe(1);
    }

    [Fact]
    public void Options_name_every_problem_at_once()
    {
        var options = new HoliClientOptions { Endpoint = new Uri("http://x"), User = "a b", Token = _ => new(""), OutboxCommandsMax = 0 };
        Should.Throw<HoliClientOptionsException>(() => new HoliClient(options)).Problems.Count.ShouldBe(5);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_close_with_a_code_is_understood()
    {
        await using var client = await StartAsync();
        await Until(client, s => s.State == ConnectionState.Ready);
        await _gateway.CloseAsync(HoliCode.Fenced);
        await Until(client, s => s.State == ConnectionState.Stopped);
        client.Status.LastError!.Code.ShouldBe(HoliCode.Fenced);
        client.ConnectNow();
        await Until(client, s => s.State == ConnectionState.Ready);
        client.Status.LastError.ShouldBeNull();
    }

    [Fact(Timeout = 20_000)]
    public async Task Properties_change_and_say_so()
    {
        await using var client = new HoliClient(Options);
        var changed = new System.Collections.Concurrent.ConcurrentBag<string>();
        client.Status.PropertyChanged += (_, e) => changed.Add(e.PropertyName!);
        await client.StartAsync(Stop);
        await Until(client, s => s.State == ConnectionState.Ready);
        while (!changed.Contains(nameof(HoliStatus.State)))
            await Task.Delay(5, Stop);
    }
}
