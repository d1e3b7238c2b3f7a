using Holi.Gateway.Commit;

namespace Holi.Gateway.Tests.Commit;

/// <summary>Who waits for company in a batch, and who does not.</summary>
public sealed class BatchPaceTests
{
    private static readonly CommitLimits Limits = new();

    private readonly BatchPace _pace = new(Limits);
    private TimeSpan _now = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_message_that_is_alone_waits_for_nobody()
    {
        _pace.Wait(1, _now).ShouldBe(TimeSpan.Zero, "the first");
        for (var n = 0; n < 1_000; n++)
        {
            _pace.Cut(1, _now);
            _now += TimeSpan.FromMilliseconds(3);
            _pace.Wait(1, _now).ShouldBe(TimeSpan.Zero, "300 a second share no batch");
        }
    }

    [Fact]
    public void Where_more_are_coming_batches_begin_an_interval_apart()
    {
        Busy();
        _pace.Wait(1, _now + TimeSpan.FromMilliseconds(0.5)).ShouldBe(Limits.BatchInterval - TimeSpan.FromMilliseconds(0.5));
        _pace.Wait(1, _now + Limits.BatchInterval).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_batch_that_is_large_enough_is_cut_at_once()
    {
        Busy();
        _pace.Wait(Limits.BatchInputsEnough, _now).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_burst_is_forgotten_before_the_next_lone_message_comes()
    {
        Busy();
        _now += TimeSpan.FromSeconds(1);
        _pace.Wait(1, _now).ShouldBe(TimeSpan.Zero);
        _pace.Cut(1, _now);
        _pace.Wait(1, _now + TimeSpan.FromMilliseconds(0.1)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_clock_that_stands_still_makes_nobody_wait()
    {
        for (var n = 0; n < 100; n++)
        {
            _pace.Wait(1, TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
            _pace.Cut(10, TimeSpan.Zero);
        }
    }

    // 2,000 a second.
    private void Busy()
    {
        for (var n = 0; n < 400; n++)
        {
            _now += TimeSpan.FromMilliseconds(0.5);
            _pace.Cut(1, _now);
        }
    }
}
