using Holi.Bench.Baseline;

namespace Holi.Bench.Tests.Baseline;

/// <summary>What is worse than accepted is caught, and what is only another run is not.</summary>
public sealed class ComparisonTests
{
    private static readonly Measured[] Accepted =
    [
        new("Codec.Decode", 100, 0, 0.1),
        new("Commit.Hundred", 9_000, 2_000, 9),
    ];

    [Fact]
    public void The_same_again_is_no_regression() => Regressions(Accepted).ShouldBeEmpty();

    [Fact]
    public void A_slower_machine_is_no_regression_while_the_ratio_is_the_same() =>
        Regressions([.. Accepted.Select(m => m with { Ns = m.Ns * 5 })]).ShouldBeEmpty();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 24)]
    [InlineData(1, 2_100)]
    public void A_planted_allocation_is_caught(int which, long bytes) =>
        Regressions(Changed(which, m => m with { Bytes = bytes })).ShouldHaveSingleItem().ShouldContain($"allocates {bytes} B");

    [Theory]
    [InlineData(1, 2_040)]
    [InlineData(1, 1_000)]
    public void A_list_that_grew_on_another_run_and_less_than_accepted_are_not(int which, long bytes) =>
        Regressions(Changed(which, m => m with { Bytes = bytes })).ShouldBeEmpty();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_planted_slowness_is_caught(int which)
    {
        var slow = Changed(which, m => m with { Ratio = m.Ratio * 2 });
        Regressions(slow).ShouldHaveSingleItem().ShouldContain("of the reference");
        Comparison.IsSlower(Accepted[which], slow[which]).ShouldBeTrue();
        Regressions(Changed(which, m => m with { Ratio = m.Ratio * 1.5 })).ShouldBeEmpty();
    }

    [Fact]
    public void A_second_look_keeps_the_better_of_both()
    {
        var disturbed = Changed(0, m => m with { Ratio = 5 });
        Regressions(Comparison.Better(disturbed, [Accepted[0] with { Ratio = 0.11 }])).ShouldBeEmpty();
        Regressions(Comparison.Better(disturbed, [Accepted[0] with { Ratio = 4 }])).ShouldHaveSingleItem();
    }

    [Fact]
    public void What_is_new_must_be_accepted_and_what_is_gone_must_be_said()
    {
        Regressions([.. Accepted, new("Lane.New", 1, 0, 1)]).ShouldHaveSingleItem().ShouldContain("not in the baseline");
        Regressions(Accepted[..1]).ShouldHaveSingleItem().ShouldContain("was not measured");
        Comparison.Regressions(Accepted, Accepted[..1], isWhole: false).ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Regressions(IReadOnlyList<Measured> measured) => Comparison.Regressions(Accepted, measured, isWhole: true);

    private static Measured[] Changed(int which, Func<Measured, Measured> change) => [.. Accepted.Select((m, i) => i == which ? change(m) : m)];
}
