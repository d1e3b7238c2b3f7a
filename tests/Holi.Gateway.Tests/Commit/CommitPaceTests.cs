using Holi.Gateway.Commit;

namespace Holi.Gateway.Tests.Commit;

/// <summary>When the next batch may begin: at once for one who is alone, a little apart where batches come back to back.</summary>
public sealed class CommitPaceTests
{
    private readonly CommitPace _pace = new(new CommitLimits { BatchSpacing = TimeSpan.FromMilliseconds(4), GatherInputs = 10 });

    [Fact]
    public void Who_is_alone_never_waits()
    {
        for (var ms = 0; ms < 20; ms++)
        {
            _pace.Remaining(At(ms), 1).ShouldBe(TimeSpan.Zero);
            _pace.Began(At(ms), 1);
            _pace.Ended(waiting: 0);
        }
    }

    [Fact]
    public void What_came_meanwhile_gathers_from_the_last_beginning_on()
    {
        BackToBack(at: 100);
        _pace.Remaining(At(101), 1).ShouldBe(TimeSpan.FromMilliseconds(3));
        _pace.Remaining(At(104), 1).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void It_goes_on_gathering_while_that_brings_inputs_together()
    {
        BackToBack(at: 100);
        _pace.Began(At(104), 3);
        _pace.Ended(waiting: 0);
        _pace.Remaining(At(105), 1).ShouldBe(TimeSpan.FromMilliseconds(3));
    }

    [Fact]
    public void A_batch_of_one_ends_it()
    {
        BackToBack(at: 100);
        _pace.Began(At(104), 1);
        _pace.Ended(waiting: 0);
        _pace.Remaining(At(105), 1).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Many_wait_for_no_others()
    {
        BackToBack(at: 100);
        _pace.Remaining(At(101), 9).ShouldNotBe(TimeSpan.Zero);
        _pace.Remaining(At(101), 10).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Less_than_a_timers_step_is_not_waited_for()
    {
        BackToBack(at: 100);
        _pace.Remaining(At(103), 1).ShouldBe(TimeSpan.FromMilliseconds(1));
        _pace.Remaining(At(103.1), 1).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Without_spacing_it_never_waits()
    {
        var pace = new CommitPace(new CommitLimits { BatchSpacing = TimeSpan.Zero });
        pace.Began(At(1), 5);
        pace.Ended(waiting: 5);
        pace.Remaining(At(1), 1).ShouldBe(TimeSpan.Zero);
    }

    private void BackToBack(double at)
    {
        _pace.Began(At(at), 1);
        _pace.Ended(waiting: 1);
    }

    private static TimeSpan At(double ms) => TimeSpan.FromMilliseconds(ms);
}
