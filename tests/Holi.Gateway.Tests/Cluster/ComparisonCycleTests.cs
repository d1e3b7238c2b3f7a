using Holi.Gateway.Cluster;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>L: what can have changed is looked at, and nothing else is.</summary>
public sealed class ComparisonCycleTests
{
    private readonly ComparisonCycle _cycle = new();

    [Fact]
    public void Nothing_is_looked_for_once_all_was_compared_and_nothing_has_happened_since_that_began()
    {
        var mark = new ComparisonMark("7", 1);
        _cycle.IsIdle(mark).ShouldBeFalse("nothing was compared yet");
        Slice(mark, 2_000);
        _cycle.IsIdle(mark).ShouldBeFalse("in the midst of it");
        Slice(mark, 0);
        _cycle.IsIdle(mark).ShouldBeTrue();
        _cycle.IsIdle(mark with { Others = "8" }).ShouldBeFalse("another gateway has committed");
        _cycle.IsIdle(mark with { Here = 2 }).ShouldBeFalse("somebody follows another topic");
    }

    [Fact]
    public void What_happens_while_slices_are_compared_is_looked_for_in_a_cycle_of_its_own()
    {
        Slice(new ComparisonMark("7", 1), 2_000);
        var later = new ComparisonMark("8", 1);
        Slice(later, 0);
        _cycle.IsIdle(later).ShouldBeFalse("the first slice was compared before");
        Slice(later, 2_000);
        Slice(later, 0);
        _cycle.IsIdle(later).ShouldBeTrue();
    }

    [Fact]
    public void Where_it_is_not_known_what_others_do_and_where_something_may_have_been_missed_all_is_compared()
    {
        var unknown = new ComparisonMark(null, 1);
        Slice(unknown, 0);
        _cycle.IsIdle(unknown).ShouldBeFalse();
        var mark = new ComparisonMark("7", 1);
        Slice(mark, 0);
        _cycle.Restart();
        _cycle.IsIdle(mark).ShouldBeFalse();
    }

    private void Slice(ComparisonMark mark, int next)
    {
        _cycle.Begin(mark);
        _cycle.Advance(next);
    }
}
