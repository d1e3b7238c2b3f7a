using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Health;
using Microsoft.Extensions.Time.Testing;

namespace Holi.Gateway.Tests.Ops.Health;

/// <summary>Readiness: which dependency fails, since when, and whether that keeps devices away.</summary>
public sealed class GatewayHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly GatewayHealth _health;
    private CommitHealth _commits = new(null, null, false);

    public GatewayHealthTests() => _health = new GatewayHealth("postgres", () => _commits, _time);

    [Fact]
    public void A_gateway_whose_log_fails_is_not_ready_and_says_since_when_until_it_works_again()
    {
        var since = _time.GetUtcNow();
        _health.Log.Fails("cannot be reached");
        _time.Advance(TimeSpan.FromMinutes(1));
        _health.Log.Fails("still not");
        _health.Readiness(false).ShouldBe(new Readiness("failing", "still not", since));
        _health.Dependencies()[0].ShouldBe(new DependencyHealth("postgres", true, since, "still not", null));
        _health.Log.Works(TimeSpan.FromMilliseconds(3));
        _health.Readiness(false).ShouldBe(new Readiness("ready", null, null));
        _health.Dependencies()[0].Lag.ShouldBe(TimeSpan.FromMilliseconds(3));
    }

    [Fact]
    public void Redis_is_reported_and_keeps_nobody_away()
    {
        var redis = _health.Add("redis", isRequired: false);
        var since = _time.GetUtcNow();
        redis.Fails("hangs");
        _health.Readiness(false).IsReady.ShouldBeTrue();
        _health.Dependencies()[1].ShouldBe(new DependencyHealth("redis", false, since, "hangs", null));
    }

    [Fact]
    public void A_log_that_can_be_read_and_not_written_fails()
    {
        var since = _time.GetUtcNow();
        _health.Log.Works(TimeSpan.Zero);
        _commits = new CommitHealth(since, "disk full while committing", false);
        _health.Readiness(false).ShouldBe(new Readiness("failing", "disk full while committing", since));
    }

    [Fact]
    public void It_has_failed_since_the_first_of_reading_and_writing_did()
    {
        var since = _time.GetUtcNow();
        _health.Log.Fails("cannot be reached while reading");
        _time.Advance(TimeSpan.FromSeconds(5));
        _commits = new CommitHealth(_time.GetUtcNow(), "cannot be reached while committing", false);
        _health.Dependencies()[0].ShouldBe(new DependencyHealth("postgres", true, since, "cannot be reached while committing", null));
    }

    [Fact]
    public void A_committer_that_ended_needs_a_restart_and_a_drain_is_no_failure()
    {
        _commits = _commits with { Ended = true };
        _health.Readiness(false).State.ShouldBe("failed");
        _health.Readiness(true).ShouldBe(new Readiness("draining", null, null));
    }

    [Fact]
    public void Fallbacks_in_force_are_named()
    {
        var isPolling = false;
        _health.Fallbacks.Add("polling", () => isPolling);
        _health.Fallbacks.Add("notify", () => false);
        _health.Fallbacks.Active.ShouldBeEmpty();
        isPolling = true;
        _health.Fallbacks.Active.ShouldBe(["polling"]);
    }
}
