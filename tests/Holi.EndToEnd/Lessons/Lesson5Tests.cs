using System.Net.WebSockets;
using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;

namespace Holi.EndToEnd.Lessons;

/// <summary>"After ten failed attempts it stopped trying. A refreshed token never reached the live socket, and the server never expired one."</summary>
public sealed class Lesson5Tests(SharedGateway shared)
{
    private const int AttemptsOfTheOldSystem = 10;

    private readonly string _user = SharedGateway.Somebody("ana");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lesson_5_it_never_stops_trying()
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        await gateway.KillAsync();
        var attempts = new CountedConnector();
        await using var ana = await AppDevice.StartAsync(
            gateway, _user, change: options => options with { Connector = attempts, Random = AppDevice.ShortWaits });
        await Eventually.HoldsAsync(() => attempts.Count > AttemptsOfTheOldSystem + 2, () => $"{attempts.Count} attempts were made, then {ana.Client.Status.Current}");

        await gateway.RestartAsync(Cancel);
        await ana.IsAsync(ConnectionState.Ready);
        var id = await ana.CreateAsync();
        await ana.SaidAsync(id, "here at last");
    }

    [Fact]
    public async Task Lesson_5_a_refreshed_token_reaches_the_live_connection()
    {
        var gateway = await shared.StartedAsync();
        var attempts = new CountedConnector();
        var (asked, firstEnds) = (0, DateTimeOffset.MaxValue);
        await using var ana = await AppDevice.StartAsync(gateway, _user, change: options => options with
        {
            Connector = attempts,
            Token = _ =>
            {
                if (Interlocked.Increment(ref asked) > 1)
                    return ValueTask.FromResult(gateway.Tokens.For(_user));
                firstEnds = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(4);
                return ValueTask.FromResult(gateway.Tokens.For(_user, lifetime: TimeSpan.FromSeconds(4)));
            },
        });
        var id = await ana.CreateAsync();
        // Long enough that the gateway, with the skew that it allows, would have ended a connection with the first token.
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow() > firstEnds + TimeSpan.FromSeconds(5), "time stands still");
        await ana.SaidAsync(id, "still here");
        asked.ShouldBe(2);
        attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Lesson_5_an_expired_token_ends_the_connection_and_keeps_the_outbox()
    {
        var gateway = await shared.StartedAsync();
        var old = gateway.Tokens.For(_user, lifetime: TimeSpan.FromSeconds(3));
        var loggedIn = false;
        await using var ana = await AppDevice.StartAsync(
            gateway, _user, change: options => options with { Token = _ => ValueTask.FromResult(Volatile.Read(ref loggedIn) ? gateway.Tokens.For(_user) : old) });
        var id = await ana.CreateAsync();
        await Eventually.HoldsAsync(
            () => ana.Client.Status.Current is { LastError.Code: HoliCode.TokenExpired } status && status.State != ConnectionState.Ready,
            () => $"the connection outlives its token: {ana.Client.Status.Current}");
        var kept = await ana.SayAsync(id, "kept");
        ana.Client.Status.QueuedCommands.ShouldBe(1);

        Volatile.Write(ref loggedIn, true);
        ana.Client.ConnectNow();
        await Eventually.EndsAsync(kept.Committed);
        await ana.HasTextsAsync(id, "kept");
    }

    private sealed class CountedConnector : IConnector
    {
        private readonly WebSocketConnector _connector = new();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _count);
            return _connector.ConnectAsync(endpoint, cancellation);
        }
    }
}
