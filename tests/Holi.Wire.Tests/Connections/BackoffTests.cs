using CsCheck;
using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

public sealed class BackoffTests
{
    private static double Ceiling(int failures) => Math.Min(30, 0.25 * Math.Pow(2, failures));

    [Fact]
    public void The_delay_is_within_its_ceiling_and_never_ends() =>
        Gen.Select(Gen.Int, Gen.Int[0, 3].Array[0, 300]).Sample((seed, steps) =>
        {
            var random = new Random(seed);
            var backoff = new Backoff(random.NextDouble);
            var failures = 0;
            foreach (var step in steps)
            {
                if (step == 0 && random.Next(10) == 0)
                {
                    backoff.Reset();
                    failures = 0;
                }
                else if (step > 0)
                {
                    backoff.Failed();
                    failures++;
                }
                backoff.NextDelay().TotalSeconds.ShouldBeInRange(0, Ceiling(failures));
            }
        }, iter: 300);

    [Fact]
    public void The_ceilings_are_those_of_section_12()
    {
        var backoff = new Backoff(() => 0.9999999);
        foreach (var seconds in new[] { 0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30 })
        {
            backoff.NextDelay().TotalSeconds.ShouldBe(seconds, 0.001);
            backoff.Failed();
        }
        for (var i = 0; i < 10_000; i++)
            backoff.Failed();
        backoff.NextDelay().TotalSeconds.ShouldBe(30, 0.001);
    }

    [Fact]
    public void A_collapse_makes_the_next_delay_zero_once_and_begins_anew()
    {
        var backoff = new Backoff(() => 0.9999999);
        for (var i = 0; i < 20; i++)
            backoff.Failed();
        backoff.Collapse();
        backoff.Failed();
        backoff.NextDelay().ShouldBe(TimeSpan.Zero);
        backoff.NextDelay().TotalSeconds.ShouldBe(0.5, 0.001);
    }

    [Theory]
    [InlineData(0, 0, 0.25)]
    [InlineData(1006, 0, 0.25)]
    [InlineData(4000, 0, 0.25)]
    [InlineData(4104, 0, 0.25)]
    [InlineData(4200, 0, 0.25)]
    [InlineData(4300, 0, 0.25)]
    [InlineData(4417, 30, 30.25)]
    [InlineData(4499, 30, 30.25)]
    public void A_code_acts_by_its_range(int status, double least, double most)
    {
        new Backoff(() => 0).NextDelayAfter(status)!.Value.TotalSeconds.ShouldBe(least, 0.001);
        new Backoff(() => 0.9999999).NextDelayAfter(status)!.Value.TotalSeconds.ShouldBe(most, 0.001);
    }

    [Fact]
    public void Only_4500_to_4599_give_up()
    {
        for (var status = 0; status < 5_000; status++)
            (new Backoff(() => 0.5).NextDelayAfter(status) is null).ShouldBe(status is >= 4500 and < 4600);
    }

    [Fact]
    public void A_hint_is_kept_and_spread()
    {
        new Backoff(() => 0).Hinted(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(2));
        new Backoff(() => 0.5).Hinted(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(7));
    }
}
