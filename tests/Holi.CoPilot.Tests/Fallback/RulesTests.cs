using CsCheck;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Tests.Fallback;

/// <summary>Order, shares of time, rates and failures: what decides, without anything that waits.</summary>
public sealed class RulesTests
{
    private static readonly string[] Providers = ["cloud-1", "local-1", "cloud-2", "local-2"];

    [Theory]
    [InlineData(NoteRoute.CloudFirst, null, false, "cloud-1 cloud-2 local-1 local-2")]
    [InlineData(NoteRoute.LocalFirst, null, false, "local-1 local-2 cloud-1 cloud-2")]
    [InlineData(NoteRoute.LocalOnly, null, false, "local-1 local-2")]
    [InlineData(NoteRoute.CloudFirst, NoteRoute.LocalOnly, false, "local-1 local-2")]
    [InlineData(NoteRoute.LocalOnly, NoteRoute.CloudFirst, false, "cloud-1 cloud-2 local-1 local-2")]
    [InlineData(NoteRoute.CloudFirst, NoteRoute.CloudFirst, true, "local-1 local-2")]
    public void The_tenant_decides_where_it_goes_and_a_request_can_only_keep_it_in_the_building(NoteRoute all, NoteRoute? tenant, bool localOnly, string order) =>
        string.Join(' ', ProviderOrder.Of(
            Providers, name => name.StartsWith("cloud", StringComparison.Ordinal) ? ProviderPlace.Cloud : ProviderPlace.Local, all, new PrivacyPolicy { Route = tenant }, localOnly)).ShouldBe(order);

    [Fact]
    public void Identifiers_are_taken_out_for_the_cloud_unless_the_tenant_says_otherwise()
    {
        ProviderOrder.Redacts(ProviderPlace.Cloud, new PrivacyPolicy()).ShouldBeTrue();
        ProviderOrder.Redacts(ProviderPlace.Local, new PrivacyPolicy()).ShouldBeFalse();
        ProviderOrder.Redacts(ProviderPlace.Cloud, new PrivacyPolicy { RedactsCloud = false }).ShouldBeFalse();
        ProviderOrder.Redacts(ProviderPlace.Local, new PrivacyPolicy { RedactsLocal = true }).ShouldBeTrue();
    }

    [Fact]
    public void However_many_providers_hang_their_shares_leave_time_for_the_template() => Gen.Select(Gen.Int[1, 900_000], Gen.Int[1, 6]).Sample((milliseconds, count) =>
    {
        var budget = TimeSpan.FromMilliseconds(milliseconds);
        var (until, spent) = (TimeShares.ForProviders(budget), TimeSpan.Zero);
        for (var i = 0; i < count; i++)
            spent += TimeShares.ForNext(until - spent, count - i - 1);
        spent.ShouldBeLessThanOrEqualTo(until);
        until.ShouldBeLessThan(TimeShares.ForWaiting(budget));
        TimeShares.ForWaiting(budget).ShouldBeLessThan(budget);
    }, iter: 2_000);

    [Fact]
    public void A_rate_lets_so_many_through_in_any_minute_and_says_how_long_to_wait()
    {
        var rate = new CallRate(50);
        for (var i = 0; i < 50; i++)
            rate.Take(TimeSpan.FromSeconds(i)).ShouldBe(TimeSpan.Zero);
        rate.Take(TimeSpan.FromSeconds(50)).ShouldBe(TimeSpan.FromSeconds(10));
        rate.Take(TimeSpan.FromSeconds(60)).ShouldBe(TimeSpan.Zero);
        rate.Take(TimeSpan.FromSeconds(60)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(401, "refused")]
    [InlineData(403, "refused")]
    [InlineData(400, "rejected")]
    [InlineData(404, "rejected")]
    [InlineData(302, "rejected")]
    [InlineData(429, "throttled")]
    [InlineData(503, "overloaded")]
    [InlineData(529, "overloaded")]
    [InlineData(500, "failed")]
    public void A_status_has_a_word(int status, string word) => FailureRules.Word(FailureRules.OfStatus(status)).ShouldBe(word);

    [Fact]
    public void A_caller_in_a_hurry_does_not_close_a_provider_to_others()
    {
        FailureRules.CountsAgainst(ProviderFailure.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)).ShouldBeFalse();
        FailureRules.CountsAgainst(ProviderFailure.Timeout, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)).ShouldBeTrue();
        FailureRules.CountsAgainst(ProviderFailure.Outrun, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(5)).ShouldBeFalse();
    }
}
