using CsCheck;
using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

public sealed class HeartbeatTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(30);

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void A_device_that_sent_nothing_for_the_heartbeat_pings_though_it_hears_much()
    {
        var heartbeat = new Heartbeat(Beat, S(0));
        for (var second = 1; second < 30; second++)
            heartbeat.OnReceived(S(second));
        heartbeat.Poll(S(29.9)).ShouldBe(HeartbeatAction.None);
        heartbeat.NextDeadline.ShouldBe(S(30));
        heartbeat.Poll(S(30)).ShouldBe(HeartbeatAction.SendPing);
        heartbeat.Poll(S(30)).ShouldBe(HeartbeatAction.None);
    }

    [Fact]
    public void A_device_that_heard_nothing_for_the_heartbeat_pings_though_it_sends_much()
    {
        var heartbeat = new Heartbeat(Beat, S(0));
        for (var second = 1; second < 30; second++)
            heartbeat.OnSent(S(second));
        heartbeat.Poll(S(30)).ShouldBe(HeartbeatAction.SendPing);
    }

    [Fact]
    public void Ten_seconds_of_silence_after_a_ping_are_death_and_anything_heard_is_life()
    {
        var heartbeat = new Heartbeat(Beat, S(0));
        heartbeat.Poll(S(30));
        heartbeat.NextDeadline.ShouldBe(S(40));
        heartbeat.OnReceived(S(39.9));
        heartbeat.Poll(S(40)).ShouldBe(HeartbeatAction.None);

        heartbeat.Poll(S(60)).ShouldBe(HeartbeatAction.SendPing);
        heartbeat.OnSent(S(65));
        heartbeat.Poll(S(69.9)).ShouldBe(HeartbeatAction.None);
        heartbeat.Poll(S(70)).ShouldBe(HeartbeatAction.Dead);
        heartbeat.Poll(S(80)).ShouldBe(HeartbeatAction.Dead);
    }

    [Fact]
    public void A_suspect_connection_is_pinged_at_once_and_given_3_s()
    {
        var heartbeat = new Heartbeat(Beat, S(0));
        heartbeat.Suspect(S(5));
        heartbeat.NextDeadline.ShouldBeLessThanOrEqualTo(S(5));
        heartbeat.Poll(S(5)).ShouldBe(HeartbeatAction.SendPing);
        heartbeat.NextDeadline.ShouldBe(S(8));
        heartbeat.Poll(S(8)).ShouldBe(HeartbeatAction.Dead);
    }

    [Fact]
    public void Suspicion_shortens_a_wait_and_never_lengthens_one()
    {
        var waiting = new Heartbeat(Beat, S(0));
        waiting.Poll(S(30));
        waiting.Suspect(S(31));
        waiting.Poll(S(31)).ShouldBe(HeartbeatAction.SendPing);
        waiting.NextDeadline.ShouldBe(S(34));
        waiting.Poll(S(34)).ShouldBe(HeartbeatAction.Dead);

        var nearlyDead = new Heartbeat(Beat, S(0));
        nearlyDead.Poll(S(30));
        nearlyDead.Suspect(S(39));
        nearlyDead.Poll(S(40)).ShouldBe(HeartbeatAction.Dead);
    }

    [Fact]
    public void A_device_that_slept_pings_before_it_judges()
    {
        var heartbeat = new Heartbeat(Beat, S(0));
        heartbeat.Suspect(S(5));
        heartbeat.Poll(S(500)).ShouldBe(HeartbeatAction.SendPing);
        heartbeat.NextDeadline.ShouldBe(S(503));
    }

    private enum Happens
    {
        Sent,
        Received,
        Suspected,
    }

    [Fact]
    public void Silence_is_noticed_within_the_heartbeat_and_10_s_whatever_happens_else()
    {
        var events = Gen.Select(Gen.Double[0, 20], Gen.Enum<Happens>()).Array[0, 60];
        Gen.Select(events, Gen.Double[0, 20].Array[0, 30], Gen.Double[1, 60]).Sample((before, sendsAfter, beat) =>
        {
            var heartbeat = new Heartbeat(S(beat), S(0));
            var now = S(0);
            foreach (var (wait, happens) in before)
            {
                if (RunUntil(heartbeat, now += S(wait), answered: true))
                    Assert.Fail("dead though each ping was answered");
                Happen(heartbeat, happens, now);
                RunUntil(heartbeat, now, answered: true).ShouldBeFalse();
            }

            // From here on the line is cut, and the device goes on talking into it.
            var deadBy = now + S(beat) + Heartbeat.PingWait;
            foreach (var wait in sendsAfter)
            {
                if (now + S(wait) >= deadBy || RunUntil(heartbeat, now += S(wait), answered: false))
                    break;
                heartbeat.OnSent(now);
            }
            RunUntil(heartbeat, deadBy, answered: false).ShouldBeTrue();
        }, iter: 1_000);
    }

    private static void Happen(Heartbeat heartbeat, Happens happens, TimeSpan now)
    {
        if (happens == Happens.Sent)
            heartbeat.OnSent(now);
        else if (happens == Happens.Received)
            heartbeat.OnReceived(now);
        else
            heartbeat.Suspect(now);
    }

    /// <summary>Polls at each deadline up to <paramref name="until"/>, as the loop does; answers pings where asked. True where dead.</summary>
    private static bool RunUntil(Heartbeat heartbeat, TimeSpan until, bool answered)
    {
        while (heartbeat.NextDeadline <= until)
        {
            var at = heartbeat.NextDeadline;
            var action = heartbeat.Poll(at);
            if (action == HeartbeatAction.Dead)
                return true;
            if (action == HeartbeatAction.SendPing && answered)
                heartbeat.OnReceived(at);
        }
        return false;
    }

    [Fact]
    public void A_gateway_waits_for_two_heartbeats_and_5_s() => Heartbeat.GatewayPatience(Beat).ShouldBe(S(65));

    [Fact]
    public void A_heartbeat_of_nothing_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Heartbeat(TimeSpan.Zero, S(0)));
}
