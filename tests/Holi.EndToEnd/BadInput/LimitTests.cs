using System.Net.WebSockets;
using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>Invariant B: what one peer may cost is bounded.</summary>
public sealed class LimitTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly string _user = "limit-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Too_many_connections_of_one_user_are_refused_with_4101_and_the_earlier_ones_live()
    {
        var peers = new List<RawPeer>();
        try
        {
            var refused = HoliCode.None;
            for (var n = 0; n < 200 && refused == HoliCode.None; n++)
            {
                var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
                peers.Add(peer);
                await peer.HelloAsync(fixture.Gateway.Tokens.For(_user));
                try
                {
                    await peer.WelcomeAsync();
                }
                catch (InvalidOperationException)
                {
                    refused = await peer.ClosedAsync();
                }
            }
            refused.ShouldBe(HoliCode.TooManyConnections);
            await peers[0].PingAsync();
            await fixture.BystandersStillChatAsync();
        }
        finally
        {
            foreach (var peer in peers)
                await peer.DisposeAsync();
        }
    }

    [Fact]
    public async Task Section_6_5_a_newer_connection_of_the_same_device_closes_the_older_with_4501()
    {
        await using var older = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await older.HelloAsync(fixture.Gateway.Tokens.For(_user), "one-device");
        var generation = (await older.WelcomeAsync()).Generation;
        await using var newer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await newer.HelloAsync(fixture.Gateway.Tokens.For(_user), "one-device", generation);
        await newer.WelcomeAsync();
        (await older.ClosedAsync()).ShouldBe(HoliCode.Fenced);
        await newer.PingAsync();
    }

    [Fact]
    public async Task Section_6_5_a_hello_of_a_life_that_ended_is_closed_with_4303_and_the_present_one_goes_on()
    {
        await using var late = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await using var present = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await present.HelloAsync(fixture.Gateway.Tokens.For(_user), "counts-its-sockets", opening: 2);
        await present.WelcomeAsync();
        await late.HelloAsync(fixture.Gateway.Tokens.For(_user), "counts-its-sockets", opening: 1);
        (await late.ClosedAsync()).ShouldBe(HoliCode.OpeningOutdated);
        await present.PingAsync();
    }

    [Fact]
    public async Task Section_9_1_watching_more_than_allowed_is_answered_with_4605()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(fixture.Gateway.Tokens.For(_user));
        var allowed = (await peer.WelcomeAsync()).Limits.WatchedTopics;
        for (var n = 0UL; n <= (ulong)allowed; n++)
        {
            var name = TopicName.Conversation($"watched-{n}-{_user}");
            await peer.CreateAsync(n + 1, name);
            var topic = await peer.TopicAsync(name);
            await peer.SendAsync(new WatchFrame(topic.Number, WatchMode.On).Write);
        }
        (await peer.ErrorAsync()).Code.ShouldBe(HoliCode.LimitReached);
        await peer.PingAsync();
    }

    [Fact]
    public async Task Section_7_5_more_commands_in_flight_than_the_window_close_with_4412()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(fixture.Gateway.Tokens.For(_user), bulkCredit: 0);
        var limits = (await peer.WelcomeAsync()).Limits;
        var topic = TopicName.Conversation("window-" + _user);
        await peer.CreateAsync(1, topic);
        await peer.CommittedAsync(1);

        // Bodies of 16,000 bytes, as many as the window's bytes and one more, faster than an fsync can answer; a gateway that answers in
        // between renews the window, so the pressure is repeated.
        var payload = new MessagePost(new string('x', 16_000)).ToBytes();
        var seq = 2UL;
        try
        {
            for (; seq < 20_000 && peer.Socket.State == WebSocketState.Open; seq++)
                await peer.CommandAsync(seq, topic, MessageTypes.MessagePost, payload);
        }
        catch (WebSocketException)
        {
            // Closed while we were sending.
        }
        // Either it kept up with us, which breaks no rule, or it closed with the code of this one.
        if (peer.Socket.State != WebSocketState.Open)
            (await peer.ClosedAsync()).ShouldBeOneOf(HoliCode.CreditExceeded, HoliCode.None);
        limits.CommandsInFlight.ShouldBePositive();
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task A_client_that_never_reads_costs_the_gateway_a_cursor_and_not_memory()
    {
        var topic = TopicName.Conversation("never-" + _user);
        await using var writer = await RawPeer.WelcomedAsync(fixture.Gateway, _user + "-w");
        await using var deaf = await RawPeer.OpenAsync(fixture.Gateway.Endpoint, reads: false);
        await deaf.HelloAsync(fixture.Gateway.Tokens.For(_user + "-d"), bulkCredit: 1 << 30, backlog: 1_000_000);
        await writer.CreateAsync(1, topic, _user + "-d");
        await writer.CommittedAsync(1);

        var payload = new MessagePost(new string('x', 15_000)).ToBytes();
        // The first 45 MB fill the pools and the topic's shared tail and set the collector's pace; the next 45 MB must cost nothing more.
        await PostManyAsync(writer, topic, payload, 2, 3_002);
        var before = fixture.Gateway.RssBytes;
        await PostManyAsync(writer, topic, payload, 3_002, 6_002);
        (fixture.Gateway.RssBytes - before).ShouldBeLessThan(40L << 20);
        await fixture.BystandersStillChatAsync();
    }

    private static async Task PostManyAsync(RawPeer writer, string topic, byte[] payload, ulong from, ulong to)
    {
        for (var seq = from; seq < to; seq++)
        {
            await writer.CommandAsync(seq, topic, MessageTypes.MessagePost, payload);
            if (seq % 32 == 0)
                await writer.CommittedAsync(seq - 16);
        }
        await writer.CommittedAsync(to - 1);
    }

    [Fact]
    public async Task A_flood_of_subscriptions_is_told_to_wait_and_then_closes_with_4106()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var name = TopicName.Conversation("flood-" + _user);
        await peer.CreateAsync(1, name);
        var topic = await peer.TopicAsync(name);
        var before = fixture.Gateway.RssBytes;
        // More at once than may wait.
        await FollowAsync();
        (await peer.ErrorAsync()).Code.ShouldBe(HoliCode.Busy);
        try
        {
            for (var n = 0; n < 100 && peer.Socket.State == WebSocketState.Open; n++)
                await FollowAsync();
        }
        catch (WebSocketException)
        {
            // Closed while we were sending.
        }
        (await peer.ClosedAsync()).ShouldBe(HoliCode.RateLimited);
        (fixture.Gateway.RssBytes - before).ShouldBeLessThan(40L << 20);
        await fixture.BystandersStillChatAsync();

        Task FollowAsync() => peer.SendAsync(output =>
        {
            for (var frame = 0; frame < 100; frame++)
                new FollowFrame(topic.Number, default, 0, 0, 10).Write(output);
        });
    }

    [Fact]
    public async Task Signals_that_flood_are_dropped_or_refused_and_the_gateway_lives()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var name = TopicName.Conversation("typing-" + _user);
        await peer.CreateAsync(1, name);
        var topic = await peer.TopicAsync(name);
        try
        {
            for (var n = 0; n < 5_000 && peer.Socket.State == WebSocketState.Open; n++)
                await peer.SendAsync(new SignalFrame(topic.Number, SignalTypes.Typing, new(new TypingSignal(true).ToBytes())).Write);
        }
        catch (WebSocketException)
        {
            // Closed while we were sending.
        }
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task A_peer_that_dies_in_the_middle_of_a_message_leaves_nothing_behind()
    {
        for (var n = 0; n < 50; n++)
        {
            var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
            await peer.SendAsync(Encoding.UTF8.GetBytes("half a mess"), end: false);
            await peer.DisposeAsync();
        }
        await fixture.BystandersStillChatAsync();
        using var status = await fixture.Gateway.StatusAsync(TestContext.Current.CancellationToken);
        status.RootElement.TryGetProperty("connections", out _).ShouldBeTrue();
    }
}
