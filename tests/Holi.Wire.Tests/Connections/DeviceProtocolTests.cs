using CsCheck;
using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

public sealed class DeviceProtocolTests
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan WaitAfter(DeviceState state, int status, Func<double> random)
    {
        var device = ConnectionsInState.Device(state, S(100), random);
        device.OnClosed(status, S(101));
        device.State.ShouldBe(DeviceState.Waiting);
        return device.NextDeadline == TimeSpan.MaxValue ? TimeSpan.MaxValue : device.NextDeadline - S(101);
    }

    [Fact]
    public void It_connects_at_once_and_says_so_once()
    {
        var device = new DeviceProtocol(new Backoff(() => 0.5), S(7));
        device.NextDeadline.ShouldBe(S(7));
        device.Poll(S(7)).ShouldBe(DeviceAction.Connect);
        device.Poll(S(7)).ShouldBe(DeviceAction.None);
    }

    [Theory]
    [InlineData(DeviceState.Connecting, 20)]
    [InlineData(DeviceState.Opening, 10)]
    [InlineData(DeviceState.Draining, 10)]
    public void A_state_that_lasts_too_long_drops_the_connection(DeviceState state, double seconds)
    {
        var device = ConnectionsInState.Device(state, S(1));
        device.NextDeadline.ShouldBe(S(1 + seconds));
        device.Poll(S(1 + seconds - 0.001)).ShouldBe(DeviceAction.None);
        device.Poll(S(1 + seconds)).ShouldBe(DeviceAction.Drop);
        device.State.ShouldBe(DeviceState.Waiting);
        device.Poll(device.NextDeadline).ShouldBe(DeviceAction.Connect);
    }

    [Fact]
    public void A_silent_connection_is_pinged_and_dropped()
    {
        var device = ConnectionsInState.Device(DeviceState.Ready, S(0));
        device.OnSent(S(20));
        device.Poll(S(30)).ShouldBe(DeviceAction.SendPing, "nothing was heard");
        device.Poll(S(40)).ShouldBe(DeviceAction.Drop);
        device.State.ShouldBe(DeviceState.Waiting);
        device.NextDeadline.ShouldBeLessThanOrEqualTo(S(40.25));
    }

    [Theory]
    [InlineData(DeviceState.Connecting, 0, 0.5, "the first failure")]
    [InlineData(DeviceState.Opening, 1006, 0.5, "the first failure")]
    [InlineData(DeviceState.Opening, 4200, 0.5, "the first failure")]
    [InlineData(DeviceState.Ready, 1006, 0.25, "the network's doing")]
    [InlineData(DeviceState.Ready, 4001, 0.25, "at once")]
    [InlineData(DeviceState.Ready, 4104, 0.5, "refused soon after Welcome")]
    [InlineData(DeviceState.Ready, 4404, 30.25, "somebody's bug")]
    public void The_wait_is_that_of_the_codes_range(DeviceState state, int status, double most, string because)
    {
        WaitAfter(state, status, () => 0.9999999).TotalSeconds.ShouldBe(most, 0.001, because);
        WaitAfter(state, status, () => 0).TotalSeconds.ShouldBe(status == 4404 ? 30 : 0, 0.001, because);
    }

    [Fact]
    public void A_gateway_that_welcomes_and_refuses_again_and_again_is_asked_ever_more_rarely()
    {
        var device = ConnectionsInState.Device(DeviceState.Waiting, random: () => 0.9999999);
        var now = S(0);
        foreach (var seconds in new[] { 0.5, 1, 2, 4, 8, 16, 30, 30 })
        {
            device.Poll(now).ShouldBe(DeviceAction.Connect);
            device.OnOpened(now);
            device.OnWelcome(S(30), now);
            device.OnClosed((int)HoliCode.StorageUnavailable, now).ShouldBe(CodeAction.RetryLater);
            (device.NextDeadline - now).TotalSeconds.ShouldBe(seconds, 0.001);
            now = device.NextDeadline;
        }

        // One that served for half a minute begins anew.
        device.Poll(now);
        device.OnOpened(now);
        device.OnWelcome(S(30), now);
        device.OnClosed((int)HoliCode.StorageUnavailable, now += S(30));
        (device.NextDeadline - now).TotalSeconds.ShouldBe(0.5, 0.001);
    }

    [Fact]
    public void GoAway_waits_for_the_close_and_then_for_the_hint()
    {
        var device = ConnectionsInState.Device(DeviceState.Draining, S(100));
        device.OnClosed((int)HoliCode.GoingAway, S(103)).ShouldBe(CodeAction.RetryNow);
        device.NextDeadline.ShouldBe(S(103 + 2 + 2));
        device.Wake(S(104));
        device.NextDeadline.ShouldBe(S(107), "the gateway asked for this time");
        device.Retry(S(104));
        device.NextDeadline.ShouldBe(S(104), "the person may ask any time");
    }

    [Fact]
    public void A_second_GoAway_changes_the_hint()
    {
        var device = ConnectionsInState.Device(DeviceState.Draining, S(100));
        device.OnGoAway(S(9), S(0), S(101));
        device.OnClosed(0, S(102));
        device.NextDeadline.ShouldBe(S(111));
    }

    [Theory]
    [InlineData(DeviceState.Ready)]
    [InlineData(DeviceState.Draining)]
    [InlineData(DeviceState.Opening)]
    public void Giving_up_lasts_until_the_person_or_the_app_asks(DeviceState state)
    {
        var device = ConnectionsInState.Device(state, S(100));
        device.OnClosed((int)HoliCode.Fenced, S(101)).ShouldBe(CodeAction.GiveUp);
        device.HasGivenUp.ShouldBeTrue();
        device.Wake(S(102));
        device.Poll(S(1_000_000)).ShouldBe(DeviceAction.None);
        device.Retry(S(1_000_001));
        device.Poll(S(1_000_001)).ShouldBe(DeviceAction.Connect);
    }

    [Fact]
    public void The_network_that_comes_back_ends_the_wait_at_once()
    {
        var device = ConnectionsInState.Device(DeviceState.Connecting, random: () => 0.9999999);
        var now = S(0);
        for (var i = 0; i < 10; i++)
        {
            device.OnClosed(0, now);
            now = device.NextDeadline;
            device.Poll(now).ShouldBe(DeviceAction.Connect);
        }
        device.OnClosed(0, now);
        device.Wake(now += S(1));
        device.Poll(now).ShouldBe(DeviceAction.Connect);

        // And if it comes back during an attempt that then fails, the next one is immediate.
        device.Wake(now);
        device.OnClosed(0, now);
        device.NextDeadline.ShouldBe(now);
    }

    [Fact]
    public void The_network_that_changes_makes_an_open_connection_suspect()
    {
        var ready = ConnectionsInState.Device(DeviceState.Ready, S(0));
        ready.Wake(S(5));
        ready.Poll(S(5)).ShouldBe(DeviceAction.SendPing);
        ready.Poll(S(8)).ShouldBe(DeviceAction.Drop);

        var opening = ConnectionsInState.Device(DeviceState.Opening, S(0));
        opening.Wake(S(5));
        opening.NextDeadline.ShouldBe(S(8));
        opening.Wake(S(7));
        opening.NextDeadline.ShouldBe(S(8));
    }

    [Fact]
    public void A_close_of_what_was_dropped_already_changes_nothing()
    {
        var device = ConnectionsInState.Device(DeviceState.Opening, S(0));
        device.Poll(S(10)).ShouldBe(DeviceAction.Drop);
        var next = device.NextDeadline;
        device.OnClosed((int)HoliCode.Fenced, S(10)).ShouldBe(CodeAction.GiveUp);
        device.NextDeadline.ShouldBe(next);
    }

    [Fact]
    public void A_state_is_entered_only_from_the_one_before()
    {
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Device(DeviceState.Waiting).OnOpened(default));
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Device(DeviceState.Ready).OnWelcome(S(1), default));
        Should.Throw<InvalidOperationException>(() => ConnectionsInState.Device(DeviceState.Opening).OnGoAway(default, default, default));
    }

    [Fact]
    public void Whatever_happens_it_never_stops_trying_unless_a_code_says_so()
    {
        var statuses = Gen.OneOf(0, 1000, 1006, 4000, 4001, 4100, 4104, 4200, 4300, 4301, 4404, 4699, 9999);
        Gen.Select(Gen.Int, Gen.Select(Gen.Int[0, 5], statuses, Gen.Double[0, 40]).Array[1, 100]).Sample((seed, steps) =>
        {
            var device = new DeviceProtocol(new Backoff(new Random(seed).NextDouble), S(0));
            var now = S(0);
            foreach (var (step, status, wait) in steps)
            {
                now += S(wait);
                while (device.Poll(now) is DeviceAction.Connect or DeviceAction.Drop or DeviceAction.SendPing)
                {
                }
                if (step == 0)
                    device.OnClosed(status, now);
                else if (step == 1)
                    device.Wake(now);
                else if (step == 2 && device.State >= DeviceState.Ready)
                    device.OnGoAway(S(wait), S(wait), now);
                else if (step >= 3 && device.State == DeviceState.Connecting)
                    device.OnOpened(now);
                else if (step >= 3 && device.State == DeviceState.Opening)
                    device.OnWelcome(S(30), now);
                else
                    device.OnReceived(now);
                device.HasGivenUp.ShouldBeFalse();
                // 40 s of hint and 40 s of spread, or 30 s and a bug's 30 s, are the longest waits there are.
                device.NextDeadline.ShouldBeLessThanOrEqualTo(now + S(80));
            }
        }, iter: 500);
    }
}
