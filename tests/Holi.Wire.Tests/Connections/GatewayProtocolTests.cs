using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

public sealed class GatewayProtocolTests
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static void Closes(GatewayProtocol gateway, TimeSpan at, HoliCode code)
    {
        gateway.NextDeadline.ShouldBe(at);
        gateway.Poll(at - TimeSpan.FromTicks(1)).ShouldBe(HoliCode.None);
        gateway.Poll(at).ShouldBe(code);
        gateway.Close();
        gateway.Poll(at).ShouldBe(HoliCode.None);
        gateway.NextDeadline.ShouldBe(TimeSpan.MaxValue);
    }

    [Fact]
    public void No_hello_in_5_s_closes_4103_however_much_else_comes()
    {
        var gateway = new GatewayProtocol(S(100));
        gateway.OnReceived(S(104.9));
        Closes(gateway, S(105), HoliCode.HelloTimeout);
    }

    [Fact]
    public void A_hello_that_is_not_decided_in_10_s_closes_4100()
    {
        var gateway = new GatewayProtocol(S(100));
        gateway.Authenticate(500, S(101));
        gateway.OnReceived(S(104));
        Closes(gateway, S(111), HoliCode.Overloaded);
    }

    [Fact]
    public void Hello_and_what_comes_before_it_is_accepted_hold_at_most_one_largest_frame()
    {
        GatewayProtocol.HeldBytesMax.ShouldBe(16_388);
        new GatewayProtocol(default).Authenticate(16_388, default).ShouldBe(Violation.None);
        new GatewayProtocol(default).Authenticate(16_389, default).Code.ShouldBe(HoliCode.CreditExceeded);

        var gateway = new GatewayProtocol(default);
        gateway.Authenticate(10_000, default).ShouldBe(Violation.None);
        gateway.Hold(6_388).ShouldBe(Violation.None);
        gateway.Hold(1).ShouldBe(new Violation(HoliCode.CreditExceeded, "12"));
    }

    [Fact]
    public void Commands_that_overtook_Welcome_are_within_the_same_bytes()
    {
        var gateway = new GatewayProtocol(default);
        gateway.Authenticate(10_000, default).ShouldBe(Violation.None);
        gateway.Hold(388).ShouldBe(Violation.None);
        gateway.Welcome(new GatewayCommands(0, 1, 1), S(25), S(100), default);
        gateway.MayBeBlind(5_999).ShouldBeTrue();
        gateway.MayBeBlind(1).ShouldBeTrue();
        gateway.MayBeBlind(1).ShouldBeFalse();
        gateway.MayBeBlind(0).ShouldBeFalse("and from then on none is");
    }

    [Fact]
    public void Silence_for_two_heartbeats_and_5_s_closes_4001()
    {
        var gateway = ConnectionsInState.Gateway(GatewayState.Ready, S(10));
        gateway.NextDeadline.ShouldBe(S(10 + 65));
        gateway.OnReceived(S(40));
        Closes(gateway, S(40 + 65), HoliCode.Silent);
    }

    [Fact]
    public void A_token_that_expires_closes_4200_even_a_busy_connection_unless_renewed()
    {
        var gateway = ConnectionsInState.Gateway(GatewayState.Ready);
        var expires = ConnectionsInState.TokenTime;
        gateway.RenewToken(expires + S(10));
        gateway.OnReceived(expires);
        gateway.Poll(expires).ShouldBe(HoliCode.None);
        Closes(gateway, expires + S(10), HoliCode.TokenExpired);
    }

    [Fact]
    public void A_drain_closes_with_its_code_when_commits_are_finished()
    {
        var gateway = ConnectionsInState.Gateway(GatewayState.Ready);
        gateway.Commands!.OnCommand(1, 10, out _).ShouldBe(SeqVerdict.Take);
        gateway.Drain(HoliCode.Overloaded, S(1));
        gateway.Poll(S(1)).ShouldBe(HoliCode.None);
        gateway.Commands.OnCommitted(1);
        gateway.Poll(S(1)).ShouldBe(HoliCode.Overloaded);
    }

    [Fact]
    public void A_drain_closes_after_5_s_though_commits_are_not_finished()
    {
        var gateway = ConnectionsInState.Gateway(GatewayState.Ready);
        gateway.Commands!.OnCommand(1, 10, out _);
        gateway.Drain(HoliCode.GoingAway, S(1));
        gateway.OnReceived(S(5));
        Closes(gateway, S(6), HoliCode.GoingAway);
    }

    [Fact]
    public void Commits_may_still_be_told_after_the_close()
    {
        var gateway = ConnectionsInState.Gateway(GatewayState.Ready);
        gateway.Commands!.OnCommand(1, 10, out _);
        gateway.Close();
        gateway.Close();
        gateway.Commands.OnCommitted(1);
    }

    [Fact]
    public void A_state_is_entered_only_from_the_one_before()
    {
        var commands = new GatewayCommands(0, 1, 1);
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Gateway(GatewayState.Ready).Authenticate(1, default));
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Gateway(GatewayState.Ready).Hold(1));
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Gateway(GatewayState.Opened).Welcome(commands, S(1), S(1), S(1)));
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Gateway(GatewayState.Closed).Drain(HoliCode.GoingAway, default));
    }

    [Fact]
    public void Twenty_pings_in_10_s_are_fine_for_ever_and_one_more_is_4416()
    {
        var gateway = ConnectionsInState.Gateway(GatewayState.Ready);
        for (var window = 0; window < 5; window++)
        {
            for (var ping = 0; ping < 20; ping++)
                gateway.OnPing(S((window * 10) + (ping / 2.0))).ShouldBe(Violation.None);
        }
        gateway.OnPing(S(49.9)).ShouldBe(new Violation(HoliCode.PingFlood, "11.1"));
    }

    [Fact]
    public void A_ping_flood_is_noticed_by_its_41st_ping_whenever_it_begins()
    {
        for (var lead = 0.0; lead < 10; lead += 0.7)
        {
            var gateway = ConnectionsInState.Gateway(GatewayState.Ready);
            gateway.OnPing(S(0));
            Enumerable.Range(0, 41).Any(ping => !gateway.OnPing(S(lead + (ping * 0.01))).IsNone).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_quiet_connection_costs_a_few_hundred_bytes()
    {
        // The first time anywhere in this process, the pool makes its own tables.
        Quiet();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Quiet();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThanOrEqualTo(256);

        static void Quiet()
        {
            var gateway = new GatewayProtocol(default);
            gateway.Authenticate(1_000, default);
            gateway.Welcome(new GatewayCommands(5, 10, 1_000), S(30), S(3_600), default);
            gateway.Commands!.OnCommand(6, 10, out _);
            gateway.Commands.OnCommitted(6);
        }
    }
}
