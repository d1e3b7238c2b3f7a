using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Engine.EngineBench;
using static Holi.Client.Tests.Engine.SentFrames;

namespace Holi.Client.Tests.Engine;

/// <summary>Keeping a connection and finding the next one (holi.v1.md §11, §12; lesson 5: never stop trying).</summary>
public sealed class KeepingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Silence_is_noticed_within_the_heartbeat_and_ten_seconds()
    {
        var bench = new EngineBench().Ready();
        bench.Sent();
        var quietSince = bench.Now;

        bench.Pass(25 * Second);
        bench.Sent().OfType<PingFrame>().ShouldHaveSingleItem();
        bench.Pass(11 * Second);

        bench.Dropped.ShouldHaveSingleItem();
        bench.Engine.State.ShouldNotBe(ConnectionState.Ready);
        (bench.Now - quietSince).ShouldBeLessThanOrEqualTo(36 * Second);
    }

    [Fact]
    public void After_a_change_of_network_three_seconds_are_enough()
    {
        var bench = new EngineBench().Ready();
        bench.Sent();
        bench.Engine.NetworkAvailable(bench.Time);
        bench.Sent().OfType<PingFrame>().ShouldHaveSingleItem();
        bench.Pass(3 * Second);
        bench.Dropped.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_pong_keeps_the_connection()
    {
        var bench = new EngineBench().Ready();
        bench.Engine.SetForeground(true, bench.Time);
        var ping = bench.Sent().OfType<PingFrame>().Single();
        bench.Receive(new PongFrame(ping.Nonce, 1_800_000_000_000).Write).Pass(20 * Second);
        bench.Dropped.ShouldBeEmpty();
    }

    [Fact]
    public void It_never_stops_trying()
    {
        var bench = new EngineBench().Start();
        var attempts = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            bench.Close(0).Pass(TimeSpan.FromMinutes(1));
            attempts = bench.Connection;
        }
        attempts.ShouldBeGreaterThanOrEqualTo(60);
        bench.Engine.State.ShouldBe(ConnectionState.Connecting);
    }

    [Fact]
    public void Opening_without_an_answer_is_given_up_after_ten_seconds()
    {
        var bench = new EngineBench().Start();
        bench.Open();
        bench.Pass(10 * Second);
        bench.Dropped.ShouldHaveSingleItem();
    }

    [Fact]
    public void The_network_ends_a_long_wait_at_once()
    {
        var bench = new EngineBench(random: () => 0.999).Start();
        for (var i = 0; i < 10; i++)
            bench.Close(0).Pass(40 * Second);
        bench.Close(0);
        bench.Status.State.ShouldBe(ConnectionState.Waiting);
        bench.Status.NextRetryAt!.Value.ShouldBeGreaterThan(bench.Now + (20 * Second));

        bench.Engine.NetworkAvailable(bench.Time);

        bench.Engine.State.ShouldBe(ConnectionState.Connecting);
    }

    [Fact]
    public void An_attempt_that_hangs_from_before_the_network_came_back_is_begun_anew()
    {
        var bench = new EngineBench().Start();
        var first = bench.Connection;
        bench.Engine.NetworkAvailable(bench.Time);
        bench.Connection.ShouldBe(first + 1);
        bench.Dropped.ShouldHaveSingleItem().Connection.ShouldBe(first);
    }

    [Theory]
    [InlineData(4501)]
    [InlineData(4502)]
    public void Fenced_or_forbidden_stops_until_the_app_or_the_person_acts(int code)
    {
        var bench = new EngineBench().Ready();
        bench.Close(code).Pass(TimeSpan.FromHours(5));
        bench.Engine.State.ShouldBe(ConnectionState.Stopped);
        bench.Engine.NetworkAvailable(bench.Time);
        bench.Engine.State.ShouldBe(ConnectionState.Stopped);

        bench.Engine.ConnectNow(bench.Time);

        bench.Engine.State.ShouldBe(ConnectionState.Connecting);
    }

    [Fact]
    public void A_fault_found_by_the_gateway_waits_thirty_seconds_or_more()
    {
        var bench = new EngineBench().Ready();
        bench.Close(4408).Pass(TimeSpan.FromSeconds(29));
        bench.Engine.State.ShouldBe(ConnectionState.Waiting);
        bench.Pass(TimeSpan.FromSeconds(32));
        bench.Engine.State.ShouldBe(ConnectionState.Connecting);
    }

    [Fact]
    public void GoAway_is_obeyed_nothing_more_is_sent_and_commits_still_count()
    {
        var bench = new EngineBench().Ready();
        bench.Queue("before");
        bench.Sent();
        bench.Receive(new GoAwayFrame(HoliCode.GoingAway, 5 * Second, 4 * Second).Write);
        bench.Queue("after");
        bench.Sent().OfType<SentCommand>().ShouldBeEmpty();
        bench.Receive(Commit(1));
        bench.Notices.OfType<CommandsCommitted>().Last().Through.ShouldBe(1ul);

        bench.Close(4000).Pass(6.9 * Second);
        bench.Engine.State.ShouldBe(ConnectionState.Waiting);
        bench.Pass(0.2 * Second);
        bench.Engine.State.ShouldBe(ConnectionState.Connecting);
    }

    [Fact]
    public void A_token_is_renewed_in_band_before_it_expires()
    {
        var bench = new EngineBench().Start();
        bench.Open();
        bench.Receive(Welcome(tokenLifetime: TimeSpan.FromMinutes(10)), Commit(0));
        for (var i = 0; i < 53; i++)
        {
            bench.Pass(10 * Second).Receive(new PongFrame(0, 1_800_000_000_000).Write);
            bench.Sent().OfType<TokenFrame>().ShouldBeEmpty();
        }

        bench.Pass(10 * Second);

        bench.Sent().OfType<TokenFrame>().Single().Token.ShouldBe("token-2");
        bench.Receive(new TokenAcceptedFrame(1_800_000_000_000 + (20 * 60_000)).Write);
        bench.TokensAsked.ShouldBe(2);
    }

    [Theory]
    [InlineData(4200)]
    [InlineData(4201)]
    [InlineData(4202)]
    public void A_refused_token_is_replaced_before_the_next_Hello(int code)
    {
        var bench = new EngineBench().Ready();
        bench.Close(code).Pass(Second);
        bench.Open().Token.ShouldBe("token-2");
    }

    [Fact]
    public void A_token_callback_that_fails_is_asked_again_with_backoff()
    {
        var bench = new EngineBench { AutoToken = false };
        bench.Start();
        for (var i = 0; i < 20; i++)
        {
            bench.Engine.OnTokenFailed(bench.Time);
            bench.Status.LastWords.ShouldNotBeNull();
            bench.Pass(31 * Second);
        }
        bench.TokensAsked.ShouldBeInRange(18, 21);
    }

    [Fact]
    public void A_connection_that_just_broke_is_told_in_words_until_the_next_is_ready()
    {
        var bench = new EngineBench().Ready();
        bench.Close(0);
        bench.Status.LastWords.ShouldNotBeNull();
        bench.Pass(31 * Second).Ready();
        bench.Status.LastWords.ShouldBeNull();
    }

    [Fact]
    public void Typing_without_a_connection_is_refused_and_never_replayed()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic());
        bench.Engine.Signal("conversation/c1", SignalTypes.Typing, new TypingSignal(true).ToBytes(), bench.Time).ShouldBeTrue();
        bench.Sent().OfType<SignalFrame>().ShouldHaveSingleItem();
        bench.Close(0);
        bench.Engine.Signal("conversation/c1", SignalTypes.Typing, new TypingSignal(true).ToBytes(), bench.Time).ShouldBeFalse();

        bench.Pass(Second).Ready().Receive(Topic());

        bench.Sent().OfType<SignalFrame>().ShouldBeEmpty();
    }

    [Fact]
    public void In_the_background_the_gateway_is_told_so_on_every_connection()
    {
        var bench = new EngineBench().Ready();
        bench.Engine.SetForeground(false, bench.Time);
        bench.Sent().OfType<DeviceStateFrame>().Single().Foreground.ShouldBeFalse();
        bench.Close(0).Pass(Second).Ready();
        bench.Sent().OfType<DeviceStateFrame>().Single().Foreground.ShouldBeFalse();
    }
}
