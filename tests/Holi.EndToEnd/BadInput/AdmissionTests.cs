using System.Net;
using System.Net.WebSockets;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>Invariant B: how many may come, and how much each may ask, on a gateway whose limits a test can reach.</summary>
public sealed class AdmissionTests(AdmissionTests.FewAtATime fixture) : IClassFixture<AdmissionTests.FewAtATime>
{
    private const int PerAddress = 6, InAll = 12, InFlight = 2, Followed = 4;

    private readonly string _user = SharedGateway.Somebody("ana");

    [Fact]
    public async Task Section_2_1_one_address_may_hold_few_sockets_that_have_not_said_Hello()
    {
        await EmptyAsync();
        await using var crowd = new Crowd();
        for (var n = 0; n < PerAddress; n++)
            crowd.Add(await RawPeer.OpenAsync(fixture.Gateway.Endpoint));
        (await RefusedAsync()).ShouldBe(HttpStatusCode.TooManyRequests);

        // Who says a good Hello, or goes, makes room for another.
        await crowd[0].HelloAsync(fixture.Gateway.Tokens.For(_user));
        await crowd[0].WelcomeAsync();
        crowd.Add(await RawPeer.OpenAsync(fixture.Gateway.Endpoint));
        (await RefusedAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        crowd[1].Socket.Abort();
        await UntilAsync("unauthenticated", PerAddress - 1);
        crowd.Add(await RawPeer.OpenAsync(fixture.Gateway.Endpoint));
    }

    [Fact]
    public async Task Section_2_1_a_gateway_that_is_full_says_503_and_lives()
    {
        await EmptyAsync();
        await using var crowd = new Crowd();
        for (var n = 0; n < InAll; n++)
            crowd.Add(await RawPeer.WelcomedAsync(fixture.Gateway, $"{_user}-{n}"));
        (await RefusedAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);
        for (var n = 0; n < InAll; n++)
            await crowd[n].PingAsync();
        crowd[0].Socket.Abort();
        await UntilAsync("connections", InAll - 1);
        crowd.Add(await RawPeer.WelcomedAsync(fixture.Gateway, _user));
    }

    [Fact]
    public async Task Section_7_5_more_commands_in_flight_than_allowed_close_with_4412()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var topic = TopicName.Conversation(_user);
        // What fits into the first 16,388 bytes may have been sent before Welcome told the limit, and is taken.
        const ulong early = 4;
        var payload = new MessagePost(new string('x', 4_500)).ToBytes();
        await peer.SendAsync(output =>
        {
            // One message, so that no Commit can come between.
            for (var seq = 1UL; seq <= early + InFlight + 1; seq++)
                new CommandFrame(seq, 0, 0, 0, new(System.Text.Encoding.UTF8.GetBytes(topic)), MessageTypes.MessagePost, new(payload)).Write(output);
        });
        (await peer.ClosedAsync()).ShouldBe(HoliCode.CreditExceeded);
        await fixture.StillServesAsync();
    }

    [Fact]
    public async Task Section_8_6_following_more_topics_than_allowed_is_answered_with_4605()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, _user);
        var names = Enumerable.Range(0, Followed + 1).Select(n => TopicName.Conversation($"{n}-{_user}")).ToArray();
        for (var n = 0; n < names.Length; n++)
        {
            await peer.CreateAsync((ulong)n + 1, names[n]);
            await peer.CommittedAsync((ulong)n + 1);
        }
        await peer.SendAsync(new FollowFrame(0, new(System.Text.Encoding.UTF8.GetBytes(names[^1])), 0, 0, 10).Write);
        (await peer.ErrorAsync()).Code.ShouldBe(HoliCode.LimitReached);
        await peer.PingAsync();
    }

    [Fact]
    public async Task Before_authentication_a_connection_costs_little_whatever_it_sends()
    {
        await EmptyAsync();
        // Each in turn fills what it may: as many at a time as one address may have.
        for (var round = 0; round < 5; round++)
            await FillAsync();
        var before = fixture.Gateway.RssBytes;
        for (var round = 0; round < 20; round++)
            await FillAsync();
        (fixture.Gateway.RssBytes - before).ShouldBeLessThan(8L << 20, "what unauthenticated connections sent is kept");

        async Task FillAsync()
        {
            await using var crowd = new Crowd();
            for (var n = 0; n < PerAddress; n++)
            {
                var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
                crowd.Add(peer);
                await peer.SendAsync(new byte[16_000], end: false);
            }
            await crowd.DisposeAsync();
            await EmptyAsync();
        }
    }

    private async Task<HttpStatusCode> RefusedAsync()
    {
        await using var peer = new RawPeer();
        peer.Options.CollectHttpResponseDetails = true;
        await Should.ThrowAsync<WebSocketException>(() => peer.ConnectAsync(fixture.Gateway.Endpoint));
        return ((ClientWebSocket)peer.Socket).HttpStatusCode;
    }

    private Task EmptyAsync() => UntilAsync("connections", 0);

    private Task UntilAsync(string count, int value) => Eventually.HoldsAsync(
        async () => await fixture.StatusAsync(count) == value, $"{count} does not become {value}");

    /// <summary>Peers that go together.</summary>
    private sealed class Crowd : IAsyncDisposable
    {
        private readonly List<RawPeer> _peers = [];

        public RawPeer this[int n] => _peers[n];

        public void Add(RawPeer peer) => _peers.Add(peer);

        public async ValueTask DisposeAsync()
        {
            foreach (var peer in _peers)
                await peer.DisposeAsync();
            _peers.Clear();
        }
    }

    public sealed class FewAtATime() : StrictGateway(
        ("UnauthenticatedPerAddress", PerAddress), ("ConnectionsMax", InAll), ("CommandsInFlight", InFlight), ("FollowedTopics", Followed));
}
